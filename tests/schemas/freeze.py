"""Freezes the schema version of this tree, once, when it is released: `python -m tests.schemas.freeze`.

Writes versions/<version>.json, the columns, and datasets/<version>/, a tiny dataset of invented rows. Both stay in the
tree for ever and are never written again: tests/schemas/test_contract.py holds every later version to them.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from schemas.documents import contract
from schemas.records import StoryLink
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS
from schemas.versions import SCHEMA_VERSION
from tests.factories import NOON, article, failure, poll
from transforms.storage.dataset import Dataset

HERE = Path(__file__).parent
FROZEN = HERE / "versions"
DATASETS = HERE / "datasets"


def freeze() -> None:
    """Writes what is to be kept of this version."""
    (FROZEN / f"{SCHEMA_VERSION}.json").write_text(contract(), encoding="utf-8")
    folder = DATASETS / SCHEMA_VERSION
    dataset = Dataset(str(folder))
    dataset.create(NOON)
    stamp = {"schema_version": SCHEMA_VERSION}
    dataset.commit(
        ARTICLES,
        [
            article(**stamp),
            article(
                "https://example.org/b", region="none", places=(), actors=(), published_at=None, title=None, **stamp
            ),
            article("https://example.org/c", fetched_at=NOON + timedelta(days=1), story_id="s2", **stamp),
        ],
    )
    dataset.commit(FAILURES, [failure(**stamp)])
    dataset.commit(POLLS, [poll(**stamp)])
    dataset.commit(STORY_LINKS, [StoryLink("s1", "s2", "invented", NOON, "0", SCHEMA_VERSION)])
    for log in folder.glob("*/_delta_log/*.json"):  # deltalake writes down where the table was made
        log.write_text(log.read_text(encoding="utf-8").replace(str(folder), "/news"), encoding="utf-8")
    for rendered in ("README.md", "views.sql"):  # of this version's text; later ones render their own
        (folder / rendered).unlink()


if __name__ == "__main__":
    freeze()
