"""JSON-LD in the shapes that publishers give it, broken ones among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.jsonld import ArticleNode, article_node

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Bridge reopens",
    "datePublished": "2024-03-09T10:00:00Z",
    "author": {"@type": "Person", "name": "Ida Holm"},
}


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(json.dumps(ARTICLE), id="object"),
        pytest.param(json.dumps([{"@type": "BreadcrumbList"}, ARTICLE]), id="list"),
        pytest.param(json.dumps({"@graph": [{"@type": "WebPage", "name": "x"}, ARTICLE]}), id="graph"),
        pytest.param(json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}), id="nested"),
        pytest.param(json.dumps({**ARTICLE, "@type": ["Article", "BlogPosting"]}), id="two types"),
        pytest.param(json.dumps({**ARTICLE, "@type": "http://schema.org/NewsArticle"}), id="type as address"),
        pytest.param("<!-- " + json.dumps(ARTICLE) + " -->", id="in a comment"),
        pytest.param("//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>", id="in CDATA"),
        pytest.param(json.dumps(ARTICLE)[:-1] + ",}", id="trailing comma"),
        pytest.param(json.dumps(ARTICLE) + ";", id="semicolon"),
        pytest.param(json.dumps(ARTICLE) + "}", id="rubbish behind"),
        pytest.param(json.dumps({**ARTICLE, "x": "a#b"}).replace("#", "\n"), id="raw line break in a string"),
        pytest.param(json.dumps({**ARTICLE, "author": ["Ida Holm"]}), id="author as string in a list"),
        pytest.param(json.dumps({**ARTICLE, "author": [[{"name": ["Ida Holm"]}]]}), id="author nested"),
        pytest.param(
            json.dumps(
                {"@graph": [{**ARTICLE, "author": {"@id": "#p"}}, {"@id": "#p", "@type": "Person", "name": "Ida Holm"}]}
            ),
            id="author by reference",
        ),
    ],
)
def test_finds_the_article(block: str) -> None:
    node = article_node([block])
    assert (node.headline, node.published, node.authors) == ("Bridge reopens", "2024-03-09T10:00:00Z", ("Ida Holm",))


@pytest.mark.parametrize("block", ["", "{", "null", "[]", "42", '"text"', "{not: json}", '{"@type": "Organization"}'])
def test_nothing_to_find(block: str) -> None:
    assert article_node([block]).headline is None


def test_listed_articles_are_other_articles() -> None:
    listed = {"@type": "ItemList", "itemListElement": [{**ARTICLE, "headline": "Another story"}]}
    assert article_node([json.dumps(listed)]) == ArticleNode()


def test_an_organisation_is_no_author() -> None:
    node = article_node([json.dumps({**ARTICLE, "author": {"@type": "Organization", "name": "Valley News"}})])
    assert node.authors == ()


def test_entities_are_unescaped_and_the_rest_is_read() -> None:
    more = {
        **ARTICLE,
        "headline": "Bridge &amp;amp; tunnel",
        "articleSection": ["Transport", "Local"],
        "image": [{"@type": "ImageObject", "url": "https://example.com/a.jpg"}],
        "publisher": {"@type": "Organization", "name": "Valley News"},
        "inLanguage": "en",
        "articleBody": "One.\nTwo.",
        "description": "What happened",
    }
    node = article_node([json.dumps(more)])
    assert node.headline == "Bridge & tunnel"
    assert (node.section, node.image, node.publisher) == ("Transport", "https://example.com/a.jpg", "Valley News")
    assert (node.language, node.body, node.description) == ("en", "One.\nTwo.", "What happened")


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["@type", "@id", "@graph", "name", "author", "headline", "image", "url", "publisher", "articleBody"]
            ),
            inner | st.sampled_from(["NewsArticle", "Person"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.one_of(st.text(max_size=80), JSON.map(json.dumps)))
def test_never_raises(block: str) -> None:
    assert isinstance(article_node([block]), ArticleNode)


def test_deep_nesting_is_cut_off() -> None:
    assert article_node(['{"a":' * 5000 + "1" + "}" * 5000]) == ArticleNode()
