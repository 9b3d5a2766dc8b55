"""Names in Russian texts: countries, names of packs and bodies of states in all cases.

Names are compared by dictionary forms, so "Талибана" is the pack's "Талибан" and "в Таджикистане" the country. Unknown
persons and organisations are found by `russian_names`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from babel import Locale

from transforms.tags.actors import Found, Mention, StateActors
from transforms.tags.gazetteer import Gazetteer
from transforms.tags.lexicon import DATA
from transforms.tags.morphology import is_genitive, lemma, lemmas
from transforms.tags.packs import PackActor, PackPlace, Packs
from transforms.tags.text import Document, fold_name

WORDS: dict[str, Any] = tomllib.loads((DATA / "russian.toml").read_text("utf-8"))
_CYRILLIC = re.compile("[а-яё]")
_OF_OTHERS = re.compile("[іїєґўҷқғӯҳӣәңөұүһјљњћђџѓќѕ]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 2000
_NO_NAME = frozenset(("Того", "Тонга", "Чад"))
"""Countries whose names are forms of common words as well."""

_T = TypeVar("_T")


def rules_for(text: str, language: str | None) -> str:
    """The language whose rules hold for a text: en, ru, or `names` where only names can be looked for.

    Where no language is given, the letters decide: Russian ones, else Latin ones count as English.
    """
    if language is not None:
        code = language.split("-")[0].lower()
        return code if code in ("en", "ru") else "names"
    sample = text[:_SAMPLE]
    if sample.isascii() or not any(map(str.isalpha, set(_NOT_ASCII.findall(sample)))):
        return "en"  # as most texts are: all their letters are plain ones
    sample = sample.lower()
    if is_russian(text, None):
        return "ru"
    letters = sum(map(str.isalpha, sample))
    return "en" if 2 * sum("a" <= char <= "z" for char in sample) >= letters else "names"


def is_russian(text: str, language: str | None) -> bool:
    """Whether the rules of Russian apply: by the language given, else by the letters."""
    if language is not None:
        return language.split("-")[0].lower() == "ru"
    sample = text[:_SAMPLE].lower()
    letters = len(_CYRILLIC.findall(sample))
    return letters > len(sample) / 3 and ("ы" in sample or "э" in sample) and not _OF_OTHERS.search(sample)


class Phrases(Generic[_T]):
    """Phrases of dictionary forms, found by their first word; the longest wins."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], _T]]] = {}

    def add(self, phrase: str, value: _T) -> None:
        """Adds a phrase whose words may stand in any form."""
        words = tuple(lemma(word) for word in re.findall(r"\w+", phrase))
        if words:
            known = self._by_first.setdefault(words[0], [])
            known.append((words, value))
            known.sort(key=lambda entry: -len(entry[0]))

    def match(self, document: Document, first: int, *, capital: bool) -> tuple[int, _T] | None:
        """Token behind the longest phrase that starts at a token, and its value."""
        forms = document.words.form
        if capital and not forms[first][0].isupper():
            return None
        for start in sorted(lemmas(forms[first]) & self._by_first.keys()):
            for words, value in self._by_first[start]:
                last = first + len(words)
                if last <= document.size and all(
                    document.gap(first + step) in (" ", "-") and words[step] in lemmas(forms[first + step])
                    for step in range(1, len(words))
                ):
                    return last, value
        return None


