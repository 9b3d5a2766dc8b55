"""An index of stories that another version of the fingerprint has made is made anew from the stored texts."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from pipelines.config import LEDGER
from tests.pipelines.runs import rows, run
from transforms.stories.fingerprint import FINGERPRINT_VERSION


def report(copied: bool) -> str:
    """A report of its own words, and a copy of it with a line more."""
    words = random.Random(5).choices([f"dredging{n}" for n in range(4_000)], k=400)
    lines = [" ".join(words[at : at + 20]).capitalize() + "." for at in range(0, len(words), 20)]
    return "\n\n".join(["The canal commission met", *lines, *(["Our correspondent adds a line."] if copied else [])])


@pytest.mark.slow
def test_a_copy_finds_its_original_that_was_signed_by_an_earlier_version(tmp_path):
    output, documents = tmp_path / "news", tmp_path / "documents"
    documents.mkdir()
    (documents / "first.txt").write_text(report(copied=False))
    assert run(output, documents=[documents]).written == 1
    _make_it_of_an_earlier_version(output / "_state" / LEDGER)
    (documents / "second.txt").write_text(report(copied=True))
    assert run(output, documents=[documents]).written == 1
    assert rows(output, "SELECT count(*), count(DISTINCT story_id), count(near_duplicate_of) FROM articles") == [
        (2, 1, 1)
    ]
    with sqlite3.connect(output / "_state" / LEDGER) as ledger:
        assert ledger.execute("SELECT version FROM story_version").fetchall() == [(FINGERPRINT_VERSION,)]


def _make_it_of_an_earlier_version(ledger: Path) -> None:
    """The tables of before fingerprint f3, with keys that find nothing."""
    with sqlite3.connect(ledger) as db:
        db.executescript(
            "DROP INDEX story_records_filed; DROP TABLE story_keys; DROP TABLE story_version;"
            "CREATE TABLE story_bands (band INTEGER NOT NULL, record INTEGER NOT NULL);"
            "UPDATE story_records SET signature = zeroblob(length(signature));"
        )
        for column in ("facts", "published_at", "bands"):
            db.execute(f"ALTER TABLE story_records DROP COLUMN {column}")
