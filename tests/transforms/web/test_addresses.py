"""Which addresses are refused, which URLs are usable, and whose they are."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.addresses import literal_refused, parse_url, refusal, registrable_domain


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2002:0808:0808::1", "64:ff9b::808:808"]
)
def test_allowed(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::a9fe:a9fe",
        "::ffff:0:127.0.0.1",
        "::8.8.8.8",
        "64:ff9b:1::a00:1",
        "5f00::1",
        "3fff::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:a00:1::f5ff:fffe",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "not an address",
    ],
)
def test_refused(address: str) -> None:
    assert refusal(address)


@given(st.ip_addresses(v=4))
def test_an_ipv6_dress_changes_nothing(ip: ipaddress.IPv4Address) -> None:
    carried = [f"::ffff:{ip}", str(ipaddress.IPv6Address((0x64FF9B << 96) | int(ip)))]
    assert [refusal(address) is None for address in carried] == [refusal(str(ip)) is None] * 2


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://127.0.0.1/", True),
        ("http://[::1]:8080/", True),
        ("http://8.8.8.8/", False),
        ("http://localhost/", False),
    ],
)
def test_literals(url: str, refused: bool) -> None:
    problem = literal_refused(URL(url), allow_private=False)
    assert (problem is not None) is refused
    assert literal_refused(URL(url), allow_private=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" https://Example.ORG/a?b=1#c ", "https://example.org/a?b=1"),
        ("https://пример.рф/я", "https://xn--e1afmkfd.xn--p1ai/%D1%8F"),
        ("https://e.org/a%2Fb", "https://e.org/a%2Fb"),
        ("https://e.org:443/", "https://e.org/"),
    ],
)
def test_usable_urls(text: str, expected: str) -> None:
    assert str(parse_url(text, max_length=100)) == expected


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_any_text_is_a_url_or_a_problem(text: str) -> None:
    url = parse_url(text, max_length=50)
    if isinstance(url, Problem):
        assert url.reason is Reason.BAD_URL
    else:
        assert url.scheme in ("http", "https")
        assert registrable_domain(url)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://feeds.bbc.co.uk/x", "bbc.co.uk"),
        ("https://www.khovar.tj/", "khovar.tj"),
        ("https://a.b.example.com./", "example.com"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("http://[2001:db8::1]/", "2001:db8::1:80"),
        ("http://localhost/", "localhost:80"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_registrable_domains(url: str, domain: str) -> None:
    assert registrable_domain(URL(url)) == domain