class RussianFinder:
    """Finds known names in Russian texts. Built when the first one comes."""

    def __init__(self, gazetteer: Gazetteer, packs: Packs, states: StateActors) -> None:
        self._states = states
        self._names: Phrases[PackActor | PackPlace] = Phrases()
        for code, names in _countries(gazetteer):
            place = _country(gazetteer, code, names)
            for name in names:
                if name not in _NO_NAME:
                    self._names.add(name, place)
        entries: list[PackActor | PackPlace] = [*packs.actors, *packs.places]
        for entry in entries:
            for alias in entry.aliases:
                if _CYRILLIC.search(alias.lower()):
                    self._names.add(fold_name(alias), entry)
        self._bodies: Phrases[str] = Phrases()
        for key, phrases in WORDS["bodies"].items():
            for phrase in phrases.split("|"):
                self._bodies.add(phrase, key)
        self._adjectives = {
            lemma(word): code for code, words in WORDS["adjectives"].items() for word in words.split("|")
        }
        self._adjectives |= {word.removesuffix("ий") + "о": code for word, code in self._adjectives.items()}
        self._countries = {code: _country(gazetteer, code, ()) for code in sorted(set(self._adjectives.values()))}

    def known(
        self, document: Document, mentions: Sequence[Mention], packed: Sequence[tuple[int, int, PackPlace]]
    ) -> tuple[list[Mention], list[tuple[int, int, PackPlace]]]:
        """Mentions of pack actors and places with those in other cases, and countries, added."""
        spans = [*((m.start, m.end) for m in mentions), *((start, end) for start, end, _ in packed)]
        taken = {index for start, end in spans for index in range(*_tokens(document, start, end))}
        actors: list[Mention] = []
        places: list[tuple[int, int, PackPlace]] = []
        reached = 0
        for index in document.capitals:
            if index < reached or index in taken:
                continue
            found = self._names.match(document, index, capital=True)
            if found is None:
                continue
            reached, entry = found
            start, end = document.words.start[index], document.words.end[reached - 1]
            if isinstance(entry, PackActor):
                actors.append(Mention(start, end, entry.id, "alias"))
            else:
                places.append((start, end, entry))
        longer = [(m.start, m.end) for m in actors] + [(start, end) for start, end, _ in places]
        actors += [m for m in mentions if not _inside(longer, m.start, m.end)]
        places += [place for place in packed if not _inside(longer, place[0], place[1])]
        covered = {index for start, end, _ in places for index in range(*_tokens(document, start, end))}
        covered.update(index for m in actors for index in range(*_tokens(document, m.start, m.end)))
        places += self._adjectival(document, covered)
        actors.sort(key=lambda mention: mention.start)
        places.sort(key=lambda place: place[0])
        return actors, places

    def _adjectival(self, document: Document, covered: set[int]) -> Iterator[tuple[int, int, PackPlace]]:
        """Adjectives of countries: "российские", the first part of "таджикско-афганский" too."""
        for index, form in enumerate(document.words.form):
            if len(form) < 6 or index in covered:
                continue
            code = self._adjectives.get(form.lower()) or self._adjectives.get(lemma(form))
            if code is not None:
                start, end = document.words.start[index], document.words.end[index]
                yield start, end, replace(self._countries[code], adjectives=(form,))

    def bodies(self, document: Document, countries: dict[int, tuple[int, str]], found: Found) -> None:
        """Adds bodies of a named state: "российский МИД", "министерство обороны Таджикистана".

        Args:
            countries: End offset and country of the place names by their first token.
        """
        taken = {index for start, end in found.spans() for index in range(*_tokens(document, start, end))}
        forms = document.words.form
        index = 0
        while index < document.size:
            hit = self._bodies.match(document, index, capital=False) if index not in taken else None
            if hit is None:
                index += 1
                continue
            last, key = hit
            first, country = index, None
            behind = countries.get(last)
            if behind is not None and document.gap(last) == " " and is_genitive(forms[last]):
                country, end = behind[1], behind[0]
            elif index > 0 and document.gap(index) == " " and index - 1 not in taken:
                country = self._adjectives.get(lemma(forms[index - 1]))
                first, end = index - 1, document.words.end[last - 1]
            if country:
                actor = self._states.actor(country, key)
                found.described.setdefault(actor.actor_id, actor)
                found.mentions.append(Mention(document.words.start[first], end, actor.actor_id, "role"))
            index = last


def _inside(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _tokens(document: Document, start: int, end: int) -> tuple[int, int]:
    return document.token_at(start), document.token_at(end)


def _countries(gazetteer: Gazetteer) -> Iterator[tuple[str, list[str]]]:
    territories = Locale("ru").territories
    for code in sorted(gazetteer.country_place):
        names = [str(territories[code])] if code in territories else []
        names += WORDS["countries"].get(code, "").split("|")
        yield code, [name for name in names if name and "(" not in name and " - " not in name and "о-в" not in name]


def _country(gazetteer: Gazetteer, code: str, names: Sequence[str]) -> PackPlace:
    place = gazetteer.country_place[code]
    lat, lon = gazetteer.point(place)
    number = int(gazetteer.identifier(place).removeprefix("gn:"))
    name = gazetteer.name(place)
    return PackPlace(f"country-{code.lower()}", name, "country", code, None, lat, lon, number, (), tuple(names), ())
