"""A slow user of answers stops the client, not the memory; a redirect never stops itself."""

from __future__ import annotations

from concurrent.futures import as_completed
from datetime import UTC, datetime

from schemas.records import Problem
from tests.transforms.web.server import Site, answer, redirect
from transforms.web.client import Client, FetchRules, Request, Response

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WAIT_S = 20
RULES = FetchRules("testbot/1.0", allow_private=True, spacing_s=0.0, per_domain=8)


def test_answers_that_are_not_used_stop_the_requests() -> None:
    with Site({"/a": answer(200, b"x")}) as site, Client(RULES, lambda: NOW) as client:
        room = client.room(3)
        asked = [client.submit(Request(site.url("/a")), room) for _ in range(10)]
        for used, future in enumerate(as_completed(asked, WAIT_S)):
            assert isinstance(future.result(), Response)
            assert len(site.seen) <= used + 3
            room.used()
        assert len(site.seen) == 10


def test_what_is_no_response_keeps_no_place() -> None:
    with Site({"/loop": redirect("/loop"), "/a": answer(200, b"x")}) as site, Client(RULES, lambda: NOW) as client:
        room = client.room(1)
        lost = [client.submit(Request(site.url("/loop")), room) for _ in range(5)]
        assert all(isinstance(future.result(WAIT_S), Problem) for future in lost)
        assert isinstance(client.submit(Request(site.url("/a")), room).result(WAIT_S), Response)


def test_redirects_in_a_full_room_come_to_their_end() -> None:
    one_by_one = FetchRules("testbot/1.0", allow_private=True, spacing_s=0.0)
    routes = {"/a": redirect("/b"), "/b": redirect("/c"), "/c": answer(200, b"x")}
    with Site(routes) as site, Client(one_by_one, lambda: NOW) as client:
        room = client.room(2)
        asked = [client.submit(Request(site.url("/a")), room) for _ in range(6)]
        for future in asked:
            assert isinstance(future.result(WAIT_S), Response)
            room.used()
