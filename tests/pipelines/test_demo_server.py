"""The bundled demonstration site, asked over real HTTP."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import feedparser
import lxml.html
import pytest
import trafilatura

from pipelines.demo_server import DemoSite


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def entries(site: DemoSite, outlet: int) -> list[feedparser.FeedParserDict]:
    parsed = feedparser.parse(fetch(site.feed_urls[outlet])[2])
    assert not parsed.bozo
    return list(parsed.entries)


def page_text(site: DemoSite, outlet: int, slug: str) -> str:
    base = site.feed_urls[outlet].rsplit("/", 1)[0]
    status, _, body = fetch(f"{base}/news/{slug}")
    assert status == 200
    text = trafilatura.extract(body.decode(), include_comments=False)
    assert text
    return str(text)


def test_the_two_outlets_have_two_origins_and_two_formats(site: DemoSite) -> None:
    first, second = (urlsplit(url) for url in site.feed_urls)
    assert first.hostname == second.hostname == "127.0.0.1"
    assert first.port != second.port
    assert [feedparser.parse(fetch(url)[2]).version for url in site.feed_urls] == ["rss20", "atom10"]


def test_every_entry_has_a_page_but_the_dead_link_and_the_malformed_item(site: DemoSite) -> None:
    answers = [
        (entry.title, fetch(entry.link)[0] if "link" in entry else None) for n in (0, 1) for entry in entries(site, n)
    ]
    assert [answer for answer in answers if answer[1] != 200] == [
        ("Note from the desk", None),
        ("Map: every clash on the Panj since January", 404),
    ]
    assert len(answers) == 12


def test_one_article_is_linked_twice_with_different_tracking_parameters(site: DemoSite) -> None:
    links = [entry.link for entry in entries(site, 0) if "link" in entry]
    bare = [link.split("?")[0] for link in links]
    assert len(links) == len(set(links)) == len(set(bare)) + 1


def test_every_page_is_complete_and_says_that_it_is_invented(site: DemoSite) -> None:
    for outlet in (0, 1):
        base = site.feed_urls[outlet].rsplit("/", 1)[0]
        for link in {entry.link for entry in entries(site, outlet) if "link" in entry} | {base + "/"}:
            status, _, body = fetch(link)
            if status == 404:
                continue
            tree = lxml.html.document_fromstring(body.decode())
            footer = " ".join(
                tree.xpath("//*[@id='colophon' or contains(@class,'site-footer')]")[0].text_content().split()
            )
            assert footer.startswith("Invented demonstration text.")
            assert not re.search(rb"\{[a-z]+\}", body), link
            for canonical in tree.xpath("//link[@rel='canonical']/@href"):
                assert canonical == link.split("?")[0]


def test_links_within_the_site_lead_somewhere(site: DemoSite) -> None:
    for feed_url in site.feed_urls:
        base = feed_url.rsplit("/", 1)[0]
        front = lxml.html.document_fromstring(fetch(base + "/")[2].decode())
        links = {str(link).split("#")[0] for link in front.xpath("//main//a/@href | //div[@id='latest']//a/@href")}
        assert links
        assert {fetch(link)[0] for link in links} == {200}
        assert fetch(front.xpath("//link[@rel='alternate']/@href")[0])[0] == 200


def test_the_wire_story_is_long_and_its_copy_is_a_light_cut(site: DemoSite) -> None:
    wire, copy, translated = (
        page_text(site, 0, "shots-across-the-panj"),
        page_text(site, 1, "panj-clash-kills-three"),
        page_text(site, 1, "press-review-infiltrators"),
    )
    assert len(wire.split()) >= 350
    assert trigram_containment(copy, wire) > 0.85
    assert trigram_containment(translated, wire) < 0.1
    assert "Zarafshan Press" in wire
    assert "Zarafshan Press" in copy
    for fact in ("58", "220", "140", "201st", "Rustaqi", "Kulob"):
        assert fact in wire
        assert fact in translated
    assert "Sattorzoda" in wire
    assert "Sattorzoda" not in translated


def trigram_containment(shorter: str, longer: str) -> float:
    def grams(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.casefold())
        return set(zip(words, words[1:], words[2:], strict=False))

    return len(grams(shorter) & grams(longer)) / len(grams(shorter))


def test_revise_changes_one_entry_and_one_page(site: DemoSite) -> None:
    before_feeds = [fetch(url)[2] for url in site.feed_urls]
    before = {entry.id: entry for entry in entries(site, 1)}
    page = page_text(site, 1, "two-guards-hurt")
    site.revise()
    after = {entry.id: entry for entry in entries(site, 1)}
    (changed,) = [key for key in before if before[key] != after[key]]
    assert before.keys() == after.keys()
    assert before[changed].updated < after[changed].updated
    assert before[changed].published == after[changed].published
    assert before[changed].link == after[changed].link
    revised = page_text(site, 1, "two-guards-hurt")
    assert "out of danger" in page
    assert "out of danger" not in revised
    assert "toll of the clash to four" in revised
    after_feeds = [fetch(url)[2] for url in site.feed_urls]
    assert after_feeds[0] == before_feeds[0]
    assert after_feeds[1] != before_feeds[1]


@pytest.mark.parametrize("outlet", [0, 1])
def test_conditional_requests_get_304_until_the_document_changes(site: DemoSite, outlet: int) -> None:
    url = site.feed_urls[outlet]
    _, headers, _ = fetch(url)
    etag, modified = headers["etag"], headers["last-modified"]
    assert fetch(url, If_None_Match=etag)[0] == 304
    assert fetch(url, If_None_Match=f'"other", W/{etag}')[0] == 304
    assert fetch(url, If_Modified_Since=modified)[0] == 304
    assert fetch(url, If_None_Match='"other"', If_Modified_Since=modified)[0] == 200
    assert fetch(url, If_Modified_Since="no date")[0] == 200
    site.revise()
    expected = 200 if outlet == 1 else 304
    assert fetch(url, If_None_Match=etag)[0] == expected
    assert fetch(url, If_Modified_Since=modified)[0] == expected


def test_requests_are_recorded_with_their_status(site: DemoSite) -> None:
    base = site.feed_urls[0].rsplit("/", 1)[0]
    fetch(f"{base}/robots.txt")
    fetch(f"{base}/news/no-such-page?a=1")
    status, headers, body = fetch(site.feed_urls[0], method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    assert site.requests == [
        f"GET {base}/robots.txt 200",
        f"GET {base}/news/no-such-page?a=1 404",
        f"HEAD {base}/feed.xml 200",
    ]


@pytest.mark.parametrize(
    "path", ["/parts/header", "/revised/news/two-guards-hurt", "/../__init__.py", "/%2e%2e/feed.xml"]
)
def test_nothing_but_the_site_is_served(site: DemoSite, path: str) -> None:
    assert fetch(site.feed_urls[1].rsplit("/", 1)[0] + path)[0] == 404


def test_closing_frees_the_ports_and_ends_the_threads(capfd: pytest.CaptureFixture[str]) -> None:
    threads = threading.active_count()
    with DemoSite() as site:
        fetch(site.feed_urls[0])
    assert threading.active_count() <= threads
    with pytest.raises(ConnectionRefusedError):
        fetch(site.feed_urls[0])
    assert capfd.readouterr() == ("", "")
