"""Addresses of one article have one identity, and those of two articles never."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms.articles.canonical import canonicalise
from transforms.articles.variants import identity_of, link_identity

ARTICLE = "https://example.co.uk/world/2024/05/flood-in-the-north-valley"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.co.uk/world/2024/05/flood-in-the-north-valley",
        "https://m.example.co.uk/world/2024/05/flood-in-the-north-valley/",
        "https://amp.example.co.uk/world/2024/05/flood-in-the-north-valley",
        "https://www.m.example.co.uk/world/2024/05/flood-in-the-north-valley",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley/amp/",
        "https://example.co.uk/amp/world/2024/05/flood-in-the-north-valley",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley.amp",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley?amp=1",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley?outputType=amp&utm_source=x",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley/print",
        "https://example.co.uk/print/world/2024/05/flood-in-the-north-valley",
        "https://example.co.uk/world/2024/05/flood-in-the-north-valley?view=print#top",
        "https://example.co.uk:443/world/2024/05/flood-in-the-north-valley/index.html",
    ],
)
def test_forms_of_one_article_are_one(url: str) -> None:
    assert link_identity(url) == ARTICLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/Story-A", "https://example.org/story-a"),
        ("https://north.example.org/a", "https://south.example.org/a"),
        ("https://example.org/amp/", "https://example.org/"),
        ("https://example.org/print/", "https://example.org/edition/print/"),
        ("https://example.org/print/edition", "https://example.org/edition"),
        ("https://example.org/view?print=4711", "https://example.org/view?print=4712"),
        ("https://example.org:8080/a", "https://example.org:8081/a"),
        ("https://m.com/a", "https://mobile.com/a"),
        ("https://example.org/a.html", "https://example.org/a.php"),
    ],
)
def test_what_may_be_two_articles_stays_two(one: str, other: str) -> None:
    assert link_identity(one) != link_identity(other)


def test_a_registrable_domain_is_never_cut() -> None:
    assert link_identity("https://m.co.uk/a") == "https://m.co.uk/a"
    assert link_identity("https://www.com/a") == "https://www.com/a"


@pytest.mark.parametrize("url", ["file:///data/a.txt", "mailto:a@example.org", ""])
def test_what_is_no_web_address_has_none(url: str) -> None:
    assert link_identity(url) is None
    assert identity_of(url) == url


_PIECES = ["amp", "print", "index.html", "a-b-c-d", "20240517", "world", "x.amp", "x.amp.html", "", "mobile"]


@example("www.", ["amp", "", "a-b-c-d"], [])
@given(
    st.sampled_from(["www.", "m.", "amp.", "www.m.", "", "wap.amp."]),
    st.lists(st.sampled_from(_PIECES), max_size=5),
    st.lists(st.sampled_from(["amp", "amp=1", "id=5", "print=1", "m=1", "m=2"]), max_size=3),
)
def test_is_idempotent_and_blind_to_the_order_of_parameters(host: str, path: list[str], query: list[str]) -> None:
    url = f"http://{host}example.org/{'/'.join(path)}?{'&'.join(query)}"
    once = link_identity(url)
    assert once is not None
    assert identity_of(once) == once == link_identity(once)
    assert link_identity(f"http://{host}example.org/{'/'.join(path)}?{'&'.join(sorted(query))}") == once


def test_no_two_articles_of_real_addresses_become_one(bench_dir: Path) -> None:
    addresses = set()
    for path in sorted(bench_dir.rglob("*.json*")):
        if path.suffix in {".json", ".jsonl"}:
            found = re.findall(r'"(?:url|canonical_url|link)": ("https?://[^"\s]+")', path.read_text(errors="replace"))
            addresses |= {canonicalise(json.loads(link)) for link in found}
    addresses.discard(None)
    assert len(addresses) > 200
    merged: dict[str, set[str]] = {}
    for address in addresses:
        merged.setdefault(identity_of(address), set()).add(address)
    # What is folded differs in nothing but scheme, host prefix and a slash at the end.
    for same in merged.values():
        assert len({re.sub(r"^https?://(www\.|m\.|amp\.)?|/$", "", address) for address in same}) == 1, same
