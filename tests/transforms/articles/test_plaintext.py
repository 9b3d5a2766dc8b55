"""Bare texts: title line, residual boilerplate, and no sentence lost.

The documents here are invented; the five given ones are read through `corpus_dir`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.plaintext import clean_plain_text

SENTENCES = (
    "The ferry company said on Monday that two of its older vessels would be taken out of service before the winter.",
    "Islanders have complained for years about cancelled crossings, and the regional council has asked for a review.",
    "“We were told in spring that the boats had passed their inspection,” said Marta Ilves, who runs the harbour shop.",
    "Engineers found cracks in the hull of the larger ship in August, according to a report seen by the local radio.",
    "A replacement is to be chartered from a yard on the mainland, though no contract has been signed so far.",
    "The minister for transport is expected to visit the port next week and to meet the crews.",
)


def document(*lines: str) -> str:
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("number", range(5))
def test_the_given_documents(corpus_dir: Path, number: int) -> None:
    gold = json.loads((corpus_dir / "gold.json").read_text(encoding="utf-8"))["seeds"][number]
    raw = (corpus_dir / gold["file"]).read_text(encoding="utf-8")
    boilerplate = {item["line"] for item in gold["boilerplate"]}
    lines = [line.strip() for at, line in enumerate(raw.split("\n"), 1) if line.strip() and at not in boilerplate]
    found = clean_plain_text(raw)
    assert found.title == gold["title"]
    assert found.text.split("\n") == [line for line in lines if line != gold["title"]]


def test_title_and_paragraphs() -> None:
    found = clean_plain_text(document("Island ferries to be taken out of service", "", *SENTENCES))
    assert found.title == "Island ferries to be taken out of service"
    assert found.text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "first",
    [
        SENTENCES[0],
        "“We were told,” she said.",
        "It began on Monday.",
    ],
)
def test_a_text_that_starts_at_once_has_no_title(first: str) -> None:
    found = clean_plain_text(document(first, *SENTENCES[1:]))
    assert found.title is None
    assert found.text.split("\n") == [first, *SENTENCES[1:]]


def test_title_may_ask_and_may_follow_a_kicker() -> None:
    found = clean_plain_text(document("ISLANDS", "Will the old ferries sail again this winter?", *SENTENCES))
    assert found.title == "Will the old ferries sail again this winter?"
    assert found.text == "\n".join(SENTENCES)


def test_byline_is_taken_out_of_the_text() -> None:
    found = clean_plain_text(document("Island ferries out of service", "By Jonas Lehtinen and Ana Petrova", *SENTENCES))
    assert found.authors == ("Jonas Lehtinen", "Ana Petrova")
    assert found.text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "line",
    [
        "Why Every Sailor On The Northern Route Now Carries Two Spare Radios",
        "Is The Harbour Town Of Vess Ready For A Third Cruise Terminal?",
        "READ MORE: Harbour shop wins national prize",
        "RELATED:\u00a0Storm closes northern route for a third day",
        "Read also: the crews who stayed behind",
        "Crews vote on new contract\u00a0[UPDATE]",
        "Harbour from above (PICTURES)",
        "Share this article",
        "SHARE",
        "ADVERTISEMENT",
        "Story continues below",
        "Sign up for our daily newsletter and never miss a story",
        "By clicking subscribe you agree to our terms of service and privacy policy. You can unsubscribe at any time.",
        "We and our partners use cookies to show you personalised ads. Manage your preferences in our privacy policy.",
        "Follow us on Facebook and Telegram",
    ],
)
def test_boilerplate_among_the_paragraphs_goes(line: str) -> None:
    found = clean_plain_text(document(*SENTENCES[:3], line, *SENTENCES[3:]))
    assert found.text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "tail",
    [
        ("Comments",),
        ("Leave a comment", "Your e-mail address will not be published. Required fields are marked *"),
        ("Harbour Post",),
        ("Source: Read full story",),
        ("Share", "Tweet", "Print"),
        ("© 2023 Harbour Post. All rights reserved.",),
    ],
)
def test_boilerplate_below_the_end_goes(tail: tuple[str, ...]) -> None:
    assert clean_plain_text(document(*SENTENCES, *tail)).text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "above",
    [
        "Islands: Old ferry leaves the harbour for the last time",
        "Photo: Harbour Post",
        "The old ferry in March (Image: Harbour Post)",
    ],
)
def test_captions_above_the_lead_go(above: str) -> None:
    found = clean_plain_text(document("Island ferries to be taken out of service", "", above, "", *SENTENCES))
    assert found.text == "\n".join(SENTENCES)


def test_unmarked_lines_in_a_block_of_marked_teasers_go() -> None:
    block = ("Crews vote on new contract [UPDATE]", "Harbour shop wins prize", "Storm closes route [LATEST]")
    assert clean_plain_text(document(*SENTENCES[:3], *block, *SENTENCES[3:])).text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "line",
    [
        "The newsletter that the company sends to its customers did not mention the cracks.",
        "Readers asked for comments on the report, and the company sent none.",
        "“Read more: that was what my teacher told us,” Ms Ilves said.",
        "She shared the story with the crews of the Queen Maud, the Star of Vess and the Northern Light.",
        "Prime Minister Olav Berg, Transport Minister Ida Holm and Governor Per Lund Met In Vess On Tuesday.",
        "It is unclear who will pay",
        "• two ferries on the northern route",
        "What happens next",
    ],
)
def test_what_may_belong_to_the_article_stays(line: str) -> None:
    found = clean_plain_text(document(*SENTENCES[:3], line, *SENTENCES[3:]))
    assert found.text.split("\n") == [*SENTENCES[:3], line, *SENTENCES[3:]]


def test_capitals_tell_nothing_where_all_lines_have_them() -> None:
    lines = [
        "The Harbour Town Waits For A Third Ship",
        "Crews Of Both Ferries Vote On Their Future",
        "Nobody Knows Why",
    ]
    assert clean_plain_text(document(*lines)).text.split("\n") == lines


def test_russian_and_persian() -> None:
    russian = (
        "Паром снимут с линии до начала зимы, сообщила в понедельник компания, которой он принадлежит.",
        "Жители островов много лет жалуются на отмену рейсов, и совет просит провести проверку.",
    )
    found = clean_plain_text(document("Старые паромы снимают с линии", *russian, "Читайте также: шторм закрыл порт"))
    assert (found.title, found.text) == ("Старые паромы снимают с линии", "\n".join(russian))
    persian = (
        "شرکت کشتیرانی روز دوشنبه اعلام کرد که دو کشتی قدیمی پیش از زمستان از خط خارج می‌شوند.",
        "ساکنان جزیره سال‌هاست که از لغو سفرها شکایت دارند و شورا خواستار بررسی شده است.",
    )
    found = clean_plain_text(document("کشتی‌های قدیمی از خط خارج می‌شوند", *persian, "بیشتر بخوانید"))
    assert (found.title, found.text) == ("کشتی‌های قدیمی از خط خارج می‌شوند", "\n".join(persian))


@given(st.text(max_size=400))
def test_lines_are_a_subset_of_the_input_in_order(raw: str) -> None:
    lines = iter([line.strip() for line in raw.splitlines() if line.strip()])
    found = clean_plain_text(raw)
    assert all(line in lines for line in found.text.split("\n") if found.text)


@given(st.lists(st.sampled_from([*SENTENCES, "Share", "Old ferries leave", "READ MORE: x", ""]), max_size=12))
def test_no_sentence_is_lost(lines: list[str]) -> None:
    found = clean_plain_text("\n".join(lines))
    kept = found.text.split("\n")
    assert [line for line in lines if line in SENTENCES] == [line for line in kept if line in SENTENCES]
