"""Language of short texts in the languages of the watch regions, and the page's label as a second witness."""

from __future__ import annotations

import pytest

from transforms.articles.language import identify, settle


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The council approved the budget after a long debate on Tuesday night.", "en"),
        ("Городской совет принял бюджет после долгих споров во вторник вечером.", "ru"),
        ("Шӯрои шаҳр пас аз баҳсҳои тӯлонӣ буҷетро қабул кард ва ба роҳбарият фиристод.", "tg"),
        ("شورای شهر پس از بحث‌های طولانی بودجه سال آینده را تصویب کرد.", "fa"),
        ("د ښار شورا له اوږدو بحثونو وروسته د راتلونکي کال بودیجه تصویب کړه.", "ps"),
        ("Shahar kengashi uzoq bahslardan so‘ng kelgusi yil byudjetini tasdiqladi.", "uz"),
        ("Шаҳар кенгаши узоқ баҳслардан сўнг келгуси йил бюджетини тасдиқлади.", "uz"),
        ("市议会经过长时间辩论后通过了明年的预算。", "zh"),
    ],
)
def test_identifies(text: str, code: str) -> None:
    assert identify(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Новый мост через реку открыли", "ru"),
        ("Дорогу закрыли из-за снега", "ru"),
        ("Пули нав дар болои дарё кушода шуд", "tg"),
        ("Роҳи мошингард баста шуд", "tg"),
        ("پل جدید بالای دریا افتتاح شد", "fa"),
        ("شاگردان مکتب به صنف‌های خود برگشتند", "fa"),
        ("د سیند پر سر نوی پل پرانیستل شو", "ps"),
        ("زده کوونکي بېرته ښوونځي ته راغلل", "ps"),
        ("Дарё бўйидаги кўприк ёпилди", "uz"),
        ("Янги йўл очилди, ҳаракат бошланди", "uz"),
        ("Daryo bo‘yidagi ko‘prik yopildi", "uz"),
        ("Yangi yo'l ochildi, harakat boshlandi", "uz"),
    ],
)
def test_a_headline_is_enough(text: str, code: str) -> None:
    assert identify(text) == code


@pytest.mark.parametrize("text", ["", "OK", "12:30 — 14:00", "… … …", "Read more"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert identify(text) is None


@pytest.mark.parametrize(
    ("identified", "declared", "settled"),
    [
        ("ru", "en", "ru"),
        ("en", None, "en"),
        (None, "fa-AF", "fa"),
        (None, "en_US", "en"),
        (None, "x-default", None),
        (None, "", None),
        ("no", "nb-NO", "nb"),
        ("id", "ms", "ms"),
        ("fa", "ps", "fa"),
    ],
)
def test_settles_between_text_and_label(identified: str | None, declared: str | None, settled: str | None) -> None:
    assert settle(identified, declared) == settled
