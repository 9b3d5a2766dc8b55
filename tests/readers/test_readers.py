"""Every reader that we name reads a dataset as it lies, and all of them see the same."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.documents import documents
from schemas.tables import ARTICLES
from tests.factories import NOON, article
from tests.readers.read import TOOLS, row_of
from transforms.storage.dataset import Dataset

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DOCS = ROOT / "docs"
REGION = "tajik-afghan-border"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def readers_python() -> Path:
    """Python of the environment that `make readers` makes.

    Looked for in NEWSBEAM_READERS, else in .venv-readers. Where it is absent the test is skipped, unless
    NEWSBEAM_READERS names it, which makes absence a failure.
    """
    given = os.environ.get("NEWSBEAM_READERS")
    python = Path(given) if given else ROOT / ".venv-readers" / "bin" / "python"
    if not python.exists():
        message = f"no Python with pandas, Spark and the other readers at {python}: make it by `make readers`"
        pytest.fail(message) if given else pytest.skip(message)
    return python


def told(python: Path, *args: object) -> object:
    """What a script of this folder prints. It runs isolated: nothing of the project is on its path."""
    done = subprocess.run([python, "-I", *map(str, args)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """A dataset of two days and two regions, in several files, and its rows."""
    dataset = Dataset(str(tmp_path_factory.mktemp("readers") / "news"))
    dataset.create(NOON - timedelta(days=1))
    rows = []
    for n in range(12):
        changes = {"fetched_at": NOON + timedelta(days=n % 2, microseconds=n)}
        if n % 3 == 0:
            changes |= {"region": "none", "places": (), "actors": ()}
        if n == 1:
            changes |= {"title": None, "published_at": None, "published_date": None, "places": ()}
        rows.append(article(f"https://example.org/{n}", text=f"Guards met at Ishkashim, пост № {n}.", **changes))
    dataset.commit(ARTICLES, rows[:8])
    dataset.commit(ARTICLES, rows[8:])
    return dataset, rows


@pytest.mark.parametrize("tool", TOOLS)
def test_a_reader_sees_every_row_and_value(tool, readers_python, written):
    dataset, rows = written
    day = date(2026, 9, 15)
    answer = told(readers_python, HERE / "read.py", tool, dataset.root, REGION, day)
    wanted = [row for row in rows if row.region == REGION and row.fetched_at.date() == day]
    assert len(wanted) == 4
    assert answer["rows"] == sorted(json.loads(json.dumps([row_of(asdict(row)) for row in wanted])))
    assert (answer["count"], answer["zone"]) == (len(rows), True)
    assert answer["pruned"] is not False


@pytest.mark.parametrize("name", [n for n in documents() if n.startswith("bigquery/")])
def test_googles_client_takes_the_bigquery_definitions(name, readers_python):
    path = DOCS / name
    (understood,) = told(readers_python, HERE / "bigquery.py", path).values()
    assert understood == json.loads(path.read_text(encoding="utf-8"))
