"""One tagger for all tests of the room; its gazetteer is compiled once per machine."""

from __future__ import annotations

import pytest

from transforms.tags.gazetteer import Gazetteer, load_gazetteer
from transforms.tags.tagger import Tagger


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return Tagger.load()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()
