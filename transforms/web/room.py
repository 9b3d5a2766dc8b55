"""Room for answers between the client and whoever uses them, so that a slow user does not fill the memory."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Room:
    """So many places; a request takes one before it is sent, and a response keeps its own until it is used.

    A request that waits for its turn takes none, however many wait: they are small, and the more hosts are waited for,
    the more can be asked. Made by `Client.room`.

    Args:
        loop: The client's.
        places: Responses under way or not yet used, at most.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, places: int) -> None:
        self._loop = loop
        self._places = asyncio.Semaphore(places)

    async def enter(self) -> None:
        """Wait for a place; on the client's loop."""
        await self._places.acquire()

    def leave(self) -> None:
        """Give a place back; on the client's loop."""
        self._places.release()

    def used(self) -> None:
        """Say, from any thread, that a response was used."""
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._places.release)
