"""parse_feed: what each format gives, and what each kind of rubbish is called."""

from __future__ import annotations

import codecs
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import entry_key
from schemas.outcomes import Reason
from schemas.records import Feed, FeedEntry, Problem
from transforms.feeds.parse import ParsedFeed, parse_feed

FEED = Feed("https://news.example.tj/feed", "example.tj", family="group")


def parse(body: str | bytes, *, feed: Feed = FEED, base: str = FEED.url, **headers: str) -> ParsedFeed | Problem:
    data = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_feed(data, feed=feed, base_url=base, headers=named)


def good(body: str | bytes, *, feed: Feed = FEED, base: str = FEED.url, **headers: str) -> ParsedFeed:
    parsed = parse(body, feed=feed, base=base, **headers)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


def only(body: str | bytes, *, feed: Feed = FEED, base: str = FEED.url) -> FeedEntry:
    (entry,) = good(body, feed=feed, base=base).entries
    return entry


def rss(inside: str, channel: str = "") -> str:
    return f'<rss version="2.0"><channel><title>News</title>{channel}{inside}</channel></rss>'


def item(inside: str, channel: str = "") -> str:
    return rss(f"<item>{inside}</item>", channel)


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>News &amp;amp; more</title><language>en-us</language><ttl>30</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>2</hour><hour>3</hour></skipHours><skipDays><day>Friday</day></skipDays>
<atom:link rel="hub" href="https://hub.example.org/"/><atom:link rel="next" href="/feed?page=2"/>
<item><guid isPermaLink="false">id-1</guid><link>https://news.example.tj/a?x=1&amp;y=2</link>
<title>The &lt;b&gt;bridge&lt;/b&gt; opened</title><description>Short.</description>
<content:encoded><![CDATA[<p onclick="x()">Long <a href="/b">text</a>.</p>]]></content:encoded>
<dc:creator>A. Writer</dc:creator><dc:creator>B. Writer</dc:creator>
<pubDate>Sun, 22 Nov 2026 13:00:00 +0500</pubDate></item></channel></rss>"""


def test_rss_entry_and_channel() -> None:
    parsed = good(RSS)
    assert (parsed.kind, parsed.title, parsed.language, parsed.bozo) == ("rss", "News & more", "en-US", None)
    assert (parsed.ttl_s, parsed.skip_hours, parsed.skip_days) == (1800.0, (2, 3), (4,))
    assert (parsed.hub_url, parsed.next_url) == ("https://hub.example.org/", "https://news.example.tj/feed?page=2")
    (entry,) = parsed.entries
    assert entry == FeedEntry(
        key=entry_key(FEED.url, "id-1"),
        source="example.tj",
        url="https://news.example.tj/a?x=1&y=2",
        feed_url=FEED.url,
        guid="id-1",
        title="The bridge opened",
        summary="Short.",
        content='<p onclick="x()">Long <a href="/b">text</a>.</p>',
        authors=("A. Writer", "B. Writer"),
        language="en-US",
        published_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
        published_raw="Sun, 22 Nov 2026 13:00:00 +0500",
        published_offset_min=300,
        family="group",
        fingerprint=entry.fingerprint,
    )


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example.org/x/" xml:lang="fa">
<title type="text">A &lt;b&gt;</title><id>urn:feed</id>
<entry><id>urn:1</id><title type="html">One &amp;lt;b&amp;gt;</title>
<link rel="self" href="self"/><link rel="alternate" href="one.html"/><updated>2026-11-22T08:00:00Z</updated>
<author><name>Writer</name><email>w@example.org</email></author><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>Whole</p></div></content></entry>
<entry xml:base="https://third.example.org/"><id>urn:2</id><link href="two"/><title>Two</title></entry>
<entry><id>urn:3</id><link href="/three"/><title>Three</title></entry></feed>"""


def test_atom() -> None:
    parsed = good(ATOM)
    assert (parsed.kind, parsed.title) == ("atom", "A <b>")
    one, two, three = parsed.entries
    assert one.url == "https://other.example.org/x/one.html"
    assert two.url == "https://third.example.org/two"
    assert three.url == "https://other.example.org/three"
    assert (one.title, one.content, one.authors) == ("One <b>", "<p>Whole</p>", ("Writer",))
    assert (one.published_at, one.published_offset_min) == (datetime(2026, 11, 22, 8, tzinfo=UTC), 0)


