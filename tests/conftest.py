"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# A test that was slow on a busy machine has not failed.
settings.register_profile("newsbeam", deadline=None)
settings.load_profile("newsbeam")


def find_material(name: str, variable: str) -> Path:
    """Folder of test material that is never part of the project.

    Looked for in the environment variable, else in ../shared beside the project. Where it is absent the test is
    skipped, unless NEWSBEAM_REQUIRE_CORPUS=1, which makes absence a failure.
    """
    given = os.environ.get(variable)
    folder = Path(given) if given else ROOT.parent / "shared" / name
    if folder.is_dir():
        return folder
    message = f"{name} material not found at {folder}: set {variable} to the folder that holds it"
    if os.environ.get("NEWSBEAM_REQUIRE_CORPUS") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The five documents (*.txt) and gold.json."""
    return find_material("corpus", "NEWSBEAM_CORPUS")


@pytest.fixture(scope="session")
def bench_dir() -> Path:
    """Real pages, feeds, places, actors and duplicates with gold, and their scorers."""
    return find_material("bench", "NEWSBEAM_BENCH")
