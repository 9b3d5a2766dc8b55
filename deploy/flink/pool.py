"""Beam's pool of SDK workers for one TaskManager, on an address of its own.

    python deploy/flink/pool.py 127.0.0.2:28083 deploy/flink/worker.sh

In Kubernetes a pool runs beside each TaskManager, in its pod, and is reached there as localhost:50000. Two TaskManagers
on one machine need two pools too: each calls its first worker 1-1, and a pool stops by that name. Beam's own start of a
pool (`apache_beam.runners.worker.worker_pool_main`) binds to all addresses of the machine, so a second one would share
the port of the first; hence this start, which differs in nothing else.
"""

from __future__ import annotations

import sys

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance


def main(address: str, executable: str) -> None:
    """Serves until it is killed; its workers then end by themselves (worker.sh)."""
    server = grpc.server(shared_unbounded_instance(), options=[("grpc.so_reuseport", 0)])
    pool = BeamFnExternalWorkerPoolServicer(use_process=True, container_executable=executable)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(address)
    server.start()
    print(f"workers are started at {address} by {executable}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
