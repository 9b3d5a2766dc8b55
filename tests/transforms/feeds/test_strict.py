"""The fast reader of feeds: it reads the usual ones, reads them as feedparser does, and leaves it the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from schemas.records import Feed, Problem
from transforms.feeds.entries import ParsedFeed
from transforms.feeds.parse import parse_feed
from transforms.feeds.strict import read_strictly

FEED = Feed("https://news.example.tj/feed", "example.tj")
XML = {"content-type": "application/xml"}
SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "cc": "http://web.resource.org/cc/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "house": "https://house.example.org/ns",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())


def parse(body: bytes) -> ParsedFeed | Problem:
    return parse_feed(body, feed=FEED, base_url=FEED.url, headers={})


def is_read(body: str | bytes, headers: dict[str, str] | None = None) -> bool:
    data = body if isinstance(body, bytes) else body.encode()
    return read_strictly(data, headers or XML, FEED.url) is not None


def by_feedparser(body: bytes) -> ParsedFeed | Problem:
    """A document type, whatever it is, makes the fast reader step aside, and changes nothing else."""
    return parse(b"<!DOCTYPE feed>" + body)


def rss(inside: str, attributes: str = "") -> str:
    return f'<rss version="2.0" {DECLARED}{attributes}><channel><title>News</title>{inside}</channel></rss>'


def rdf(inside: str) -> str:
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {DECLARED}>'
        f"<channel rdf:about='x'><title>News</title></channel>{inside}</rdf:RDF>"
    )


def atom(inside: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {DECLARED}><title>News</title>{inside}</feed>'


def old_atom(inside: str) -> str:
    return f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" {DECLARED}><title>News</title>{inside}</feed>'


LINK = "<link>https://e.org/1</link>"


@pytest.mark.parametrize(
    "body",
    [
        rss(f"<item>{LINK}<pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate><foo a='b'>x</foo></item>"),
        rss(f"<item>{LINK}<media:group><media:title>T</media:title></media:group></item>", ' xml:base="https://e.org/"'),
        rss(f"<item>{LINK}<author>desk@e.org (A. Writer)</author></item>"),
        rss("<image><url>x</url><title>T</title><link>l</link></image><itunes:owner><itunes:name>N</itunes:name>"
            "</itunes:owner>"),
        rdf("<item rdf:about='https://e.org/1'><title>T</title><dc:date>2026-11-22T08:00:00Z</dc:date></item>"),
        atom("<entry><id>urn:1</id><author><name>N</name></author><content type='xhtml'><div "
             "xmlns='http://www.w3.org/1999/xhtml'><p class='a'>Whole</p><br/></div></content></entry>"),
        old_atom("<entry><id>urn:1</id><title mode='escaped' type='text/html'>T</title><issued>2026-11-22T08:00Z"
                 "</issued></entry>"),
        "<?xml version='1.0' encoding='windows-1251'?>" + rss(""),
        "<!-- made by hand --><?xml-stylesheet href='x'?>" + rss(""),
    ],
)  # fmt: skip
def test_usual_feeds_are_read(body: str) -> None:
    assert is_read(body)
    assert parse(body.encode()) == by_feedparser(
        body.partition("?>")[2].encode() if body[:5] == "<?xml" else body.encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='2.0'><channel><title>cut off",
        "<rss version='2.0'><channel><title>&#1;</title></channel></rss>",
        "<!DOCTYPE rss>" + rss(""),
        "<channel><item/></channel>",
        "<feed><entry/></feed>",
        rss("<house:a><item><item/></item></house:a>"),
        rss("<item><title>A <b>word</b></title></item>"),
        rss("<item><body>text</body></item>"),
        rss("<item><date>2026-11-22</date></item>"),
        rss("<item><pubDate>22/11/2026 10:00</pubDate></item>"),
        rss("<item><author>write to a@e.org or b@e.org</author></item>"),
        rss("<item href='https://e.org/1'/>"),
        atom("<entry><author><email>a@e.org</email></author></entry>"),
        rss("<item><title type='image/png'>x</title></item>"),
        rss("<item><link house:href='x'/></item>"),
        rss("<item/>", ' xmlns:x="http://purl.org/rss/1.0/"'),
        rss("<item><a:title xmlns:a='x:y'/><dc:title xmlns:dc='http://purl.org/dc/terms/'/></item>"),
        atom("<entry><content type='application/pdf' mode='base64'>eA==</content></entry>"),
        atom("<entry><source><title>other</title></source></entry>"),
        atom("<entry><content type='xhtml'><div>no XHTML</div></content></entry>"),
        atom("<entry xml:base='mailto:x'><link href='y'/></entry>"),
    ],
)
def test_the_rest_is_left_to_feedparser(body: str) -> None:
    assert not is_read(body)


@pytest.mark.parametrize(
    ("body", "content_type", "read"),
    [
        (rss("<title>Душанбе</title>").encode("cp1251"), "application/xml; charset=windows-1251", True),
        (b"<?xml version='1.0' encoding='koi8-r'?>" + rss("<title>Душанбе</title>").encode("koi8-r"), "text/xml", True),
        (rss("<title>Душанбе</title>").encode("cp1251"), "application/xml", False),
        (rss("<title>Душанбе</title>").encode("cp1251"), "application/xml; charset=no-such", False),
        (rss("<title>Душанбе</title>").encode("cp1251"), "application/xml; charset=us-ascii", False),
    ],
)
def test_encodings(body: bytes, content_type: str, read: bool) -> None:
    assert is_read(body, {"content-type": content_type}) is read


def test_broken_letters_are_mended_alike() -> None:
    body = rss(f"<item>{LINK}<title>DonÃ¢\u0080\u0099t</title><description>a\u0092b</description></item>").encode()
    assert is_read(body)
    assert parse(body) == by_feedparser(body)


WORDS = st.sampled_from(
    ["", " ", "a", "Two words", "&lt;b&gt;bold&lt;/b&gt; &amp;amp; &#8211;", "<![CDATA[<p>One</p> & <br/>two]]>",
     "Душанбе", "\n  padded\n", "cafÃ©", "\x92", "https://e.org/a?b=1&amp;c=2", "/r", "r;p?q", "77", "urn:x:1",
     "//e.org/x", "https:///e.org/x", "http://[", "HTTPS://E.org", "https://e.org/?", "a@e.org", "a@e.org (N)",
     "N &lt;a@e.org&gt;", "ru", "Sun, 22 Nov 2026 13:00:00 +0500", "2026-11-22T08:00:00Z", "22 Nov 2026 08:00 EST",
     "2026-11-22", "hourly", "2"]
)  # fmt: skip
NAMES = [
    "title", "link", "description", "guid", "pubDate", "author", "dc:creator", "dc:date", "dc:title", "dc:description",
    "content:encoded", "summary", "content", "id", "published", "updated", "dcterms:modified", "created", "issued",
    "language", "dc:language", "media:title", "media:description", "itunes:summary", "itunes:author", "enclosure",
    "feedburner:origLink", "source", "image", "ttl", "sy:updatePeriod", "sy:updateFrequency", "category", "comments",
    "foo", "house:title", "slash:comments", "cc:license", "dc:publisher", "Title", "itunes:new-feed-url", "url",
]  # fmt: skip
ATTRIBUTES = st.sampled_from(
    ["", "", "", "", "", " type='html'", " type='text'", " type='xhtml'", " href='https://e.org/l'", " house:a='b'",
     " href='l' rel='self'", " rel='hub' href='/h'", " isPermaLink='false'", " isPermaLink='true'", " xml:lang='tg'",
     " url='/u' type='image/png'", " xml:base='b/'", " xml:base='https://b.org/'", " REL='Next' href='n'",
     " rel='alternate' type='text/html' href='?q'"]
)  # fmt: skip


def element(name: str, inside: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.builds(lambda attributes, text: f"<{name}{attributes}>{text}</{name}>", ATTRIBUTES, inside)


LEAVES = st.sampled_from(NAMES).flatmap(lambda name: element(name, WORDS))
PARTS = st.sampled_from(("name", "email", "uri", "house:x")).flatmap(
    lambda name: st.builds(lambda text: f"<{name}>{text}</{name}>", WORDS)
)
PERSONS = element("author", st.lists(PARTS, max_size=3).map(lambda parts: f"<name>A. Writer</name>{''.join(parts)}"))
GROUPS = st.sampled_from(("media:group", "house:group", "image", "foo")).flatmap(
    lambda name: element(name, st.lists(LEAVES, max_size=3).map("".join))
)
MARKUP = st.builds(
    lambda outer, text: (
        f"<content type='xhtml'><{outer} xmlns='http://www.w3.org/1999/xhtml'>{text}<p CLASS='x&quot;'>a &amp; b</p>"
        f"<br/></{outer}> </content>"
    ),
    st.sampled_from(("div", "p", "DIV")),
    WORDS,
)
ITEMS = st.builds(
    lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
    st.sampled_from(("item", "entry")),
    st.lists(st.one_of(LEAVES, LEAVES, LEAVES, PERSONS, GROUPS, MARKUP), max_size=7),
)
DOCUMENTS = st.builds(
    lambda wrap, parts: wrap("".join(parts)),
    st.sampled_from((rss, rdf, atom, old_atom)),
    st.lists(st.one_of(LEAVES, GROUPS, PERSONS, ITEMS, ITEMS), max_size=6),
)


@given(DOCUMENTS)
def test_both_readers_give_the_same(body: str) -> None:
    assert parse(body.encode()) == by_feedparser(body.encode())


def test_most_invented_feeds_reach_the_fast_reader() -> None:
    """Else the comparison above would compare feedparser with itself."""
    read: list[bool] = []
    count: Callable[[], None] = given(DOCUMENTS)(lambda body: read.append(is_read(body)))
    count()
    assert sum(read) > len(read) / 5
