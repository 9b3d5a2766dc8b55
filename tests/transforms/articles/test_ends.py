"""What is cut off a text, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from transforms.articles.ends import Said, Signs, trim

SAID = Said(("Bridge over the Vess reopens after repairs",), ("Ida Holm",), "en", datetime(2024, 5, 20, tzinfo=UTC))
BODY = [
    "The bridge over the Vess was opened to traffic again on Monday, a month earlier than the town had planned.",
    "Engineers had found cracks in two of its piers in spring, and all lorries had to take the road by Aldmoor.",
    "“We are glad that it is over,” said the mayor, who walked across with two hundred others in the morning rain.",
]


def signs(markup: str = "") -> Signs:
    return Signs.of(document_fromstring(f"<html><body><p>x</p>{markup}</body></html>"))


@pytest.mark.parametrize(
    ("above", "markup"),
    [
        ("Bridge over the Vess reopens after repairs", ""),
        ("By Ida Holm", ""),
        ("Ida Holm", ""),
        ("August 23, 2023", ""),
        ("Updated: 19 November 2023, 09:01 AM | Vess News Bureau", ""),
        ("4 min read", ""),
        ("Table of contents", ""),
        ("Home > Local > Roads and bridges", ""),
        ("Quick facts", "<h2>Quick facts</h2>"),
        ("- Print article", ""),
    ],
)
def test_above(above: str, markup: str) -> None:
    assert trim([above, *BODY], signs(markup), SAID) == BODY


@pytest.mark.parametrize(
    ("below", "markup"),
    [
        (["More from Vess"], "<h3>More from Vess</h3>"),
        (["Ferry timetable changes in June"], "<a>Ferry timetable changes in June</a>"),
        (
            ["- Mill burns down in Aldmoor Nobody was hurt."],
            "<li><a>Mill burns down in Aldmoor</a> Nobody was hurt.</li>",
        ),
        (["Ida Holm is a reporter in Vess. She has covered roads since 2009."], ""),
        (["Ida Holm", "First published: March 9, 2024"], ""),
        (["Copyright © 2024 Vess News"], ""),
        (["© 2024 Vess News. All rights reserved."], ""),
    ],
)
def test_below(below: list[str], markup: str) -> None:
    assert trim([*BODY, *below], signs(markup), SAID) == BODY


@pytest.mark.parametrize(
    ("between", "markup"),
    [
        ("Photo: Per Lund / Vess News", ""),
        ("This website uses cookies. Cookies of the category “necessary” are stored in your browser.", ""),
        ("Mill burns down in the middle of Aldmoor", "<p><a>Mill burns down in the middle of Aldmoor</a></p>"),
    ],
)
def test_between(between: str, markup: str) -> None:
    assert trim([BODY[0], between, *BODY[1:]], signs(markup), SAID) == BODY


@pytest.mark.parametrize(
    "line",
    [
        "By the river the mood was quiet on Monday.",
        "On 9 March 2024 the council had closed it for all traffic.",
        "(Reporting by Ida Holm; editing by Per Lund)",
        "SOURCE: News agencies",
        "© Reuters",
        "Ida Holm, the mayor's sister-in-law, was the first to drive across, in a car that her father had built.",
    ],
)
def test_lines_of_the_article_and_credits_of_agencies_stay(line: str) -> None:
    said = Said(SAID.titles, (), "en", SAID.latest)
    for lines in ([line, *BODY], [*BODY, line], [BODY[0], line, *BODY[1:]]):
        assert trim(lines, signs(), said) == lines


@pytest.mark.parametrize("address", ["https://example.com/a/long/way/to/the/story", "www.example.com/a/b/c/d/e"])
def test_bare_addresses_stay(address: str) -> None:
    found = signs(f"<p><a>{address}</a></p>")
    for lines in ([*BODY, address], [BODY[0], address, *BODY[1:]]):
        assert trim(lines, found, SAID) == lines


def test_a_list_of_links_is_left_alone() -> None:
    links = [f"The {number} story of the day in short and in full" for number in ("first", "second", "third", "fourth")]
    markup = "".join(f"<p><a>{link}</a></p>" for link in links)
    assert trim(links, signs(markup), SAID) == links


def test_nothing_comes_of_nothing() -> None:
    assert trim([], signs(), SAID) == []
    assert trim(["Ida Holm"], signs(), SAID) == ["Ida Holm"]
