"""Rules 31 to 38: how a request travels."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from schemas.outcomes import PollOutcome, Reason
from schemas.records import Problem
from tests.conformance.world import AGENT, World, answer, item, news, rss
from tests.transforms.web.server import Handler, Site, stall_after
from transforms.feeds.parse import MAX_FEED_BYTES
from transforms.web.addresses import refusal
from transforms.web.messages import Postponed, Request, Response
from transforms.web.politeness import Lane

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_rule_31_packed_capped_and_under_one_deadline() -> None:
    with World(NOW, max_bytes=100_000, timeout_s=0.5) as world:
        world.serve(answer(200, gzip.compress(rss(item("a"))), {"Content-Encoding": "gzip"}))
        assert world.poll().outcome is PollOutcome.NEW_ENTRIES
        assert world.sent("accept-encoding") == ["gzip, deflate, br"]
        world.serve(answer(200, brotli.compress(rss(item("b"))), {"Content-Encoding": "br"}))
        assert world.poll().outcome is PollOutcome.NEW_ENTRIES
        for coding, pack in (("gzip", gzip.compress), ("br", brotli.compress)):
            world.serve(answer(200, pack(bytes(9_000_000)), {"Content-Encoding": coding}))
            assert world.poll().reason is Reason.TOO_LARGE
        assert MAX_FEED_BYTES == 10 * 2**20

        def dripping(handler: Handler) -> None:
            raw_head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
            handler.wfile.write(raw_head)
            while not handler.site.released.wait(0.05):
                handler.wfile.write(b"x")

        world.serve(dripping)
        assert world.poll().reason is Reason.TIMEOUT
        world.serve(stall_after(b"HTTP/1.1 200 OK\r\n"))
        assert world.poll().reason is Reason.TIMEOUT


def test_rule_32_private_addresses_are_refused() -> None:
    with World(NOW, allow_private=False) as world:
        assert world.poll().reason is Reason.ADDRESS_REFUSED
        named = world.client.submit(Request(world.site.url("/feed", host="localhost"))).result(30)
        assert isinstance(named, Problem)
        assert named.reason is Reason.ADDRESS_REFUSED
        assert world.site.seen == []
    assert all(refusal(a) for a in ("169.254.169.254", "10.0.0.1", "::1", "fe80::1", "::ffff:127.0.0.1"))


def test_rule_33_no_other_schemes_and_no_entity_bombs(world: World) -> None:
    for bad in ("ftp://x.example/f", "file:///etc/passwd", "gopher://x.example/"):
        got = world.client.submit(Request(bad)).result(30)
        assert isinstance(got, Problem)
        assert got.reason is Reason.BAD_URL
    for dtd in (
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>',
    ):
        world.serve(answer(200, dtd.encode() + rss(item("a"))))
        assert world.poll().reason is Reason.MALFORMED_FEED


def _self_signed(folder: Path) -> ssl.SSLContext:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    key, cert = str(folder / "key.pem"), str(folder / "cert.pem")
    kind = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1")
    subprocess.run([openssl, "req", *kind, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_rule_34_certificates_are_checked(world: World, tmp_path: Path) -> None:
    with Site(tls=_self_signed(tmp_path)) as site:
        site.routes["/feed"] = news("a")
        got = world.client.submit(Request(site.url("/feed"))).result(30)
    assert isinstance(got, Problem)
    assert got.reason is Reason.TLS


def test_rule_35_connections_are_used_again(world: World) -> None:
    ports = set()

    def noting(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        news("a")(handler)

    world.serve(noting)
    for _ in range(4):
        world.poll()
    assert len(ports) == 1


def test_rule_36_the_new_items_alone(world: World) -> None:
    world.serve(news("a", "b", "c", etag='"1"'))
    world.poll()

    def delta(handler: Handler) -> None:
        assert handler.headers.get("A-IM") == "feed"
        news("d", "e", status=226, etag='"2"', IM="feed")(handler)

    world.serve(delta)
    polled = world.polled()
    assert [entry.title for entry in polled.entries] == ["Report d", "Report e"]
    assert polled.poll is not None
    assert polled.poll.rule != "all_items_new"
    world.serve(news("a", "b", "c", "d", "e", etag='"3"'))
    assert world.polled().entries == ()
    assert world.sent("if-none-match")[-1] == '"2"'
    assert world.sent("a-im")[0] is None


def test_rule_37_an_honest_and_spare_request(world: World) -> None:
    world.serve(answer(200, rss(item("a")), {"Set-Cookie": "id=1; Path=/", "ETag": '"1"'}))
    for _ in range(3):
        world.poll()
    for seen in world.site.seen:
        assert seen.path == "/feed"
        assert seen.headers["user-agent"] == AGENT
        assert "application/rss+xml" in seen.headers["accept"]
        assert not {"cookie", "referer", "cache-control", "pragma"} & set(seen.headers)


def test_rule_38_robots_and_spacing() -> None:
    with World(NOW, spacing_s=0.2, per_domain=1) as world:
        world.serve(answer(200, b"User-agent: *\nDisallow: /private"), "/robots.txt")
        world.serve(answer(200, b"page"), "/page")
        denied = world.client.submit(Request(world.site.url("/private"), check_robots=True)).result(30)
        assert isinstance(denied, Problem)
        assert denied.reason is Reason.ROBOTS_DENIED
        before = time.monotonic()
        asked = [world.client.submit(Request(world.site.url("/page"), check_robots=True)) for _ in range(3)]
        assert all(isinstance(future.result(30), Response) for future in asked)
        assert time.monotonic() - before >= 0.4
        late = world.client.submit(Request(world.site.url("/page"), not_after=NOW)).result(30)
        assert isinstance(late, Postponed)
    lane = Lane(5.0)
    lane.answered(elapsed_s=12.0, now=NOW)
    assert lane.earliest() == NOW + timedelta(seconds=12)
