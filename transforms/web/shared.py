"""One client per process and set of rules: connections are reused, and spacing holds across all bundles and threads."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING

from transforms.clock import Clock
from transforms.web.messages import FetchRules

if TYPE_CHECKING:
    from transforms.web.client import Client

_clients: dict[FetchRules, Client] = {}
_lock = threading.Lock()


def shared_client(rules: FetchRules, clock: Clock) -> Client:
    """The process's client for these rules, made at first use; only then is the HTTP library loaded."""
    from transforms.web.client import Client

    with _lock:
        if rules not in _clients:
            _clients[rules] = Client(rules, clock)
        return _clients[rules]


def close_shared_clients() -> None:
    """Closes all clients of the process; a later use makes new ones."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()


atexit.register(close_shared_clients)
