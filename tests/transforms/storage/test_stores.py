"""Datasets in stores that speak S3 and Google's API: the same as on a disk, also with two writers at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow.fs as pafs
import pytest

from pipelines.compact import compact_dataset
from pipelines.query import run_query
from schemas.tables import ARTICLES, FAILURES, POLLS
from tests.factories import NOON, article, poll
from tests.stores import store as serving
from transforms.clock import utc_now
from transforms.storage.dataset import Dataset, DatasetError
from transforms.storage.place import open_place
from transforms.storage.vacuum import RETENTION

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import sys
from schemas.tables import FAILURES
from tests.factories import failure
from transforms.storage.dataset import Dataset
for n in range(int(sys.argv[2])):
    Dataset(sys.argv[1]).commit(FAILURES, [failure(f"{sys.argv[3]}-{n}")])
"""

READER = """
import sys
from schemas.tables import ARTICLES
from transforms.storage.dataset import Dataset
next(iter(Dataset(sys.argv[1]).arrow(ARTICLES).to_batches(batch_size=10)))
"""


def fake_gcs() -> str:
    """The emulator's binary: `go install github.com/fsouza/fake-gcs-server@v1.56.1`."""
    found = os.environ.get("NEWSBEAM_FAKE_GCS") or shutil.which("fake-gcs-server", path=str(ROOT / "out" / "bin"))
    if not found:
        pytest.skip("no fake-gcs-server: NEWSBEAM_FAKE_GCS does not name one, and out/bin holds none")
    return found


@pytest.fixture(scope="module", params=["s3", "gs"])
def store(request, tmp_path_factory):
    """A store with the bucket `news`: its scheme, and its own record of requests. Its address is in the environment."""
    scheme = request.param
    record = tmp_path_factory.mktemp(scheme) / "requests.log"
    with serving(scheme, record, *([fake_gcs()] if scheme == "gs" else [])):
        yield scheme, record


@pytest.fixture
def dataset(store, request):
    made = Dataset(f"{store[0]}://news/{request.node.originalname}")
    made.create(NOON)
    return made


def objects(dataset: Dataset) -> set[str]:
    listed = dataset.place.filesystem.get_file_info(pafs.FileSelector(dataset.place.path, recursive=True))
    return {i.path for i in listed if i.type == pafs.FileType.File and "_delta_log" not in i.path}


def titles(dataset: Dataset, where: str) -> str:
    return run_query(dataset, f"SELECT count(*) AS n, min(title) FROM articles WHERE {where}", "table", None, "UTC")


@pytest.mark.slow
def test_a_dataset_in_a_store_is_written_read_and_compacted(dataset):
    days = [NOON + timedelta(days=n) for n in range(3)]
    for n in range(4):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}", fetched_at=day) for day in days])
        dataset.commit(POLLS, [poll(f"https://example.org/{n}")])
    assert {row["row_id"] for row in dataset.scan(ARTICLES, ["row_id"], days[2], "fetched_at")} == {
        article(f"https://example.org/{n}", fetched_at=days[2]).row_id for n in range(4)
    }
    before = titles(dataset, "true")
    assert " 12 " in before
    first = list(compact_dataset(dataset, 10**8, RETENTION, utc_now, dry_run=False))
    assert [(r.compacted.files_before, r.compacted.files_after, r.vacuumed) for r in first[::2]] == [
        (13, 3, 0), (5, 1, 0)
    ]  # fmt: skip
    later = list(compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + 2 * RETENTION, dry_run=False))
    assert [r.vacuumed for r in later] == [13, 0, 5, 0]
    assert titles(dataset, "true") == before
    assert len([path for path in objects(dataset) if path.endswith(".parquet")]) == 6


@pytest.mark.slow
def test_a_query_reads_only_the_files_that_it_needs(dataset, store):
    for n in range(4):
        dataset.commit(ARTICLES, [article(fetched_at=NOON + timedelta(days=n), title=f"Day {n}")])
    requests = store[1]
    so_far = len(requests.read_text())
    assert "Day 2" in titles(dataset, "ingest_date = DATE '2026-09-16' AND text LIKE 'Guards%'")
    asked = [unquote(line) for line in requests.read_text()[so_far:].splitlines() if ".parquet" in line]
    assert asked
    assert all("ingest_date=2026-09-16" in line for line in asked)


@pytest.mark.slow
def test_two_processes_that_write_at_once_lose_nothing_and_end_quietly(dataset):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, dataset.root, "10", name], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    assert [(w.communicate()[1], w.returncode) for w in writers] == [("", 0)] * 2
    keys = dataset.log(FAILURES).to_pyarrow_table(columns=["key"])["key"].to_pylist()
    assert sorted(keys) == sorted(f"{name}-{n}" for name in "ab" for n in range(10))


@pytest.mark.slow
def test_a_process_that_ends_in_the_middle_of_a_scan_ends_quietly(dataset, store):
    if store[0] == "gs":
        pytest.skip("pyarrow's client of Google Cloud Storage sometimes dies with the process that leaves a scan")
    for n in range(4):
        rows = [article(f"https://example.org/{n}/{i}", fetched_at=NOON + timedelta(days=n)) for i in range(200)]
        dataset.commit(ARTICLES, rows)
    done = subprocess.run([sys.executable, "-c", READER, dataset.root], cwd=ROOT, capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)


def test_the_log_and_the_files_are_given_the_same_store():
    place = open_place("s3://bucket/a/b/", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "eu-west-3"})
    assert (place.path, place.uri) == ("bucket/a/b", "s3://bucket/a/b")
    assert place.filesystem.region == "eu-west-3"
    assert place.options == {
        "aws_region": "eu-west-3",
        "aws_conditional_put": "etag",
        "aws_endpoint_url": "http://127.0.0.1:9",
        "aws_allow_http": "true",
    }


def test_google_cloud_storage_is_asked_at_the_emulator_that_is_named():
    place = open_place("gs://bucket/a", {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:9"})
    assert place.uri == "gs://bucket/a"
    assert '"gcs_base_url": "http://127.0.0.1:9"' in place.options["google_service_account_key"]


@pytest.mark.parametrize("root", ["ftp://example.org/news", "https://example.org/news"])
def test_another_kind_of_address_is_refused(root):
    with pytest.raises(DatasetError, match=r"s3://… or at gs://…"):
        Dataset(root).exists()
