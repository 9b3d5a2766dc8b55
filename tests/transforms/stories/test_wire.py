"""Agency credit: where it stands and where it only seems to."""

from __future__ import annotations

import pytest

from transforms.articles.agencies import AGENCIES
from transforms.stories.wire import detect_wire_origin

BODY = "The minister spoke for an hour. He said nothing new about the border, and left for the airport."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"KABUL, Afghanistan (AP) — {BODY}", "AP"),
        (f"(Reuters) - {BODY}", "Reuters"),
        (f"DUSHANBE, July 5 (Xinhua) -- {BODY}", "Xinhua"),
        (f"KUNDUZ (Pajhwok): {BODY}", "Pajhwok"),
        (f"МОСКВА, 5 июл - РИА Новости. {BODY}", "RIA Novosti"),
        (f"ДУШАНБЕ, 5 авг – Sputnik. {BODY}", "Sputnik"),
        (f"MOSCOW, July 5. /TASS/. {BODY}", "TASS"),
        (f"A title line\nKABUL (AFP) - {BODY}", "AFP"),
        (f"DUSHANBE, September 13 (Zarafshan Press) - {BODY}", "Zarafshan Press"),
    ],
)
def test_datelines(text: str, expected: str) -> None:
    assert detect_wire_origin(text) == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("(AP)", "AP"),
        ("It ended at noon. (With AFP)", "AFP"),
        ("It ended at noon. - Reuters", "Reuters"),
        ("© 2026 AFP", "AFP"),
        ("Source: Xinhua", "Xinhua"),
        ("Источник: ТАСС", "TASS"),
        ("Source: Zarafshan Press Agency", "Zarafshan Press"),
        ("With inputs from PTI", "PTI"),
    ],
)
def test_closing_credits(ending: str, expected: str) -> None:
    assert detect_wire_origin(f"{BODY}\n{ending}") == expected


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("Two people died in Khost, according to TASS.", "TASS"),
        ("“We are ready,” the diplomat told Sputnik.", "Sputnik"),
        ("В Хосте погибли двое, сообщает РИА Новости.", "RIA Novosti"),
        ("Со слов министра, граница закрыта, передает агентство «Интерфакс».", "Interfax"),
        ("The line is open, Reuters reported.", "Reuters"),
    ],
)
def test_sources_named_in_the_first_lines(opening: str, expected: str) -> None:
    assert detect_wire_origin(f"{opening}\n{BODY}") == expected


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (("Reuters",), "Reuters"),
        (("By Associated Press",), "AP"),
        (("Jane Doe", "AFP"), "AFP"),
        (("Zarafshan Press Agency",), "Zarafshan Press"),
        (("Jane Doe",), None),
    ],
)
def test_bylines(authors: tuple[str, ...], expected: str | None) -> None:
    assert detect_wire_origin(BODY, authors) == expected


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "",
        "The World Food Programme (WFP) said on Sunday that it had run out of flour.",
        "The Afghan Peace Party (APP) is to meet on Monday.",
        "The opposition will march again, a senator told PTI workers in Lahore.",
        "The ap of the year, according to ap users.",
        "Doses of Sputnik V arrived in Dushanbe, according to Sputnik V makers.",
        "He studied the tass of the mountain and the reuters of the sea.",
        f"{BODY * 8}\nThe strike was earlier confirmed, according to TASS.\n{BODY}",
    ],
)
def test_no_credit(text: str) -> None:
    assert detect_wire_origin(text) is None


def test_the_dateline_outweighs_a_source_in_the_text() -> None:
    assert detect_wire_origin(f"KABUL (AP) - Two died, according to TASS.\n{BODY}") == "AP"


def test_what_the_page_states_outweighs_a_source_in_the_text_alone() -> None:
    assert detect_wire_origin(f"KABUL (AP) - {BODY}", (), "AFP") == "AP"
    assert detect_wire_origin(f"Two died, according to TASS.\n{BODY}", (), "AFP") == "AFP"


def test_no_spelling_belongs_to_two_agencies() -> None:
    spellings = [alias for aliases in AGENCIES.values() for alias in aliases]
    assert len(spellings) == len(set(spellings))
