"""Feed lists: three formats in, feeds out; every fault named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Feed
from transforms.feeds.lists import FeedListError, load_feed_list, parse_duration

ROOT = Path(__file__).resolve().parents[3]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(FeedListError) as caught:
        load_feed_list(path)
    return str(caught.value).splitlines()


class TestPlain:
    def test_addresses_and_comments(self, tmp_path: Path) -> None:
        text = "# my list\n\nhttps://news.example.org/feed#top\nhttps://feeds.bbc.co.uk/a.xml   # the BBC\r\n"
        assert load_feed_list(write(tmp_path, "list.txt", text)) == [
            Feed("https://news.example.org/feed#top", "example.org"),
            Feed("https://feeds.bbc.co.uk/a.xml", "bbc.co.uk"),
        ]

    def test_faults_name_file_line_value_and_remedy(self, tmp_path: Path) -> None:
        path = write(tmp_path, "list.txt", "https://a.org/f\nwww.b.org/f\nhttps://A.org/f\n")
        first, second = faults(path)
        assert first.startswith(f"{path}:2: 'www.b.org/f'")
        assert "https://" in first
        assert second == f"{path}:3: https://A.org/f stands on line 1 already; remove one of the two"

    def test_no_feed_at_all(self, tmp_path: Path) -> None:
        assert "holds no feed" in faults(write(tmp_path, "list.txt", "# nothing\n"))[0]

    def test_bad_encoding_names_the_line(self, tmp_path: Path) -> None:
        path = write(tmp_path, "list.txt", b"https://a.org/f\nhttps://b.org/\xff\n")
        assert faults(path) == [f"{path}:2: byte 0xff is not UTF-8; save the list as UTF-8"]

    def test_missing_file(self, tmp_path: Path) -> None:
        assert "cannot be read" in faults(tmp_path / "absent.txt")[0]

    def test_a_port_or_address_is_its_own_source(self, tmp_path: Path) -> None:
        feeds = load_feed_list(write(tmp_path, "l.txt", "http://127.0.0.1:8080/f\nhttp://localhost/f\n"))
        assert [feed.source for feed in feeds] == ["127.0.0.1:8080", "localhost:80"]


TOML = """
[[feed]]
url = "https://asia.example.tj/rss"
id = "asia-plus"
name = "Asia"
country = "TJ"
language = "tg"
family = "group"
every = "15m"
full_text = true
tags = ["border", "trade"]

[[feed]]
url = "https://b.example.org/rss"
"""


class TestToml:
    def test_all_keys(self, tmp_path: Path) -> None:
        first, second = load_feed_list(write(tmp_path, "list.toml", TOML))
        assert first == Feed(
            url="https://asia.example.tj/rss",
            source="asia-plus",
            name="Asia",
            country="TJ",
            language="tg",
            family="group",
            every_s=900.0,
            full_text=True,
            tags=("border", "trade"),
        )
        assert second == Feed("https://b.example.org/rss", "example.org")

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('contry = "TJ"', "unknown key 'contry'; did you mean 'country'?"),
            ('zzz = "TJ"', "unknown key 'zzz'; known are url"),
            ('country = "Tajikistan"', "country = 'Tajikistan'; write an ISO 3166-1"),
            ('language = "русский"', "language = 'русский'; write a BCP 47 tag"),
            ('every = "soon"', "every = 'soon'; write a number with s, m, h or d"),
            ('every = "0m"', "every = '0m'"),
            ("every = 15", "every = 15; write a text in quotes"),
            ('full_text = "yes"', "full_text = 'yes'; write true or false"),
            ('tags = "border"', "tags = 'border'; write a list of words"),
            ('id = "a/b"', "id = 'a/b'; write letters"),
            ('name = ""', "name = ''; write a text"),
        ],
    )
    def test_bad_keys(self, tmp_path: Path, line: str, expected: str) -> None:
        path = write(tmp_path, "list.toml", f"# head\n{TOML}\n{line}\n")
        (fault,) = faults(path)
        number = len(f"# head\n{TOML}\n".splitlines()) + 1
        assert fault.startswith(f"{path}:{number}: {expected}")

    def test_missing_url(self, tmp_path: Path) -> None:
        path = write(tmp_path, "list.toml", '[[feed]]\nurl = "https://a.org/f"\n[[feed]]\nname = "x"\n')
        assert faults(path) == [f"{path}:3: [[feed]] number 2 has no url; add one"]

    def test_duplicates_name_both_lines(self, tmp_path: Path) -> None:
        path = write(tmp_path, "list.toml", '[[feed]]\nurl = "https://a.org/f"\n[[feed]]\nurl = "https://a.org/f"\n')
        assert faults(path) == [f"{path}:4: https://a.org/f stands on line 2 already; remove one of the two"]

    @pytest.mark.parametrize(
        ("text", "start"),
        [
            ('[[feed]]\nurl = "https://a.org', ":2: "),
            ('title = "x"\n[[feed]]\nurl = "https://a.org/f"', ":1: unknown key 'title' at the top"),
            ('[feed]\nurl = "https://a.org/f"', ":1: [feed] is one table"),
            ("feed = [3]", ":1: feed 1 is 3, no table"),
        ],
    )
    def test_bad_shape(self, tmp_path: Path, text: str, start: str) -> None:
        path = write(tmp_path, "list.toml", text)
        assert faults(path)[0].startswith(f"{path}{start}")

    def test_every_fault_is_shown_at_once(self, tmp_path: Path) -> None:
        path = write(tmp_path, "list.toml", '[[feed]]\nurl = "x"\ncountry = "?"\n[[feed]]\nevery = "x"\n')
        assert len(faults(path)) == 4


OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>t</title></head><body>
<outline text="Region">
  <outline text="Asia" title="Asia" type="rss" xmlUrl="https://asia.example.tj/rss?a=1&amp;b=2"/>
</outline>
<outline text="B" xmlUrl="https://b.example.org/rss"/>
</body></opml>
"""


