"""The worker image: its Dockerfile agrees with the lock, and what it installs is a worker.

No image is built here. An empty environment gets the same lock and wheel, and Beam's SDK harness is started from it, in
a folder that holds no checkout.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from operator import attrgetter

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from pipelines.demo_server import DemoSite
from pipelines.ingest import Work, ingest
from pipelines.options import local_options
from schemas.records import Feed
from tests.conftest import ROOT
from tests.pipelines.runs import config_for, rows

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8")
MODULES = ("schemas", "transforms", "pipelines")


def test_the_image_is_of_the_python_and_beam_of_the_lock():
    python, beam_version = re.search(r"^FROM apache/beam_python(3\.\d+)_sdk:([\d.]+)$", DOCKERFILE, re.M).groups()
    assert f"apache-beam=={beam_version}" in LOCK.splitlines()
    lowest = re.search(r'requires-python = ">=([\d.]+)', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    made_for = re.search(r"pip compile .*--python-version ([\d.]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))[1]
    assert python == made_for == lowest


def test_the_image_starts_as_beam_starts_it():
    """The runner gives its arguments to the entry point of Beam's own image, as the user that the runner chooses."""
    assert not re.search(r"^(ENTRYPOINT|CMD|USER)\b", DOCKERFILE, re.M)


@pytest.fixture
def harness(worker_python, tmp_path) -> str:
    """The command that Beam's boot program runs in the image, in a folder of its own."""
    return f"cd {shlex.quote(str(tmp_path))} && exec {worker_python} -m apache_beam.runners.worker.sdk_worker_main"


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as served:
        yield served


def in_the_harness(command: str) -> PipelineOptions:
    """Options with which every DoFn runs in a process that the command starts."""
    options = PipelineOptions()
    environment = SubprocessSDKEnvironment.from_command_string(command)
    options.view_as(StandardOptions).runner = FnApiRunner(default_environment=environment)
    return options


@pytest.mark.slow
def test_the_harness_runs_the_code_of_the_wheel(harness, worker_python):
    installed = worker_python.parents[1] / "lib" / "python3.11" / "site-packages"
    with beam.Pipeline(options=in_the_harness(harness)) as pipeline:
        found = pipeline | beam.Create(MODULES) | beam.Map(find_spec) | beam.Map(attrgetter("origin"))
        assert_that(found, equal_to([str(installed / name / "__init__.py") for name in MODULES]))


@pytest.mark.slow
def test_a_job_run_by_the_harness_gives_the_rows_of_a_local_run(harness, site, tmp_path):
    feeds = [Feed(url=url, source=name) for name, url in zip(("oxus", "bactria"), site.feed_urls, strict=True)]
    told = {}
    for name, options in (("local", local_options([])), ("worker", in_the_harness(harness))):
        summary = ingest(Work(feeds, poll_all=True), config_for(tmp_path / name), options)
        assert summary.adds_up, summary.lines()
        told[name] = rows(
            tmp_path / name,
            "SELECT article_id, content_hash, places, actors, region, extractor, pack_version FROM articles ORDER BY 1",
        )
    assert len(told["local"]) == 9
    assert told["worker"] == told["local"]
