"""A pool of worker processes that outlives bundles, in which one can be killed without harm to the others.

Pages are hostile: a parser can hang on one or eat the machine's memory (docs of trafilatura; a deadline inside the
process does not stop C code). So each piece of work has a deadline and each worker a cap on its memory; over either it
fails alone, and the pool makes a new worker.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from typing import Any

from pebble import ProcessExpired, ProcessPool

from schemas.outcomes import Reason
from schemas.records import Problem


@dataclass(frozen=True, slots=True)
class PoolRules:
    """How work is done.

    Attributes:
        workers: Processes; 0 does the work in the caller's own process, without deadline or cap (to measure one core).
        deadline_s: Longest time for one piece of work, in seconds.
        memory_bytes: Cap on a worker's private memory.
        preload: Modules that every worker needs; they must not import Beam.
    """

    workers: int
    deadline_s: float = 60.0
    memory_bytes: int = 2 * 2**30
    preload: tuple[str, ...] = ()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerPool:
    """Does work in other processes, started by forkserver: forking a process that runs gRPC threads is unsafe.

    Attributes:
        in_flight: Pieces of work that keep every worker busy; more would only hold memory.
    """

    def __init__(self, rules: PoolRules) -> None:
        self._rules = rules
        self.in_flight = max(1, 3 * rules.workers)
        self._pool = _start(rules) if rules.workers else None

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Starts a piece of work; the arguments and what it returns must pickle."""
        if self._pool is None:
            return _done(work, arguments)
        future: Future[Any] = self._pool.schedule(work, args=arguments, timeout=self._rules.deadline_s)
        return future

    def close(self) -> None:
        """Ends the workers, whatever they do."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()


def _start(rules: PoolRules) -> ProcessPool:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", *rules.preload])
    resource_tracker.ensure_running()  # which lifts the block that follows
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited: Ctrl-C is for this process
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    return ProcessPool(
        max_workers=rules.workers, context=context, initializer=_begin_worker, initargs=[rules.memory_bytes]
    )


def _done(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(work(*arguments))
    except Exception as error:
        future.set_exception(error)
    return future


def outcome(future: Future[Any], rules: PoolRules) -> Any:
    """What a done piece of work returned, or the Problem that ended it."""
    try:
        return future.result()
    except TimeoutError:
        return Problem(Reason.DEADLINE, f"processing took over {rules.deadline_s:g} s and was cut off")
    except MemoryError:
        return Problem(Reason.MEMORY, f"processing needed over {rules.memory_bytes // 2**20} MiB of memory")
    except ProcessExpired as error:
        return Problem(Reason.WORKER_DIED, f"the worker process ended with code {error.exitcode} while processing")
    except Exception as error:  # one page must not end the run
        return Problem(Reason.STAGE_ERROR, f"processing raised {type(error).__name__}: {error}"[:500])


def _begin_worker(memory_bytes: int) -> None:
    gc.freeze()  # what was loaded before the fork stays, and stays shared
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that owns the pool


_pools: dict[PoolRules, WorkerPool] = {}
_lock = threading.Lock()


def shared_pool(rules: PoolRules) -> WorkerPool:
    """The process's pool for these rules, made at first use."""
    with _lock:
        if rules not in _pools:
            _pools[rules] = WorkerPool(rules)
        return _pools[rules]


def close_shared_pools() -> None:
    """Closes all pools of the process; a later use makes new ones."""
    with _lock:
        for pool in _pools.values():
            pool.close()
        _pools.clear()


atexit.register(close_shared_pools)
