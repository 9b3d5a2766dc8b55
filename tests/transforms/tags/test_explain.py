"""Tags told to a person. All sentences are made up."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from unicodedata import category

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Actor, ActorMention, Place, Quote, Tags
from transforms.tags.explain import Explained, explain_html, explain_text, html_foot, html_head
from transforms.tags.tagger import Tagger

TEXT = "“The <b>bridge</b> is safe,” Rosa Tirado said in Lima.\nMoscow said that it would wait."


class Reader(HTMLParser):
    """Collects the words of the article and every tag of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.article, self.tags, self.inside = "", set[str](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside = self.inside or tag == "article"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "article"

    def handle_data(self, data: str) -> None:
        self.article += data if self.inside else ""


def explained(tagger: Tagger) -> Explained:
    return Explained("a<1>", "Talks", TEXT, tagger.tag("Talks", TEXT))


def test_every_tag_is_told_with_its_evidence(tagger: Tagger) -> None:
    told = explain_text(explained(tagger))
    for words in (
        "== a<1>: region",
        "'Lima' = Lima [gn:3936456]",
        "Rosa Tirado [per:rosa-tirado] person, not in any pack",
        "[state:RU]",
        "a place that acts for its state",
        "[per:rosa-tirado] said: The <b>bridge</b> is safe",
        "[state:RU] said: it would wait",
        "Rosa Tirado - Lima",
    ):
        assert words in told


def test_the_page_is_whole_and_harmless(tagger: Tagger) -> None:
    document = explained(tagger)
    page = html_head() + explain_html(document) + html_foot()
    reader = Reader()
    reader.feed(page)
    assert reader.article == document.whole
    assert not reader.tags & {"b", "script", "link", "img", "iframe"}
    assert "http:" not in page
    assert "https:" not in page
    assert re.search(r'<span class="[^"]*p[^"]*" title="[^"]*Lima[^"]*">Lima</span>', page)


@settings(deadline=None)
@given(st.text(min_size=4, max_size=40), st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=4))
def test_marks_that_overlap_lose_no_letter(text: str, spans: list[tuple[int, int]]) -> None:
    spans = [(start, max(start + 1, end)) for start, end in spans]
    where = ("gn:1", "city", "literal", "XX", None, None, None, 1.0, "<rule>")
    tags = Tags(
        places=tuple(Place(start, end, text[start:end], "N", *where) for start, end in spans),
        actors=tuple(
            Actor(f"a{n}", "<A>", "ngo", mentions=(ActorMention(start, end, text[start:end], "alias", False),))
            for n, (start, end) in enumerate(spans)
        ),
        quotes=tuple(Quote(f"a{n}", "said", start, end) for n, (start, end) in enumerate(spans)),
    )
    reader = Reader()
    reader.feed(explain_html(Explained("1", None, text, tags)).replace("\r", "&#13;"))
    assert reader.article == "".join("�" if category(c) == "Cc" and c not in "\n\r\t" else c for c in text)


def test_control_characters_never_reach_the_terminal(tagger: Tagger) -> None:
    text = "Rosa Tirado said that \x1b[31mLima\x07 was safe."
    assert "\x1b" not in explain_text(Explained("1", None, text, tagger.tag(None, text)))
