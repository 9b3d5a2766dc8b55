"""Runs a newsbeam command on DataflowRunner, with the bucket, the upload and the service faked; a program of its own.

    python -P translate.py FOLDER ARGUMENT…

Run by the Python of an environment that has newsbeam's wheel and Google's client libraries, which a development
environment has not. FOLDER gets what would be uploaded (pipeline.pb) and the submitted job (job.json).
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import IO, NoReturn

from apache_beam.runners.dataflow.internal.apiclient import DataflowApplicationClient
from google.cloud import dataflow
from google.protobuf import json_format

from pipelines.cli import cli
from transforms.storage.dataset import Dataset


def main(folder: Path, arguments: list[str]) -> None:
    def upload(_self: object, _to: str, name: str, stream: IO[bytes], *_: object, **__: object) -> None:
        (folder / name).write_bytes(stream.read())

    def create_job(_self: object, request: dataflow.CreateJobRequest) -> dataflow.Job:
        (folder / "job.json").write_text(json_format.MessageToJson(dataflow.Job.pb(request.job)))
        return dataflow.Job(id="1", name=request.job.name, client_request_id=request.job.client_request_id)

    def get_job(_self: object, request: dataflow.GetJobRequest) -> dataflow.Job:
        return dataflow.Job(id=request.job_id, current_state=dataflow.JobState.JOB_STATE_RUNNING)

    Dataset.create = lambda *_: None
    DataflowApplicationClient.stage_file = upload
    dataflow.JobsV1Beta3Client.create_job = create_job
    dataflow.JobsV1Beta3Client.get_job = get_job
    socket.socket.connect = socket.getaddrinfo = refuse
    cli(arguments, standalone_mode=False)


def refuse(*arguments: object, **_: object) -> NoReturn:
    raise AssertionError(f"the translation asked the network: {arguments}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
