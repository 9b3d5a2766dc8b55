"""Renders docs/polling.md."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.rules import document, score

if __name__ == "__main__":
    Path("docs/polling.md").write_text(document(), encoding="utf-8")
    print(score())
