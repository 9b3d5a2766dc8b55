"""The client against a real server that misbehaves."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from schemas.outcomes import Reason
from schemas.records import Problem
from tests.transforms.web.asking import NOW, WAIT_S, fetch, make_rules, reason_of
from tests.transforms.web.server import Handler, Route, Site, answer, raw, redirect, stall_after
from tests.warcs import gzip_of
from transforms.web.client import Client, FetchRules, Postponed, Request, Response


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def test_a_plain_answer(site: Site) -> None:
    site.routes["/a"] = answer(200, b"hello", {"Content-Type": "text/plain", "X-Two": "1"})
    result = fetch(Request(site.url("/a#part"), headers=(("Accept", "text/html"),)))
    assert isinstance(result, Response)
    assert (result.status, result.body, result.headers["content-type"]) == (200, b"hello", "text/plain")
    assert result.final_url == site.url("/a")
    assert result.fetched_at == NOW
    assert result.permanent_redirect_to is None
    sent = site.seen[0].headers
    assert sent["user-agent"] == "testbot/1.0"
    assert sent["accept"] == "text/html"
    assert sent["accept-encoding"] == "gzip, deflate, br"
    assert "referer" not in sent


@pytest.mark.parametrize("status", [304, 404, 410, 500])
def test_every_status_is_an_answer(site: Site, status: int) -> None:
    site.routes["/a"] = answer(status)
    result = fetch(site.url("/a"))
    assert isinstance(result, Response)
    assert result.status == status


def test_cookies_are_not_kept(site: Site) -> None:
    site.routes["/a"] = answer(200, b"x", {"Set-Cookie": "id=1; Path=/"})
    with Client(make_rules(), lambda: NOW) as client:
        for _ in range(2):
            client.submit(Request(site.url("/a"))).result(WAIT_S)
    assert all("cookie" not in request.headers for request in site.seen)


PACKED = gzip_of(b"hello " * 1000)
BARE_DEFLATE = zlib.compressobj(wbits=-15)
BARE_BODY = BARE_DEFLATE.compress(b"hello") + BARE_DEFLATE.flush()


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("gzip", PACKED, b"hello " * 1000),
        ("x-gzip", gzip_of(b"one ") + gzip_of(b"two"), b"one two"),
        ("gzip", gzip_of(b"padded") + b"\0\0", b"padded"),
        ("deflate", zlib.compress(b"hello"), b"hello"),
        ("deflate", BARE_BODY, b"hello"),
        ("br", brotli.compress(b"hello " * 100_000), b"hello " * 100_000),
        ("br", brotli.compress(b""), b""),
        ("br", b"", b""),
        ("identity", b"plain", b"plain"),
        ("utf-8", b"plain", b"plain"),
        ("gzip", b"", b""),
    ],
)
def test_encodings(site: Site, encoding: str, body: bytes, expected: bytes) -> None:
    site.routes["/a"] = answer(200, body, {"Content-Encoding": encoding})
    result = fetch(site.url("/a"))
    assert isinstance(result, Response), result
    assert result.body == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (answer(200, PACKED[:-20], {"Content-Encoding": "gzip"}), Reason.TRUNCATED),
        (answer(200, PACKED[:10] + b"\xff" * 40, {"Content-Encoding": "gzip"}), Reason.TRUNCATED),
        (answer(200, b"not packed", {"Content-Encoding": "gzip"}), Reason.TRUNCATED),
        (answer(200, brotli.compress(b"hello" * 9_000)[:-3], {"Content-Encoding": "br"}), Reason.TRUNCATED),
        (answer(200, b"not packed, not at all", {"Content-Encoding": "br"}), Reason.TRUNCATED),
        (answer(200, brotli.compress(bytes(100_000_000), quality=5), {"Content-Encoding": "br"}), Reason.TOO_LARGE),
        (answer(200, b"x", {"Content-Encoding": "zstd"}), Reason.PROTOCOL),
        (answer(200, gzip_of(bytes(5_000_000)), {"Content-Encoding": "gzip"}), Reason.TOO_LARGE),
        (answer(200, b"x" * 1_000_001), Reason.TOO_LARGE),
        (raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1_000_001), Reason.TOO_LARGE),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"), Reason.TRUNCATED),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), Reason.TRUNCATED),
        (raw(b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 40_000 + b"\r\n\r\n"), Reason.PROTOCOL),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n"), Reason.PROTOCOL),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), Reason.PROTOCOL),
        (raw(b""), Reason.CONNECT),
        (redirect("ftp://example.org/x"), Reason.BAD_URL),
        (redirect("file:///etc/passwd"), Reason.BAD_URL),
        (redirect("http://[::1"), Reason.BAD_URL),
        (redirect("/" + "x" * 9_000), Reason.BAD_URL),
    ],
)
def test_faults_are_problems(site: Site, route: Route, expected: Reason) -> None:
    site.routes["/a"] = route
    assert reason_of(fetch(site.url("/a"), max_bytes=1_000_000)) is expected


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow"], ids=len
)
def test_the_deadline_counts_the_whole_answer(site: Site, start: bytes) -> None:
    site.routes["/a"] = stall_after(start)
    assert reason_of(fetch(site.url("/a"), timeout_s=0.2)) is Reason.TIMEOUT


def test_the_deadline_counts_redirects_too(site: Site) -> None:
    site.routes["/a"] = redirect("/b")
    site.routes["/b"] = stall_after(b"")
    assert reason_of(fetch(site.url("/a"), timeout_s=0.3)) is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", Reason.BAD_URL),
        ("example.org/feed", Reason.BAD_URL),
        ("gopher://example.org/", Reason.BAD_URL),
        ("http:///nohost", Reason.BAD_URL),
        ("http://example.org:99999/", Reason.BAD_URL),
        ("http://" + "a" * 9_000, Reason.BAD_URL),
        ("http://" + "a" * 70 + ".org/", Reason.BAD_URL),
        ("http://127.0.0.1:1/", Reason.CONNECT),
    ],
)
def test_bad_addresses(url: str, expected: Reason) -> None:
    assert reason_of(fetch(url)) is expected


def test_an_unknown_host() -> None:
    # Where no name server answers at all, the look-up runs into the deadline instead.
    assert reason_of(fetch("http://nothing-here.invalid/", timeout_s=3.0)) in {Reason.DNS, Reason.TIMEOUT}


class TestRedirects:
    def test_permanent_chain(self, site: Site) -> None:
        site.routes |= {"/a": redirect("/b", 301), "/b": redirect(site.url("/c"), 308), "/c": answer(200, b"end")}
        result = fetch(site.url("/a"))
        assert isinstance(result, Response)
        assert (result.url, result.final_url) == (site.url("/a"), site.url("/c"))
        assert result.permanent_redirect_to == site.url("/c")

    def test_a_temporary_hop_ends_the_permanent_chain(self, site: Site) -> None:
        site.routes |= {"/a": redirect("/b", 301), "/b": redirect("/c", 302), "/c": redirect("/d", 301)}
        site.routes["/d"] = answer(200, b"end")
        result = fetch(site.url("/a"))
        assert isinstance(result, Response)
        assert (result.final_url, result.permanent_redirect_to) == (site.url("/d"), site.url("/b"))

    def test_temporary_first_hop(self, site: Site) -> None:
        site.routes |= {"/a": redirect("/b", 307), "/b": answer(200, b"end")}
        result = fetch(site.url("/a"))
        assert isinstance(result, Response)
        assert result.permanent_redirect_to is None

    def test_loop(self, site: Site) -> None:
        site.routes |= {"/a": redirect("/b"), "/b": redirect("/a")}
        assert reason_of(fetch(site.url("/a"))) is Reason.REDIRECTS
        assert site.paths() == ["/a", "/b"]

    def test_too_many(self, site: Site) -> None:
        site.routes |= {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
        assert reason_of(fetch(site.url("/0"), max_redirects=3)) is Reason.REDIRECTS
        assert site.paths() == ["/0", "/1", "/2", "/3"]

    def test_redirect_without_location_is_the_answer(self, site: Site) -> None:
        site.routes["/a"] = answer(302)
        result = fetch(site.url("/a"))
        assert isinstance(result, Response)
        assert result.status == 302

    @pytest.mark.parametrize(("bound_to", "carriers"), [(None, ["/a"]), ("/a", ["/a"]), ("/b", ["/b"]), ("/x", [])])
    def test_validators_stay_with_their_address(self, site: Site, bound_to: str | None, carriers: list[str]) -> None:
        site.routes |= {"/a": redirect("/b"), "/b": answer(200, b"end")}
        headers = (("If-None-Match", '"v1"'), ("If-Modified-Since", "Sat, 21 Nov 2026 08:00:00 GMT"), ("Accept", "x/y"))
        fetch(Request(site.url("/a"), headers=headers, validators_url=bound_to and site.url(bound_to)))
        assert [seen.path for seen in site.seen if "if-none-match" in seen.headers] == carriers
        assert [seen.path for seen in site.seen if "if-modified-since" in seen.headers] == carriers
        assert all(seen.headers["accept"] == "x/y" for seen in site.seen)


class TestRobots:
    def test_a_forbidden_page_is_not_asked_for(self, site: Site) -> None:
        site.routes["/robots.txt"] = answer(200, b"User-agent: testbot\nDisallow: /secret")
        site.routes["/open"] = answer(200, b"x")
        with Client(make_rules(), lambda: NOW) as client:
            denied = client.submit(Request(site.url("/secret"), check_robots=True)).result(WAIT_S)
            allowed = client.submit(Request(site.url("/open"), check_robots=True)).result(WAIT_S)
        assert reason_of(denied) is Reason.ROBOTS_DENIED
        assert isinstance(allowed, Response)
        assert site.paths() == ["/robots.txt", "/open"]

    @pytest.mark.parametrize(
        ("status", "denied"), [(200, False), (401, False), (404, False), (429, True), (500, True), (503, True)]
    )
    def test_status_of_robots(self, site: Site, status: int, denied: bool) -> None:
        site.routes |= {"/robots.txt": answer(status), "/page": answer(200, b"x")}
        not_after = NOW + timedelta(seconds=5)
        result = fetch(Request(site.url("/page"), check_robots=True, not_after=not_after))
        assert isinstance(result, Problem if denied else Response)
        assert ("/page" in site.paths()) is not denied

    def test_unreachable_robots_forbids(self, site: Site) -> None:
        site.routes["/robots.txt"] = raw(b"")
        assert reason_of(fetch(Request(site.url("/page"), check_robots=True))) is Reason.CONNECT
        assert "/page" not in site.paths()

    def test_the_target_of_a_redirect_is_checked(self, site: Site) -> None:
        site.routes |= {"/robots.txt": answer(200, b"User-agent: *\nDisallow: /secret"), "/a": redirect("/secret")}
        assert reason_of(fetch(Request(site.url("/a"), check_robots=True))) is Reason.ROBOTS_DENIED
        assert "/secret" not in site.paths()

    def test_one_fetch_serves_all_who_wait(self, site: Site) -> None:
        site.routes |= {"/robots.txt": answer(404), "/page": answer(200, b"x")}
        with Client(make_rules(per_domain=4), lambda: NOW) as client:
            futures = [client.submit(Request(site.url("/page"), check_robots=True)) for _ in range(8)]
            assert all(isinstance(future.result(WAIT_S), Response) for future in futures)
        assert site.paths().count("/robots.txt") == 1

    def test_disobeying_is_a_rule_of_the_user(self, site: Site) -> None:
        site.routes |= {"/robots.txt": answer(200, b"User-agent: *\nDisallow: /"), "/page": answer(200, b"x")}
        result = fetch(Request(site.url("/page"), check_robots=True), obey_robots=False)
        assert isinstance(result, Response)


class TestPoliteness:
    def test_retry_after_closes_the_domain(self, site: Site) -> None:
        site.routes["/a"] = answer(429, headers={"Retry-After": "120"})
        with Client(make_rules(), lambda: NOW) as client:
            first = client.submit(Request(site.url("/a"))).result(WAIT_S)
            not_after = NOW + timedelta(seconds=60)
            second = client.submit(Request(site.url("/b"), not_after=not_after)).result(WAIT_S)
        assert isinstance(first, Response)
        assert second == Postponed(site.url("/b"), NOW + timedelta(seconds=120))
        assert site.paths() == ["/a"]

    def test_spacing_postpones(self, site: Site) -> None:
        site.routes["/a"] = answer(200, b"x")
        with Client(make_rules(spacing_s=30.0), lambda: NOW) as client:
            client.submit(Request(site.url("/a"))).result(WAIT_S)
            late = client.submit(Request(site.url("/a"), not_after=NOW + timedelta(seconds=20))).result(WAIT_S)
        assert isinstance(late, Postponed)
        assert late.until == NOW + timedelta(seconds=30)

    def test_one_request_at_a_time_per_domain(self, site: Site) -> None:
        under_way: list[int] = []
        most: list[int] = []
        guard = threading.Lock()

        def count(handler: Handler) -> None:
            with guard:
                under_way.append(1)
                most.append(len(under_way))
            handler.site.released.wait(0.001)  # long enough for a second request to be seen beside this one
            with guard:
                under_way.pop()
            answer(200, b"x")(handler)

        site.routes["/a"] = count
        with Client(make_rules(), lambda: NOW) as client:
            futures = [client.submit(Request(site.url("/a"))) for _ in range(20)]
            assert all(isinstance(future.result(WAIT_S), Response) for future in futures)
        assert most == [1] * 20

    def test_domains_do_not_wait_for_each_other(self, site: Site) -> None:
        with Site() as other:
            site.routes["/a"] = stall_after(b"")
            other.routes["/b"] = answer(200, b"x")
            with Client(make_rules(timeout_s=60.0), lambda: NOW) as client:
                hanging = client.submit(Request(site.url("/a")))
                assert isinstance(client.submit(Request(other.url("/b"))).result(WAIT_S), Response)
                assert not hanging.done()


class TestLife:
    def test_close_cancels_and_joins(self, site: Site) -> None:
        site.routes["/a"] = stall_after(b"")
        client = Client(make_rules(timeout_s=60.0), lambda: NOW)
        hanging = client.submit(Request(site.url("/a")))
        client.close()
        client.close()
        assert hanging.cancelled()
        assert not any(thread.name == "newsbeam-web" for thread in threading.enumerate())
        with pytest.raises(RuntimeError, match="closed"):
            client.submit(Request(site.url("/a")))

    def test_many_threads_may_submit(self, site: Site) -> None:
        site.routes["/a"] = answer(200, b"x")
        results: list[object] = []
        with Client(make_rules(per_domain=8), lambda: NOW) as client:

            def work() -> None:
                results.append(client.submit(Request(site.url("/a"))).result(WAIT_S))

            threads = [threading.Thread(target=work) for _ in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(results) == 16
        assert all(isinstance(result, Response) for result in results)

    def test_rules_are_checked(self) -> None:
        with pytest.raises(ValueError, match="timeout_s"):
            FetchRules(user_agent="x", timeout_s=0)
        with pytest.raises(ValueError, match="user_agent"):
            FetchRules(user_agent=" ")


class TestTls:
    def test_plain_http_behind_https(self, site: Site) -> None:
        assert reason_of(fetch(site.url("/a").replace("http:", "https:"))) is Reason.TLS

    def test_an_untrusted_certificate(self, tmp_path: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("needs the openssl command to make a certificate")
        key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
        kind = [
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
        ]
        subprocess.run([openssl, "req", *kind, "-keyout", key, "-out", cert], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        with Site({"/a": answer(200, b"x")}, tls=context) as secure:
            assert reason_of(fetch(secure.url("/a", host="localhost"))) is Reason.TLS
            assert secure.seen == []
