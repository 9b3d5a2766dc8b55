"""Has DataflowRunner translate the unbounded graph, with the upload and the submission faked; a program of its own.

    python -P translate.py FOLDER [BEAM_OPTION…]

Run by the Python of an environment that has newsbeam's wheel and Google's client libraries, which a development
environment has not. FOLDER gets what would be uploaded (pipeline.pb) and the submitted job (job.json).
"""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NoReturn

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.dataflow.internal.apiclient import DataflowApplicationClient
from google.cloud import dataflow
from google.protobuf import json_format

from pipelines.config import rules_for
from pipelines.graph import Config
from pipelines.stream import Pace, build_stream
from schemas.records import Feed


def main(folder: Path, beam_arguments: list[str]) -> None:
    def upload(_self: object, _to: str, name: str, stream: IO[bytes], *_: object, **__: object) -> None:
        (folder / name).write_bytes(stream.read())

    def create_job(_self: object, request: dataflow.CreateJobRequest) -> dataflow.Job:
        (folder / "job.json").write_text(json_format.MessageToJson(dataflow.Job.pb(request.job)))
        return dataflow.Job(id="1", name=request.job.name, client_request_id=request.job.client_request_id)

    DataflowApplicationClient.stage_file = upload
    dataflow.JobsV1Beta3Client.create_job = create_job
    socket.socket.connect = socket.getaddrinfo = refuse
    pipeline = beam.Pipeline(options=PipelineOptions(beam_arguments))
    config = Config(
        "gs://example-bucket/news", rules_for("desk@example.org", 5.0, allow_private=False, obey_robots=True)
    )
    build_stream(pipeline, [Feed("https://example.org/feed", "x")], config, Pace(), start=datetime.now(UTC))
    pipeline.run()


def refuse(*arguments: object, **_: object) -> NoReturn:
    raise AssertionError(f"the translation asked the network: {arguments}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
