"""The unbounded graph as DataflowRunner describes it to the service; nothing is uploaded or submitted."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from apache_beam.coders import Coder, StrUtf8Coder
from apache_beam.portability.api import beam_runner_api_pb2 as proto
from apache_beam.runners.pipeline_context import PipelineContext

from tests.conftest import ROOT
from tests.streams import LABELS
from transforms.wiring import RecordCoder

IMAGE = "example/newsbeam-worker:0.1.0"
PARDO, GROUP = "beam:transform:pardo:v1", "beam:transform:group_by_key:v1"


@dataclass(frozen=True)
class Translated:
    """What the service would get: the job's description, and the graph that it points to."""

    job: dict[str, Any]
    graph: proto.Pipeline

    @property
    def steps(self) -> list[proto.PTransform]:
        return [step for step in self.graph.components.transforms.values() if not step.subtransforms]

    def coder(self, coder_id: str) -> Coder:
        return PipelineContext(self.graph.components).coders.get_by_id(coder_id)

    def cells(self) -> Iterator[tuple[str, Coder]]:
        """The coder of each state cell, by step and cell."""
        for step in self.steps:
            if step.spec.urn != PARDO:
                continue
            for cell, spec in proto.ParDoPayload.FromString(step.spec.payload).state_specs.items():
                coder_id = spec.read_modify_write_spec.coder_id or spec.bag_spec.element_coder_id
                yield f"{step.unique_name}/{cell}", self.coder(coder_id)

    def keyed(self) -> Iterator[tuple[str, Coder]]:
        """The coder of what each stateful or grouping step takes."""
        stateful = {name.rpartition("/")[0] for name, _ in self.cells()}
        for step in self.steps:
            if step.unique_name in stateful or step.spec.urn == GROUP:
                (taken,) = step.inputs.values()
                yield step.unique_name, self.coder(self.graph.components.pcollections[taken].coder_id)


def command_of_the_run_book() -> list[str]:
    """The arguments of the run book's command that starts the job, its shell variables filled in."""
    book = (ROOT / "deploy" / "dataflow" / "README.md").read_text(encoding="utf-8")
    command = book[book.index("\nnewsbeam watch") :].split("```")[0].replace("\\\n", " ")
    given = {"$PROJECT": "example-project", "$REGION": "europe-west4", "$BUCKET": "example-bucket", "$IMAGE": IMAGE}
    for name, value in given.items():
        command = command.replace(name, value)
    return shlex.split(command)[1:]


@pytest.fixture(scope="module")
def translated(worker_python, tmp_path_factory) -> Translated:
    folder = tmp_path_factory.mktemp("staged")
    (folder / "feeds.toml").write_text('[[feed]]\nurl = "https://example.org/feed"\n', encoding="utf-8")
    program = Path(__file__).with_name("translate.py")
    ran = subprocess.run(
        [str(worker_python), "-P", str(program), str(folder), *command_of_the_run_book(), "--no_auth"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert "1 feeds, job 1 is RUNNING" in ran.stderr
    graph = proto.Pipeline.FromString((folder / "pipeline.pb").read_bytes())
    return Translated(json.loads((folder / "job.json").read_text(encoding="utf-8")), graph)


@pytest.mark.slow
def test_the_job_is_a_stream_of_our_image(translated):
    environment = translated.job["environment"]
    assert translated.job["type"] == "JOB_TYPE_STREAMING"
    assert environment["version"]["job_type"] == "FNAPI_STREAMING"
    assert {"use_runner_v2", "enable_streaming_engine"} <= set(environment["experiments"])
    (pool,) = environment["workerPools"]
    (harness,) = pool["sdkHarnessContainerImages"]
    assert harness["containerImage"] == IMAGE
    (described,) = translated.graph.components.environments.values()
    assert proto.DockerPayload.FromString(described.payload).container_image == IMAGE


@pytest.mark.slow
def test_the_image_is_all_that_a_worker_needs(translated):
    """Nothing of the machine that submits is staged, but for the list of its packages, which the job's log shows."""
    (described,) = translated.graph.components.environments.values()
    staged = [proto.ArtifactStagingToRolePayload.FromString(d.role_payload).staged_name for d in described.dependencies]
    assert staged == ["submission_environment_dependencies.txt"]


@pytest.mark.slow
def test_a_worker_has_one_harness_whose_pool_takes_all_its_cores(translated):
    experiments = translated.job["environment"]["experiments"]
    assert "no_use_multiple_sdk_containers" in experiments
    assert "use_multiple_sdk_containers" not in experiments


@pytest.mark.slow
def test_the_options_of_the_run_book_reach_the_service(translated):
    (pool,) = translated.job["environment"]["workerPools"]
    assert translated.job["name"] == "newsbeam"
    assert pool["machineType"] == "e2-standard-2"
    assert (pool["numWorkers"], pool["autoscalingSettings"]["maxNumWorkers"]) == (1, 2)
    assert translated.job["environment"]["serviceAccountEmail"].startswith("newsbeam-worker@")


@pytest.mark.slow
def test_labels_are_those_of_the_golden_list(translated):
    assert sorted(step.unique_name for step in translated.steps) == LABELS.split()


@pytest.mark.slow
def test_state_is_kept_in_named_records(translated):
    """A pickled fallback would tie a running job's state to one version of newsbeam."""
    cells = dict(translated.cells())
    assert cells
    assert all(isinstance(coder, RecordCoder) for coder in cells.values()), cells


@pytest.mark.slow
def test_what_is_keyed_crosses_a_shuffle_as_named_records(translated):
    keyed = dict(translated.keyed())
    assert keyed
    for label, coder in keyed.items():
        assert isinstance(coder.key_coder(), StrUtf8Coder), label
        # A tick of PollShards is a bare key: its value is always None.
        assert isinstance(coder.value_coder(), RecordCoder) or label.startswith("PollShards"), label


@pytest.mark.slow
def test_what_ticks_make_has_no_end(translated):
    collections = translated.graph.components.pcollections
    begin = {
        out for step in translated.steps if step.unique_name in ("Begin", "GiveSpan") for out in step.outputs.values()
    }
    assert begin
    for name, collection in collections.items():
        bounded = proto.IsBounded.BOUNDED if name in begin else proto.IsBounded.UNBOUNDED
        assert collection.is_bounded == bounded, collection.unique_name
