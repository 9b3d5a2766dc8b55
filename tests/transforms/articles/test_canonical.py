"""URL normalisation, and how far rel=canonical is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.canonical import canonical_of, canonicalise, registrable_domain


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example.COM:80/a", "http://news.example.com/a"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com/a#comments", "https://example.com/a"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/../../a/", "https://example.com/a/"),
        ("https://example.com/%d0%bc%d0%b8%d1%80", "https://example.com/%D0%BC%D0%B8%D1%80"),
        ("https://example.com/мир", "https://example.com/%D0%BC%D0%B8%D1%80"),
        ("https://example.com/%7Eana/%41", "https://example.com/~ana/A"),
        ("https://example.com/a%2Fb", "https://example.com/a%2Fb"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://пример.рф/новости", "https://xn--e1afmkfd.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
        ("  https://example.com/a b\n", "https://example.com/a%20b"),
        ("https://example.com/a?utm_source=x&utm_medium=y", "https://example.com/a"),
        ("https://example.com/a?b=2&fbclid=Q&a=1", "https://example.com/a?a=1&b=2"),
        ("https://example.com/a?ref=rss", "https://example.com/a"),
        ("https://example.com/a?amp;utm_source=rss&id=7", "https://example.com/a?id=7"),
        ("https://example.com/?x=2&x=1", "https://example.com/?x=2&x=1"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ],
)
def test_normalises(url: str, expected: str) -> None:
    assert canonicalise(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/news.asp?12345",
        "https://example.com/story?cid=45",
        "https://example.com/view?gallery=3",
        "https://example.com/a?source=1871",
        "https://example.com/Story/A/",
        "https://example.com/page?id=1&ref=42",
    ],
)
def test_keeps_what_may_name_the_article(url: str) -> None:
    assert canonicalise(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "mailto:a@example.com", "/a/b", "ftp://example.com/a", "https://", "http://exa mple.com/", 
     "javascript:void(0)", "http://[::1", "https://example.com:99999/", "file:///data/a.txt", "http://a..b/"],
)  # fmt: skip
def test_refuses_what_is_no_web_address(url: str) -> None:
    assert canonicalise(url) is None


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(max_size=40).map(lambda tail: f"https://example.com/{tail}"),
        st.text(alphabet="ab%2fF/.?&=#~;+:ü", max_size=40).map(lambda tail: f"http://Example.com{tail}"),
    )
)
def test_is_idempotent_and_never_raises(url: str) -> None:
    once = canonicalise(url)
    if once is not None:
        assert canonicalise(once) == once
        assert once.isascii()
        assert "#" not in once


OWN = "https://www.example.co.uk/world/2024/05/flood-in-the-north-valley"


@pytest.mark.parametrize(
    ("final_url", "claimed", "expected"),
    [
        pytest.param(OWN + "?utm_source=rss", None, OWN, id="none given"),
        pytest.param(OWN, "", OWN, id="empty"),
        pytest.param(OWN + "/amp", OWN, OWN, id="the page an AMP copy stands for"),
        pytest.param(OWN, "https://example.co.uk/n/991", "https://example.co.uk/n/991", id="another host of the site"),
        pytest.param(OWN, "/n/991", "https://www.example.co.uk/n/991", id="relative"),
        pytest.param(OWN, "https://other.co.uk/story-about-it", OWN, id="another site under the same suffix"),
        pytest.param(OWN, "https://evil.example.com/x", OWN, id="another site"),
        pytest.param(OWN, "https://www.example.co.uk/", OWN, id="front page"),
        pytest.param(OWN, "/", OWN, id="front page, relative"),
        pytest.param(OWN, "https://www.example.co.uk/world/", OWN, id="section above the article"),
        pytest.param(OWN, "javascript:alert(1)", OWN, id="no web address"),
        pytest.param(OWN, "http://[broken", OWN, id="broken"),
        pytest.param(
            "https://example.com/article.php?id=5",
            "https://example.com/article.php",
            "https://example.com/article.php?id=5",
            id="script without the parameter that names the article",
        ),
        pytest.param(OWN + "?page=2", OWN, OWN, id="needless parameter"),
        pytest.param(
            "https://example.com/", "https://example.com/", "https://example.com/", id="the front page itself"
        ),
        pytest.param("file:///data/a.html", "https://example.com/a", "file:///data/a.html", id="a document"),
    ],
)
def test_canonical_of(final_url: str, claimed: str | None, expected: str) -> None:
    assert canonical_of(final_url, claimed) == expected


@given(st.text(max_size=50))
def test_canonical_of_never_leaves_the_site(claimed: str) -> None:
    found = canonical_of(OWN, claimed)
    assert registrable_domain(found) == "example.co.uk"


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.bbc.example.co.uk/a", "example.co.uk"),
        ("http://192.0.2.7/a", "192.0.2.7"),
        ("http://localhost:8000/a", "localhost"),
        ("nonsense", None),
    ],
)
def test_registrable_domain(url: str, domain: str | None) -> None:
    assert registrable_domain(url) == domain
