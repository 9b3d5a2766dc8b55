"""A store that fails while rows are written: what it cannot take is told, and said again it is there once."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta

import pyarrow.fs as pafs
import pytest

from pipelines.compact import compact_dataset
from schemas.tables import ARTICLES
from tests.conftest import ROOT
from tests.factories import NOON, article
from transforms.clock import utc_now
from transforms.storage.dataset import CannotWrite, Dataset
from transforms.storage.vacuum import RETENTION

pytestmark = pytest.mark.slow

Plan = Callable[[str], None]


@pytest.fixture(scope="module")
def fails() -> Iterator[Plan]:
    """A store with the bucket `news` behind a front; what is called with a plan of tests.flaky makes it fail."""

    def start(*command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
        )  # fmt: skip

    with start("tests.stores", "s3") as store, pytest.MonkeyPatch.context() as patched:
        address = store.stdout.readline().strip()
        with start("tests.flaky", address) as front:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patched.delenv(name)
            patched.setenv("AWS_ENDPOINT_URL", front.stdout.readline().strip())
            patched.setenv("AWS_ACCESS_KEY_ID", "testing")
            patched.setenv("AWS_SECRET_ACCESS_KEY", "testing")
            urllib.request.urlopen(urllib.request.Request(f"{address}/news", method="PUT")).close()

            def plan(line: str) -> None:
                front.stdin.write(line + "\n")
                assert front.stdout.readline() == "planned\n"

            yield plan
            front.stdin.close()
        store.stdin.close()


@pytest.fixture
def dataset(fails, request):
    made = Dataset(f"s3://news/{abs(hash(request.node.name))}")
    made.create(NOON)
    made.commit(ARTICLES, [article("https://example.org/0")])
    return made


def assert_each_once_and_no_orphan(dataset: Dataset, count: int) -> None:
    found = dataset.log(ARTICLES).to_pyarrow_table(columns=["row_id"])["row_id"].to_pylist()
    assert (len(found), len(set(found))) == (count, count)
    later = timedelta(hours=1) + RETENTION
    list(compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + later, dry_run=False))
    listed = dataset.place.filesystem.get_file_info(pafs.FileSelector(dataset.folder(ARTICLES), recursive=True))
    files = [info.path for info in listed if info.type == pafs.FileType.File and "_delta_log" not in info.path]
    assert ["s3://" + path for path in files] == dataset.file_uris(ARTICLES)
    assert len(dataset.log(ARTICLES).to_pyarrow_table(columns=["row_id"])) == count


@pytest.mark.parametrize(
    "plan",
    [
        "503 2 PUT .parquet",
        "reset 2 PUT .parquet",
        "lost 1 PUT .parquet",
        "503 2 PUT _delta_log",
        "reset 2 PUT _delta_log",
        "lost 1 PUT _delta_log",
        "500 2 GET _delta_log",
    ],
)
def test_a_passing_failure_is_overcome(fails, dataset, plan):
    fails(plan)
    dataset.commit(ARTICLES, [article("https://example.org/1")])
    fails("500 0 PUT x")
    assert_each_once_and_no_orphan(dataset, 2)


@pytest.mark.parametrize("plan", ["403 1000 PUT .parquet", "500 1000 PUT .parquet", "403 1000 PUT _delta_log"])
def test_a_lasting_failure_is_told_and_the_same_rows_said_again_are_there_once(fails, dataset, plan):
    rows = [article("https://example.org/1")]
    fails(plan)
    with pytest.raises(CannotWrite, match=r"articles cannot be written: .* Nothing is lost"):
        dataset.commit(ARTICLES, rows)
    fails("500 0 PUT x")
    dataset.commit(ARTICLES, rows)
    dataset.commit(ARTICLES, rows)
    assert_each_once_and_no_orphan(dataset, 2)
