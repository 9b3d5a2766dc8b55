"""Nothing that a feed, a page, a redirect or a name server says leads the client to an address inside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from aiohttp.resolver import ThreadedResolver

from schemas.outcomes import Reason
from schemas.records import Problem
from tests.transforms.web.asking import fetch, reason_of
from tests.transforms.web.server import Site, answer, redirect
from transforms.web import addresses, resolver
from transforms.web.client import Response


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def test_a_private_literal_is_refused(site: Site) -> None:
    assert reason_of(fetch(site.url("/a"), allow_private=False)) is Reason.ADDRESS_REFUSED
    assert site.seen == []


def test_a_name_of_a_private_address_is_refused(site: Site) -> None:
    result = fetch(site.url("/a", host="localhost"), allow_private=False)
    assert reason_of(result) is Reason.ADDRESS_REFUSED
    assert isinstance(result, Problem)
    assert "--allow-private" in result.message
    assert site.seen == []


def test_every_hop_is_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands for a public server: the one address that is let through. What it redirects to is not.
    monkeypatch.setattr(addresses, "refusal", lambda ip: None if ip == "127.0.0.1" else "is private")
    site.routes["/a"] = redirect(site.url("/b", host="127.0.0.2"))
    assert reason_of(fetch(site.url("/a"), allow_private=False)) is Reason.ADDRESS_REFUSED
    assert site.paths() == ["/a"]


def test_a_name_that_changes_its_mind_gains_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # One look-up per connection, which goes to the very address that was checked; a forbidden one is left out.
    monkeypatch.setattr(resolver, "refusal", lambda ip: None if ip == "127.0.0.1" else "is private")
    answers = [["127.0.0.2", "127.0.0.1"], ["127.0.0.2"]]

    async def resolve(_: object, host: str, port: int, family: int) -> list[dict[str, object]]:
        found = answers.pop(0)
        return [
            {"hostname": host, "host": ip, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for ip in found
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    site.routes["/a"] = answer(200, b"x")
    assert isinstance(fetch(site.url("/a", host="moving.example"), allow_private=False), Response)
    assert len(answers) == 1
    assert reason_of(fetch(site.url("/a", host="moving.example"), allow_private=False)) is Reason.ADDRESS_REFUSED
    assert site.paths() == ["/a"]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::169.254.169.254]/",
        "http://news.example@127.0.0.2/",
        "http://１２７.0.0.2/",
        "//127.0.0.2/x",
    ],
)
def test_no_redirect_leads_inside(site: Site, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = addresses.refusal
    monkeypatch.setattr(addresses, "refusal", lambda ip: None if ip == "127.0.0.1" else inner(ip))
    site.routes["/a"] = answer(302, headers={"Location": quote(target, safe="/:@[]")})
    got = fetch(site.url("/a"), allow_private=False)
    assert reason_of(got) in {Reason.ADDRESS_REFUSED, Reason.BAD_URL, Reason.DNS}
    assert reason_of(fetch(target if "://" in target else f"http:{target}", allow_private=False)) is (
        Reason.ADDRESS_REFUSED
    )


@pytest.mark.parametrize(
    "host",
    ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "x@127.0.0.1", "[::127.0.0.1]"],
)
def test_disguised_loopback_is_never_reached(site: Site, host: str) -> None:
    result = fetch(site.url("/a", host=host), allow_private=False)
    assert reason_of(result) in {Reason.ADDRESS_REFUSED, Reason.BAD_URL, Reason.DNS}
    assert site.seen == []
