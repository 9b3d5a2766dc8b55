"""Which addresses may be connected to: the guard against feeds and redirects that point into private networks."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList
from yarl import URL

from schemas.outcomes import Reason
from schemas.records import Problem

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address, which a translator would connect to."""

_REFUSED_THOUGH_GLOBAL: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "168.63.129.16/32",  # the metadata and health address of Azure's hosts
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890); 192.0.0.192 is Oracle Cloud's metadata
        "192.88.99.0/24",  # former 6to4 relays (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""Blocks that `ipaddress.is_global` lets through on some Python versions, and addresses of cloud hosts."""

_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given out of IPv6 as global unicast. Outside of it `is_global` lets addresses through that a host
may take for IPv4 ones: `::127.0.0.1` (RFC 4291, 2.5.5.1), `::ffff:0:127.0.0.1` (RFC 2765)."""


def refusal(address: str) -> str | None:
    """Why an IP address may not be connected to, or None if it may.

    Only globally routable unicast addresses pass (the IANA special-purpose registries, RFC 6890). An IPv6 address that
    carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is judged by both.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "is no IP address"
    carried = _carried_ipv4(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if carried is not None:
        inner = refusal(str(carried))
        return f"carries {carried}, which {inner}" if inner else None
    if ip.is_multicast:
        return "is a multicast address"
    if not ip.is_global or (isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST):
        return "is not globally routable"
    if any(ip in block for block in _REFUSED_THOUGH_GLOBAL):
        return "is reserved or a cloud host's metadata address"
    return None


def _carried_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def parse_url(text: str, *, max_length: int) -> URL | Problem:
    """An absolute http or https URL, or the problem with it (BAD_URL). A fragment is dropped: it is never sent."""
    shown = text if len(text) <= 200 else text[:200] + "…"
    if len(text) > max_length:
        return Problem(Reason.BAD_URL, f"URL of {len(text)} characters is over the cap of {max_length}: {shown}")
    try:
        url = URL(text.strip()).with_fragment(None)
        usable = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except (ValueError, UnicodeError) as error:
        return Problem(Reason.BAD_URL, f"{shown!r} is no URL ({error}); correct it in the feed list or at its source")
    if not usable:
        return Problem(Reason.BAD_URL, f"{shown!r} is no absolute http or https URL")
    return url


def literal_refused(url: URL, *, allow_private: bool) -> Problem | None:
    """The problem with a URL whose host is an IP literal that may not be connected to (no resolver ever sees it)."""
    if allow_private or not is_ip_literal(url):
        return None
    why = refusal(url.host or "")
    return address_problem(url, f"{url.host} {why}") if why else None


def address_problem(url: URL, why: str) -> Problem:
    """The problem of a refused address, with the remedy."""
    return Problem(
        Reason.ADDRESS_REFUSED,
        f"{url} leads to an address that may not be asked: {why}; if the server is yours, use --allow-private",
    )


def is_ip_literal(url: URL) -> bool:
    """True where the host is an IPv4 or IPv6 address in its canonical form."""
    try:
        ipaddress.ip_address((url.host or "").partition("%")[0])
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable_domain(url: URL) -> str:
    """The name that one publisher registered, by the Public Suffix List: `bbc.co.uk` of `feeds.bbc.co.uk`.

    The list's private part counts, so that two blogs of one hosting company are two publishers. An IP literal and a
    name without a public suffix (`localhost`) stand for themselves, with their port.
    """
    host = (url.raw_host or "").lower().rstrip(".")
    domain = None if is_ip_literal(url) else _suffixes().privatesuffix(host)
    return str(domain) if domain else f"{host}:{url.port}"
