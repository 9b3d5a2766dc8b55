"""HTTP as a polite guest, for callers on any thread.

One daemon thread runs an event loop; `Client.submit` hands it a request and gives a future. Per registrable domain
requests keep their distance, robots.txt is obeyed where asked, redirects are followed by hand with every hop checked
anew, and what goes wrong comes back as a `Problem`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final

from schemas.records import Problem
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.politeness import Politeness
from transforms.web.room import Room
from transforms.web.transport import Transport
from transforms.web.visit import Visitor

__all__ = ["Client", "FetchRules", "Postponed", "Request", "Response"]

_RESOLVER_THREADS: Final = 16
"""Name look-ups under way at once: getaddrinfo blocks its thread, and dead name servers block it for long."""


class Client:
    """Fetches for callers on any thread. Use as a context manager, or `close` it.

    Args:
        rules: How to behave.
        clock: Says what time it is, in UTC; called on the client's thread.
    """

    def __init__(self, rules: FetchRules, clock: Callable[[], datetime]) -> None:
        self._rules = rules
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False
        ready: concurrent.futures.Future[_Engine] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True, name="newsbeam-web")
        self._thread.start()
        self._engine = ready.result()

    @property
    def rules(self) -> FetchRules:
        """How this client behaves."""
        return self._rules

    def room(self, places: int) -> Room:
        """Room for so many responses of requests that are submitted with it."""
        return Room(self._engine.loop, places)

    def submit(
        self, request: Request, room: Room | None = None
    ) -> concurrent.futures.Future[Response | Problem | Postponed]:
        """Ask for one URL. The future ends with a value for everything that can be expected to go wrong.

        Args:
            request: What to ask.
            room: Is entered before the request is sent. Of each Response, and of nothing else, `room.used()` must be
                told once it is done with.

        Raises:
            RuntimeError: the client is closed.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("the web client is closed; make a new one")
            return asyncio.run_coroutine_threadsafe(self._visit(request, room), self._engine.loop)

    def close(self) -> None:
        """Cancel what is under way, close every connection and join the thread. A second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._engine.loop.call_soon_threadsafe(self._engine.stop.set)
        self._thread.join()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _visit(self, request: Request, room: Room | None) -> Coroutine[Any, Any, Response | Problem | Postponed]:
        return self._engine.visitor.visit(request, room=room)

    def _run(self, ready: concurrent.futures.Future[_Engine]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: concurrent.futures.Future[_Engine]) -> None:
        rules = self._rules
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="newsbeam-dns"))
        transport = Transport(
            user_agent=rules.user_agent,
            max_bytes=rules.max_bytes,
            allow_private=rules.allow_private,
        )
        async with transport:
            politeness = Politeness(spacing_s=rules.spacing_s, per_domain=rules.per_domain, clock=self._clock)
            stop = asyncio.Event()
            ready.set_result(_Engine(loop, stop, Visitor(rules, self._clock, transport, politeness)))
            await stop.wait()
            await _cancel_others()


@dataclass(frozen=True, slots=True)
class _Engine:
    """What lives on the client's thread."""

    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    visitor: Visitor


async def _cancel_others() -> None:
    """Cancel every other task and wait for it, so that connections are given back before the session closes."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
