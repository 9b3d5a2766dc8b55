"""Fixtures of whole jobs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def prism() -> Path:
    """Beam's Prism runner, a Go program that `deploy/prism/build.sh` builds.

    Looked for in NEWSBEAM_PRISM, else on the PATH. Where it is absent the test is skipped.
    """
    found = os.environ.get("NEWSBEAM_PRISM") or shutil.which("prism")
    if not found:
        pytest.skip("no prism: build it by deploy/prism/build.sh and set NEWSBEAM_PRISM to it, or put it on the PATH")
    return Path(found)
