"""Russian texts: known names in all cases, unknown persons and organisations. All sentences are made up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from schemas.records import Tags
from transforms.tags.russian import is_russian
from transforms.tags.tagger import Tagger


def tag(tagger: Tagger, text: str) -> Tags:
    return tagger.tag(None, text, language="ru")


@pytest.mark.parametrize(
    ("text", "country", "use"),
    [
        ("Делегация вернулась из Таджикистана.", "TJ", "literal"),
        ("Он жил в Соединённых Штатах Америки.", "US", "literal"),
        ("Поезд шёл в Саудовскую Аравию.", "SA", "literal"),
        ("Суд в РФ отложили.", "RU", "literal"),
        ("Ему понравились чилийские вина.", "CL", "adjectival"),
    ],
)
def test_countries_in_all_cases(tagger: Tagger, text: str, country: str, use: str) -> None:
    found = [(place.country, place.use, place.kind) for place in tag(tagger, text).places]
    assert found == [(country, use, "country")]


def test_a_common_word_is_no_country(tagger: Tagger) -> None:
    assert tag(tagger, "Тем вечером никто не помнил об этом. Том упал.").places == ()


@pytest.mark.parametrize(
    ("text", "identifier", "surface"),
    [
        ("Отряд Талибана занял село.", "taliban", "Талибана"),
        ("Он говорил о Владимире Путине.", "putin", "Владимире Путине"),
        ("Приехал Владимир Путин.", "putin", "Владимир Путин"),
        ("Об этом сказано Владимиру Путину.", "putin", "Владимиру Путину"),
        ("Министерство обороны Таджикистана молчит.", "gov:TJ-defence", "Министерство обороны Таджикистана"),
        ("Российский МИД ответил.", "gov:RU-foreign", "Российский МИД"),
        ("В Чили прибыли афганские беженцы.", "grp:AF-refugees", "афганские беженцы"),
    ],
)
def test_known_actors_in_all_cases(tagger: Tagger, text: str, identifier: str, surface: str) -> None:
    found = {actor.actor_id: [mention.surface for mention in actor.mentions] for actor in tag(tagger, text).actors}
    assert found.get(identifier) == [surface]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Об этом сказал Фарух Назаров. Позже Назарова видели в парке, с Назаровым был сын.",
            {"per:фарух-назаров": ["Фарух Назаров", "Назарова", "Назаровым"]},
        ),
        ("Письмо передали Марии Ковалёвой.", {"per:мария-ковалева": ["Марии Ковалёвой"]}),
        ("Книгу написал А. П. Воронин.", {"per:а-п-воронин": ["А. П. Воронин"]}),
        ("Он работал в компании «Синяя заря».", {"org:синяя-заря": ["Синяя заря"]}),
        ("Жалобу подали в Верховный суд.", {"org:верховный-суд": ["Верховный суд"]}),
        ("Об этом сообщили в ЗКЩП.", {"org:зкщп": ["ЗКЩП"]}),
        ("В этом году в СМИ писали о ДТП.", {}),
        ("Весной снег сошёл, и дорога открылась.", {}),
    ],
)
def test_unknown_names(tagger: Tagger, text: str, expected: dict[str, list[str]]) -> None:
    found = {actor.actor_id: [mention.surface for mention in actor.mentions] for actor in tag(tagger, text).actors}
    assert found == expected


def test_a_role_tells_country_and_sector(tagger: Tagger) -> None:
    person = next(a for a in tag(tagger, "Приехал президент Чили Хуан Тирадо.").actors if a.type == "person")
    assert (person.name, person.country, person.plover_country, person.plover_sectors) == (
        "Хуан Тирадо",
        "CL",
        "CHL",
        ("GOV",),
    )


def test_the_border_is_found_in_a_russian_text(tagger: Tagger) -> None:
    text = "На таджикско-афганской границе у реки Пяндж слышны выстрелы. Пограничники Таджикистана видели талибов."
    assert tag(tagger, text).region == "tajik-afghan-border"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Это был тихий вечер, и мы шли домой.", None, True),
        ("Ин шаби ором буд ва мо ба хона рафтем, ҳама хуш буданд.", None, False),
        ("Це був тихий вечір, і ми йшли додому.", None, False),
        ("It was a quiet evening.", None, False),
        ("It was a quiet evening.", "ru", True),
        ("Это был тихий вечер.", "bg", False),
    ],
)
def test_is_russian(text: str, language: str | None, expected: bool) -> None:
    assert is_russian(text, language) is expected


@pytest.mark.parametrize(
    ("text", "language", "rules"),
    [
        ("Rosa Tirado left Lima.", None, "en"),
        ("Rosa Tirado left Lima.", "en-GB", "en"),
        ("Rosa Tirado verließ Lima.", "de", "names"),
        ("Это был тихий вечер в Лиме.", None, "ru"),
        ("طالبان در کابل", None, "names"),
        ("Созмони Милали Муттаҳид дар Душанбе.", None, "names"),
        ("", None, "en"),
    ],
)
def test_the_row_says_whose_rules_were_followed(tagger: Tagger, text: str, language: str | None, rules: str) -> None:
    tags = tagger.tag(None, text, language=language)
    assert tags.tag_rules == rules
    assert rules != "names" or not any(actor.provisional for actor in tags.actors)


def test_names_of_packs_hold_in_any_language(tagger: Tagger) -> None:
    tags = tagger.tag(None, "Созмони Милали Муттаҳид бо Толибон гуфтугӯ кард.", language="tg")
    assert {actor.actor_id for actor in tags.actors} >= {"un"}


def test_other_languages_do_not_load_the_dictionary() -> None:
    code = (
        "import sys; from transforms.tags.tagger import Tagger; t = Tagger.load(); t.tag(None, 'Rosa left Lima.');"
        "assert 'pymorphy3' not in sys.modules; t.tag(None, 'Роза жила в Чили.', language='ru');"
        "assert 'pymorphy3' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