def test_rdf() -> None:
    parsed = good(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>
        <item rdf:about="https://e.org/1"><title>T</title><link>https://e.org/1</link><dc:date>2026-11-22</dc:date></item>
        </rdf:RDF>"""
    )
    assert parsed.kind == "rdf"
    assert (parsed.entries[0].guid, parsed.entries[0].published_raw) == ("https://e.org/1", "2026-11-22")


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "language": "ru",
        "authors": [{"name": "Desk"}],
        "items": [
            {
                "id": 7,
                "url": "/a",
                "title": "A",
                "content_html": "<p>x</p>",
                "date_published": "2026-11-22T13:00:00+05:00",
            },
            {"id": "8", "external_url": "https://e.org/b", "content_text": "1 < 2\n\nEnd", "authors": [{"name": "Z"}]},
            {"id": "9", "title": "nothing"},
            "stray",
        ],
    }
    parsed = good("\ufeff" + json.dumps(document))
    first, second = parsed.entries
    assert (first.guid, first.url, first.content, first.authors) == (
        "7",
        "https://news.example.tj/a",
        "<p>x</p>",
        ("Desk",),
    )
    assert (first.language, first.published_offset_min) == ("ru", 300)
    assert (second.url, second.content, second.authors) == ("https://e.org/b", "<p>1 &lt; 2</p><p>End</p>", ("Z",))
    assert [problem.reason for _, problem in parsed.rejected] == [Reason.ENTRY_WITHOUT_LINK]
    assert parsed.bozo == "1 items are no objects"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \r\n\t", Reason.EMPTY),
        (b"<rss>" + b" " * 10 * 2**20, Reason.TOO_LARGE),
        (b"<!doctype html><title>Home</title>", Reason.NOT_A_FEED),
        (b"<html><head></head><body>About <rss> feeds</body></html>", Reason.NOT_A_FEED),
        (b"<?xml version='1.0'?><urlset></urlset>", Reason.NOT_A_FEED),
        (b"Not found", Reason.NOT_A_FEED),
        (b"/etc/passwd", Reason.NOT_A_FEED),
        (b"\x89PNG\r\n\x1a\n\0\0", Reason.NOT_A_FEED),
        (b'{"a": 1}', Reason.NOT_A_FEED),
        (b'{"a": ', Reason.NOT_A_FEED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', Reason.MALFORMED_FEED),
        (b"[" * 100_000, Reason.NOT_A_FEED),
        (b'{"a":' * 100_000, Reason.NOT_A_FEED),
        (b"<rss version='2.0'><channel><title>News</title><ite", Reason.MALFORMED_FEED),
        (b"<rss version='2.0'", Reason.MALFORMED_FEED),
    ],
)
def test_what_is_no_feed(body: bytes, reason: Reason) -> None:
    problem = parse(body)
    assert isinstance(problem, Problem)
    assert problem.reason is reason
    assert FEED.url in problem.message


def test_an_empty_feed_is_a_feed() -> None:
    assert good(rss("")).entries == ()


def test_a_broken_feed_gives_what_can_be_read() -> None:
    parsed = good(rss("<item><title>A & B</title><link>https://e.org/1</link></item><item><title>half"))
    assert parsed.bozo is not None
    assert parsed.entries[0].title == "A & B"


def test_junk_before_the_feed_is_forgiven() -> None:
    parsed = good("<br />\n<b>Warning</b>: something in x.php\n" + item("<link>https://e.org/1</link>"))
    assert len(parsed.entries) == 1


LAUGHS = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'


@pytest.mark.parametrize(
    "dtd",
    [LAUGHS, "<!ENTITY a SYSTEM 'file:///etc/passwd'>", f'<!ENTITY a "{"x" * 10_000}">', "<!ENTITY a 'x'>" * 1001],
)
def test_dangerous_entities_are_refused(dtd: str) -> None:
    body = f"<!DOCTYPE rss [{dtd}]>" + item("<link>https://e.org/1</link><title>" + "&a;" * 1000 + "</title>")
    problem = parse(body)
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.MALFORMED_FEED
    utf16 = parse(codecs.BOM_UTF16_LE + body.encode("utf-16-le"))
    assert isinstance(utf16, Problem)
    assert utf16.reason is Reason.MALFORMED_FEED


@pytest.mark.parametrize(
    "markup",
    [
        "<item>" * 300_000,
        "<item><description>" + "<b>" * 600_000 + "</b>" * 600_000,
        "<item><link " + " ".join(f"a{n}='b'" for n in range(200_000)) + "/></item>",
        "<a '" * 500_000,
        "<![CDATA[" * 200_000 + "<b>" * 100_000,
    ],
    ids=["unclosed", "deep", "attributes", "unfinished", "cdata"],
)
def test_tangled_markup_is_refused_before_it_is_parsed(markup: str) -> None:
    problem = parse("<rss version='2.0'><channel>" + markup)
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.MALFORMED_FEED
    assert "not parsed" in problem.message


@pytest.mark.parametrize("junk", ["<br/>" * 100_001, "<b>x</b>" * 50_001, "&" * 1_700_000 + "<br/>"])
def test_what_feedparser_would_be_busy_with_for_minutes_is_refused(junk: str) -> None:
    problem = parse(item(f"<link>https://e.org/1</link><description>{junk}</description>"))
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.MALFORMED_FEED
    assert "too many to mend" in problem.message


def test_a_long_feed_is_read_whole_however_many_ampersands_stand_in_it() -> None:
    junk = "&" * 2**21
    parsed = good(rss("<item><link>https://e.org/1</link></item>" * 30_000 + f"<item><title>{junk}</title></item>"))
    assert (parsed.repeated, len(parsed.rejected)) == (29_999, 1)
    assert parsed.bozo is not None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Salt & Pepper", "Salt & Pepper"),
        ("caf&eacute;&nbsp;&mdash; open", "café — open"),
        ("&unknown; &amp; &#38; &lt;", "&unknown; & & <"),
        ("<![CDATA[R&D]]> & more", "R&D & more"),
        ("AT&T &", "AT&T &"),
    ],
)
def test_loose_ampersands_are_mended(written: str, meant: str) -> None:
    body = item(f"<link>https://e.org/1?a=1&b=2</link><guid>1&2</guid><title>{written}</title>")
    (entry,) = good(body).entries
    assert (entry.title, entry.url, entry.guid) == (meant, "https://e.org/1?a=1&b=2", "1&2")
    assert good(body).bozo is not None


def test_markup_within_cdata_is_not_counted() -> None:
    html = "<p>" * 6_000 + "<img " + "x" * 70_000 + ">"
    assert only(item(f"<link>https://e.org/1</link><description><![CDATA[{html}]]></description>")).url


def test_harmless_entities_are_resolved() -> None:
    body = '<!DOCTYPE rss [<!ENTITY ndash "&#8211;"><!ENTITY gt2 ">">]>' + item(
        "<link>https://e.org/1</link><title>a &ndash; b</title>"
    )
    assert only(body).title == "a – b"


CYRILLIC = item("<link>https://e.org/1</link><title>Душанбе</title>")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CYRILLIC.encode(), "text/xml"),
        (CYRILLIC.encode(), "text/xml; charset=iso-8859-1"),
        (CYRILLIC.encode("cp1251"), "application/rss+xml; charset=windows-1251"),
        (b"<?xml version='1.0' encoding='windows-1251'?>" + CYRILLIC.encode("cp1251"), "text/xml"),
        (b"<?xml version='1.0' encoding='koi8-r'?>" + CYRILLIC.encode("koi8-r"), "text/html; charset=no-such"),
        (codecs.BOM_UTF8 + CYRILLIC.encode(), ""),
        (codecs.BOM_UTF16_BE + CYRILLIC.encode("utf-16-be"), "text/xml"),
        (codecs.BOM_UTF16_LE + CYRILLIC.encode("utf-16-le"), "text/xml; charset=utf-8"),
        (("<?xml version='1.0' encoding='utf-16'?>" + CYRILLIC).encode("utf-16"), "application/xml"),
    ],
)
def test_encodings(body: bytes, content_type: str) -> None:
    (entry,) = good(body, content_type=content_type).entries
    assert entry.title == "Душанбе"


class TestIdentity:
    @pytest.mark.parametrize(
        ("inside", "guid", "url"),
        [
            ("<guid>https://e.org/1</guid>", "https://e.org/1", "https://e.org/1"),
            ("<guid>77</guid><link>/a</link>", "77", "https://news.example.tj/a"),
            ("<guid isPermaLink='false'>https://e.org/1</guid><description>x</description>", "https://e.org/1", None),
            ("<guid>77</guid><description>x</description>", "77", None),
            ("<link>https://e.org/1</link>", "https://e.org/1", "https://e.org/1"),
            ("<link>\n https://e.org/1 \n</link>", "https://e.org/1", "https://e.org/1"),
            ("<link>javascript:alert(1)</link><guid>5</guid><description>x</description>", "5", None),
        ],
    )
    def test_guid_and_link(self, inside: str, guid: str, url: str | None) -> None:
        entry = only(item(inside))
        assert (entry.guid, entry.url) == (guid, url)
        assert entry.key == entry_key(FEED.url, guid)

    @pytest.mark.parametrize("inside", ["<guid>77</guid><link>a</link>", "<guid>x/y?z=1</guid><link>/a</link>"])
    def test_a_guid_does_not_change_when_the_feed_moves(self, inside: str) -> None:
        before = only(item(inside), base="http://old.example.org/rss/all.xml")
        after = only(item(inside), base="https://new.example.org/feed")
        assert before.key == after.key
        assert before.url != after.url

    def test_title_and_date_where_nothing_better_is_given(self) -> None:
        body = item("<title>T</title><description>x</description><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate>")
        assert only(body).key == only(body.replace("<description>x", "<description>edited")).key
        assert only(body).key != only(body.replace("22 Nov", "21 Nov")).key

    def test_one_guid_for_all_items_hides_none(self) -> None:
        items = "".join(
            f"<item><guid isPermaLink='false'>same</guid><link>https://e.org/{n}</link></item>" for n in "123"
        )
        parsed = good(rss(items))
        assert len({entry.key for entry in parsed.entries}) == 3

    def test_repeats_are_counted(self) -> None:
        parsed = good(rss("<item><link>https://e.org/1</link></item>" * 3))
        assert (len(parsed.entries), parsed.repeated) == (1, 2)

    def test_without_link_the_text_is_the_content(self) -> None:
        entry = only(item("<description>All there is.</description>"))
        assert (entry.url, entry.content) == (None, "All there is.")

    def test_without_link_and_content_it_is_rejected(self) -> None:
        parsed = good(rss("<item><title>Only a title</title></item><item></item>"))
        assert parsed.entries == ()
        assert [problem.reason for _, problem in parsed.rejected] == [Reason.ENTRY_WITHOUT_LINK] * 2
        assert "Only a title" in parsed.rejected[0][1].message

    def test_the_lists_language_wins(self) -> None:
        body = item("<link>https://e.org/1</link>", "<language>en</language>")
        assert only(body, feed=replace(FEED, language="tg")).language == "tg"
        assert only(body).language == "en"


@pytest.mark.parametrize(
    ("inside", "authors"),
    [
        ("<author>desk@e.org (A. Writer)</author>", ("A. Writer",)),
        ("<author>desk@e.org</author>", ()),
        ("<dc:creator>&lt;b&gt;A&lt;/b&gt; Writer</dc:creator><dc:creator>A Writer</dc:creator>", ("A Writer",)),
        ("", ()),
    ],
)
def test_authors(inside: str, authors: tuple[str, ...]) -> None:
    body = item("<link>https://e.org/1</link>" + inside)
    assert only(body.replace("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ')).authors == authors


@pytest.mark.parametrize(
    ("stated", "tag"),
    [("ru", "ru"), ("EN_us", "en-US"), ("uz-cyrl-UZ", "uz-Cyrl-UZ"), ("English (US)", None), ("", None)],
)
def test_languages(stated: str, tag: str | None) -> None:
    assert good(rss("", f"<language>{stated}</language>")).language == tag


@pytest.mark.parametrize(
    "changed",
    [
        "<title>U</title>",
        "<link>https://e.org/2</link>",
        "<description>v</description>",
        "<pubDate>2026-11-23</pubDate>",
    ],
)
def test_the_fingerprint_sees_every_change(changed: str) -> None:
    base = {
        "title": "<title>T</title>",
        "link": "<link>https://e.org/1</link>",
        "description": "<description>u</description>",
        "pubDate": "<pubDate>2026-11-22</pubDate>",
    }
    name = changed[1 : changed.index(">")]
    one, two = (only(item("<guid>g</guid>" + "".join(parts.values()))) for parts in (base, base | {name: changed}))
    assert one.key == two.key
    assert one.fingerprint != two.fingerprint
    assert one.fingerprint == only(item("<guid>g</guid>" + "".join(base.values()), "<ttl>9</ttl>")).fingerprint


PIECES = (
    "<rss>|</rss>|<channel>|<item>|</item>|<entry>|&amp;|<link>|<link href='http://[::1'/>|<title type='xhtml'>|<guid>"
    "|<![CDATA[|]]>|<!DOCTYPE|<!--|<content mode='base64'>|<feed xml:base='http://'>|<pubDate>|99|&#x110000;|<rdf:RDF>|{"
)
SOUP = st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=5), max_size=30).map(
    lambda parts: "".join(parts).encode()
)


@given(st.binary(max_size=300) | SOUP)
def test_no_bytes_raise(body: bytes) -> None:
    parsed = parse(body)
    if isinstance(parsed, ParsedFeed):
        assert all(entry.url or entry.content for entry in parsed.entries)
        assert len({entry.key for entry in parsed.entries}) == len(parsed.entries)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_no_damage_to_a_good_feed_raises(position: int, junk: bytes) -> None:
    body = RSS.encode()
    cut = position % len(body)
    parse(body[:cut] + junk + body[cut + len(junk) :])
    parse(body[:cut])
