"""Persons and organisations that no pack knows, in Russian texts, by the marks that a dictionary gives word forms."""

from __future__ import annotations

import re
from functools import cache

from schemas.records import Actor
from transforms.tags.actors import Found, Mention
from transforms.tags.codes import alpha3
from transforms.tags.morphology import gender_of, is_genitive, lemma, likely, marks, nominative
from transforms.tags.organisations import slug
from transforms.tags.runs import text_of
from transforms.tags.russian import WORDS
from transforms.tags.text import Document

_SPEECH = frozenset(WORDS["more"]["speech"].split())
_ACRONYMS = frozenset(WORDS["more"]["plain_acronyms"].split())
_ROMAN = re.compile(r"[IVXLCХ]+")
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_QUOTED = re.compile(r'"([^"\n]{2,60})"')
_ENDING = re.compile(r"(?:ого|ому|ыми|ой|ом|ем|ым|ою|ами|ах|[аеиоуыюяйь])$")
_MADE = re.compile("(?:Мин|Рос|Гос|Мос|Глав)[а-я]{4,}")
_LONGEST = 4
_OF_COMMON = frozenset(("министерство", "комитет", "служба", "совет", "агентство", "комиссия"))
"""Heads whose genitives are common nouns: "министерство обороны"."""


@cache
def _roles() -> dict[str, str]:
    return {lemma(word): sector for sector, words in WORDS["roles"].items() for word in words.split()}


@cache
def _heads() -> frozenset[str]:
    return frozenset(lemma(word) for word in WORDS["words"]["organisation_heads"].split())


def find_names(document: Document, countries: dict[int, tuple[int, str]], found: Found) -> None:
    """Adds mentions of unknown persons and organisations.

    Args:
        countries: End offset and country of the place names by their first token.
    """
    _Search(document, countries, found).run()


