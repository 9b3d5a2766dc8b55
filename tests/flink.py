"""A Flink cluster of processes for tests, started and ended by deploy/flink/cluster.sh."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.conftest import ROOT

DEPLOY = ROOT / "deploy" / "flink"
_LINES_SHOWN = 12


@dataclass
class Timeline:
    """Says what happened when, on the terminal (pytest -s) and for the message of a failure."""

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)

    def __call__(self, what: str) -> None:
        self.lines.append(f"{time.monotonic() - self.began:6.1f} s  {what}")
        print(self.lines[-1], flush=True)


class Cluster:
    """One JobManager, two TaskManagers with a worker pool each, and Beam's job server, for the time of a `with` block.

    Args:
        jars: Folder that deploy/flink/fetch.sh made.
        run: Empty folder for logs and state.
        timeline: Where waits tell how long they took.
    """

    def __init__(self, jars: Path, run: Path, timeline: Timeline) -> None:
        self.run = run
        self._timeline = timeline
        self._port = _free_ports()
        self._environment = {
            **os.environ,
            "NEWSBEAM_FLINK": str(jars),
            "NEWSBEAM_FLINK_RUN": str(run),
            "NEWSBEAM_FLINK_PORT": str(self._port),
            "NEWSBEAM_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),  # workers find the clock of the tests
        }

    def __enter__(self) -> Cluster:
        try:
            self.script("up", limit_s=180)
        except BaseException:
            self.script("down")
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.script("down")

    @property
    def job_options(self) -> list[str]:
        """Options with which a pipeline runs on this cluster."""
        given = (DEPLOY / "job.opts").read_text().split()
        return [
            *given,
            f"--job_endpoint=localhost:{self._port + 2}",
            f"--environment_config=worker-pool:{self._port + 3}",
        ]

    def script(self, *arguments: str, limit_s: float = 90) -> str:
        """What cluster.sh prints.

        Raises:
            AssertionError: It failed, or was not done in time.
        """
        done = subprocess.run(
            [DEPLOY / "cluster.sh", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        assert done.returncode == 0, f"cluster.sh {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def replace(self, number: int) -> None:
        """SIGKILL to a TaskManager, and another one in its place."""
        os.kill(int((self.run / "pids" / f"taskmanager-{number}").read_text()), signal.SIGKILL)
        self.script("taskmanager", str(number))

    def workers(self) -> dict[int, str]:
        """Processes that run user code, pools of extraction included, and their command lines."""
        mark = f"NEWSBEAM_FLINK_PROCESS_OF={self.run}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                # boot says which worker it is to the Python that it starts, and to nothing else
                if mark in environment and any(pair.startswith(b"WORKER_ID=") for pair in environment):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it has just ended, or is not ours
                continue
        return found

    def kill_workers(self) -> None:
        """SIGKILL to every SDK worker; the processes that it has started are left to themselves."""
        for process, command in self.workers().items():
            if "sdk_worker_main" in command:
                os.kill(process, signal.SIGKILL)

    def get(self, path: str) -> Any:
        """An answer of Flink's REST interface."""
        with urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=10) as answer:
            return json.load(answer)

    def running_job(self) -> str | None:
        """Id of the job, once all its tasks run.

        Raises:
            AssertionError: A job has failed for good.
        """
        for job in self.get("/jobs/overview")["jobs"]:
            assert job["state"] != "FAILED", self.get(f"/jobs/{job['jid']}/exceptions")["root-exception"]
            if job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"]:
                return str(job["jid"])
        return None

    def restores(self, job: str) -> int:
        """How often a job went back to a checkpoint or savepoint."""
        return int(self.get(f"/jobs/{job}/checkpoints")["counts"]["restored"])

    def checkpoints(self, job: str) -> int:
        """How many checkpoints a job has completed."""
        return int(self.get(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    def stop(self, job: str) -> str:
        """Stops a job with a savepoint; gives its address."""
        told = self.script("flink", "stop", "--savepointPath", f"file://{self.run}/savepoints", job)
        found = re.search(r"Path: (\S+)", told)
        assert found, told
        return found[1]

    def wait(self, reached: Callable[[], object], what: str, limit_s: float) -> Any:
        """The first true value of `reached`.

        Raises:
            AssertionError: It did not come in time; the message shows the logs' last lines.
        """
        end = time.monotonic() + limit_s
        while not (value := reached()):
            assert time.monotonic() < end, f"not in {limit_s:g} s: {what}\n" + "\n".join(
                [*self._timeline.lines, *self.last_lines()]
            )
            time.sleep(0.3)
        self._timeline(what)
        return value

    def last_lines(self) -> list[str]:
        """The ends of all logs."""
        lines = []
        for log in sorted((self.run / "logs").iterdir(), key=lambda log: log.stat().st_mtime):
            lines += [f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]]
        return [line[:400] for line in lines]


def _free_ports() -> int:
    """First of four ports that are free here and on the pools' addresses."""
    for first in range(28_080, 32_000, 8):
        try:
            for port in range(first, first + 4):
                for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
                    with socket.socket() as free:
                        free.bind((address, port))
        except OSError:
            continue
        return first
    raise AssertionError("no four free ports between 28080 and 32000")