class TestOpml:
    def test_feeds_with_names_and_categories(self, tmp_path: Path) -> None:
        first, second = load_feed_list(write(tmp_path, "subscriptions.opml", OPML))
        assert first == Feed("https://asia.example.tj/rss?a=1&b=2", "example.tj", name="Asia", tags=("Region",))
        assert (second.url, second.name) == ("https://b.example.org/rss", "B")

    def test_duplicates_name_both_lines(self, tmp_path: Path) -> None:
        extra = '<outline text="C" xmlUrl="https://asia.example.tj/rss?a=1&amp;b=2"/>\n</body>'
        path = write(tmp_path, "list.xml", OPML.replace("</body>", extra))
        (fault,) = faults(path)
        assert fault.startswith(f"{path}:7: ")
        assert "stands on line 4" in fault

    @pytest.mark.parametrize("text", ["<html><body>no</body></html>", "<rss/>", "<opml version='2.0'></opml>", "<"])
    def test_other_xml_is_refused(self, tmp_path: Path, text: str) -> None:
        assert faults(write(tmp_path, "list.opml", text))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1.5h", 5400),
        ("2d", 172_800),
        (" 5m ", 300),
        ("5", None),
        ("m", None),
        ("-5m", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@given(st.binary(max_size=400), st.sampled_from(["l.txt", "l.toml", "l.opml"]))
def test_any_bytes_are_feeds_or_a_named_fault(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    found: tuple[str, ...] = ()
    try:
        feeds = load_feed_list(path)
    except FeedListError as error:
        feeds, found = [], error.faults
    assert feeds or found
    assert all(fault.startswith(str(path)) for fault in found)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, unique=True))
def test_plain_and_toml_say_the_same(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    urls = [f"https://{name}.example.org/feed" for name in names]
    folder = tmp_path_factory.getbasetemp()
    plain = write(folder, "same.txt", "\n".join(urls))
    toml = write(folder, "same.toml", "".join(f'[[feed]]\nurl = "{url}"\n' for url in urls))
    assert load_feed_list(plain) == load_feed_list(toml)


def test_the_starter_list_is_sound() -> None:
    feeds = load_feed_list(ROOT / "deploy" / "feeds" / "tajik-afghan-border.toml")
    assert len(feeds) > 20
    assert {"TJ", "AF"} <= {feed.country for feed in feeds}
    assert all("unverified" in feed.tags and feed.name and feed.language for feed in feeds)
    assert all(feed.url.startswith("https://") for feed in feeds)