class _Search:
    def __init__(self, document: Document, countries: dict[int, tuple[int, str]], found: Found) -> None:
        self.document, self.found, self.countries = document, found, countries
        self.forms = document.words.form
        self.blocked: set[int] = set()
        spans = [*found.spans(), *((document.words.start[first], end) for first, (end, _) in countries.items())]
        for start, end in spans:
            self.blocked.update(range(document.token_at(start), document.token_at(end)))
        self.ends = {document.token_at(end): country for end, country in countries.values()}
        self.persons: dict[str, str] = {}

    def run(self) -> None:
        """Organisations first, whose words then name no person; full names before lone ones."""
        self._quoted()
        reached = 0
        for index in range(self.document.size):
            if index >= reached and index not in self.blocked:
                last = self._organisation(index)
                if last is not None:
                    reached = last
        runs = self._runs()
        lone = [run for run in runs if not self._person(run)]
        for first, last in lone:
            self._again(first, last)

    # -- persons

    def _runs(self) -> list[tuple[int, int]]:
        """Runs of capitalised words that are not blocked, initials among them."""
        runs = []
        reached = 0
        for index in self.document.capitals:
            if index < reached or index in self.blocked or not self._may_name(index):
                continue
            last = index + 1
            while last < self.document.size and last - index < _LONGEST and last not in self.blocked:
                gap, before = self.document.gap(last), self.forms[last - 1]
                joined = (
                    gap in (" ", "-") or (gap in (". ", ".") and len(before) == 1) or (not gap and before[-1] == ".")
                )
                if not (joined and self.forms[last][0].isupper() and self._may_name(last)):
                    break
                last += 1
            reached = last
            runs.append((index, last))
        return runs

    def _may_name(self, index: int) -> bool:
        word = self.forms[index]
        if not _CYRILLIC.match(word) or (word.isupper() and len(word) > 1 and "." not in word):
            return False
        if not self.document.initial[index]:
            return True
        return bool({"Name", "Surn", "Patr"} & marks(word)) and not (likely(word, "PREP") or likely(word, "CONJ"))

    def _person(self, run: tuple[int, int]) -> bool:
        """A full name: a given name or patronymic in it, initials before it, or a role before it."""
        first, last = run
        words = self.forms[first:last]
        named = any({"Name", "Patr"} & marks(word) for word in words if len(word) > 1)
        initials = any(len(word.rstrip(".")) == 1 for word in words[:-1])
        role = self._role(first)
        if len(words) == 1 and not role:
            return False
        if len(words) > 1 and not (named or initials or role or "Surn" in marks(words[-1])):
            return False
        if role is not None and len(words) == 1 and likely(words[0], "ADJF"):
            return False
        self._add_person(first, last, role)
        return True

    def _again(self, first: int, last: int) -> None:
        """A lone name: of a person named before, in the dictionary as a family name, or beside a verb of speech."""
        if last - first > 1:
            return
        word = self.forms[first]
        key = _stem(word)
        if key in self.persons:
            self._mention(first, last, self.persons[key], "coref")
        elif likely(word, "Surn") or (likely(word, "Name") and not self.document.initial[first]) or self._speaks(first):
            self._add_person(first, last, None)

    def _speaks(self, index: int) -> bool:
        if self.document.initial[index] or "NOUN" not in marks(self.forms[index]):
            return False
        beside = [step for step in (index - 1, index + 1) if 0 <= step < self.document.size]
        return any(lemma(self.forms[step]) in _SPEECH for step in beside)

    def _role(self, first: int) -> tuple[str | None, str] | None:
        """Country and sector of the role right before a name, a country in the genitive between them allowed."""
        index, country = first, None
        if index in self.ends and self.document.gap(index) == " ":
            country = self.ends[index]
            while index > 0 and index - 1 in self.blocked:
                index -= 1
        if index == 0 or self.document.gap(index).strip(" ") or (index - 1) in self.blocked:
            return None
        sector = _roles().get(lemma(self.forms[index - 1]))
        return (country, sector) if sector is not None else None

    def _add_person(self, first: int, last: int, role: tuple[str | None, str] | None) -> None:
        words = [word for word in self.forms[first:last] if len(word.rstrip(".")) > 1]
        key = _stem(words[-1]) if words else ""
        identifier = self.persons.get(key) if len(words) == 1 else None
        if identifier is None:
            name = self._name(first, last)
            identifier = f"per:{slug(name.replace('ё', 'е'))}"
            country, sector = role if role is not None else (None, "")
            code = alpha3(country) if country else None
            actor = Actor(identifier, name, "person", country, code, (sector,) if sector else (), None, True, 0.7)
            self.found.described.setdefault(identifier, actor)
        self.persons.setdefault(key, identifier)
        self._mention(first, last, identifier, "role" if role else "name")

    def _name(self, first: int, last: int) -> str:
        """The name in the nominative."""
        words = self.forms[first:last]
        gender = next((found for found in map(gender_of, words) if found), None)
        parts = []
        for step, word in enumerate(words):
            joint = "-" if step and self.document.gap(first + step) == "-" else " " if step else ""
            mark = (
                "Surn"
                if step == len(words) - 1 and step
                else next((m for m in ("Name", "Patr", "Surn") if m in marks(word)), "Surn")
            )
            short = len(word.rstrip(".")) == 1 or not mark or not ({"Name", "Patr", "Surn"} & marks(word))
            parts.append(joint + (word if short else nominative(word, mark, gender)))
        return "".join(parts)

    # -- organisations

    def _quoted(self) -> None:
        """Names in quotation marks after the noun of an organisation: "компания «Заря»"."""
        for match in _QUOTED.finditer(self.document.folded):
            first = self.document.token_at(match.start(1))
            last = self.document.token_at(match.end(1))
            if first >= last or first in self.blocked or not self.forms[first][0].isupper() or last - first > 5:
                continue
            head = first > 0 and lemma(self.forms[first - 1]) in _heads()
            if head or any(lemma(word) in _heads() for word in self.forms[first:last]):
                self._add_organisation(match.start(1), match.end(1), 0.6)
                self.blocked.update(range(first, last))

    def _organisation(self, index: int) -> int | None:
        """An acronym, or a noun such as "министерство" with its adjectives before and genitives behind."""
        word = self.forms[index]
        if len(word) > 1 and word.isupper():
            return self._acronym(index)
        if self._is_named_body(index):
            self._add_organisation(self.document.words.start[index], self.document.words.end[index], 0.5)
            self.blocked.add(index)
            return index + 1
        if lemma(word) not in _heads() or likely(word, "VERB"):
            return None
        first = index
        while (
            first > 0 and index - first < 3 and self._is_adjective(first - 1) and self.document.gap(first) in (" ", "-")
        ):
            first -= 1
        last = self._genitives(index + 1)
        capital = any(self.forms[step][0].isupper() for step in range(first, last))
        opens = self.document.initial[first] and not any(self.forms[s][0].isupper() for s in range(first + 1, last))
        if last - first < 2 or not capital or opens:
            return None
        self._add_organisation(self.document.words.start[first], self.document.words.end[last - 1], 0.5)
        self.blocked.update(range(first, last))
        return last

    def _is_named_body(self, index: int) -> bool:
        """One capitalised word that the dictionary knows as an organisation, or that is made like one: "Росстат"."""
        word = self.forms[index]
        if not word[0].isupper() or len(word) < 5:
            return False
        known = marks(word)
        if "Orgn" in known and not {"Name", "Surn", "Geox"} & known:
            return True
        return bool(_MADE.match(word)) and not {"Name", "Surn", "Geox"} & known and not self.document.initial[index]

    def _is_adjective(self, index: int) -> bool:
        return index not in self.blocked and bool({"ADJF", "PRTF"} & marks(self.forms[index]))

    def _genitives(self, index: int) -> int:
        """The token behind the genitives that follow a noun, a country among them."""
        start = index
        while index < self.document.size and index - start < 4 and self.document.gap(index) in (" ", "-"):
            if not (index in self.countries or self._is_genitive(start, index)):
                break
            index += 1
        return index

    def _is_genitive(self, start: int, index: int) -> bool:
        """Whether a word goes on a name: a genitive with a capital, or before one, or after "министерство"."""
        word = self.forms[index]
        if index in self.blocked or word.isupper() or not is_genitive(word) or not {"NOUN", "ADJF"} & marks(word):
            return False
        capital = any(form[0].isupper() for form in self.forms[index : index + 3])
        return capital or lemma(self.forms[start - 1]) in _OF_COMMON

    def _acronym(self, index: int) -> int | None:
        word = self.forms[index]
        plain = word in _ACRONYMS or _ROMAN.fullmatch(word) or not word.isalpha() or len(word) > 6
        forms = self.forms
        shouted = any(
            0 <= step < self.document.size and len(forms[step]) > 6 and forms[step].isupper()
            for step in (index - 1, index + 1)
        )
        if plain or shouted or (index + 1 < self.document.size and self.document.gap(index + 1) == "-"):
            return None
        self._add_organisation(self.document.words.start[index], self.document.words.end[index], 0.5)
        self.blocked.add(index)
        return index + 1

    def _add_organisation(self, start: int, end: int, score: float) -> None:
        name = text_of(self.document, start, end)
        identifier = f"org:{slug(name)}"
        actor = Actor(identifier, name, "organisation", provisional=True, score=score)
        self.found.described.setdefault(identifier, actor)
        self.found.mentions.append(Mention(start, end, identifier, "acronym" if name.isupper() else "name"))

    def _mention(self, first: int, last: int, identifier: str, match: str) -> None:
        start, end = self.document.words.start[first], self.document.words.end[last - 1]
        self.found.mentions.append(Mention(start, end, identifier, match))


def _stem(word: str) -> str:
    """A family name without its ending: forms of one name share it, within one text."""
    text = word.lower().replace("ё", "е")
    cut = _ENDING.sub("", text)
    return cut if len(cut) > 2 else text
