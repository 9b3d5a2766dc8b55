"""Persons that no pack knows: how a name is told to be a person's, and how it is met again in the text.

Evidence is a given name, a family name, a role or title before it, a verb of speech, an age or an apposition with a
role behind it, or the last part of the name standing alone elsewhere in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from schemas.records import Actor
from transforms.tags.actors import Found
from transforms.tags.codes import alpha3
from transforms.tags.lexicon import (
    GIVEN_NAMES,
    MORE_GIVEN_NAMES,
    NO_PERSON,
    PARTICLES,
    ROLE_SECTORS,
    SPEECH,
    SURNAMES,
    SURNAMES_FIRST,
    TITLES,
)
from transforms.tags.packs import PackActor
from transforms.tags.runs import Run, add_mention, span_of, text_of
from transforms.tags.text import Document, fold
from transforms.tags.word_kinds import HONORIFICS, is_role

_ADVERBS = frozenset(("also", "then", "later", "reportedly", "further", "once", "again", "himself", "herself", "went"))
_SPOKEN = SPEECH - frozenset(("was", "has", "had", "is", "who", "whose"))
_SPOKEN_BEFORE = frozenset(("said", "says", "added", "adds", "asked", "replied", "explained", "recalled", "insisted"))
_ARTICLES = frozenset(("a", "an", "the"))
_BEFORE_ROLE = frozenset(("of", "the", "for", "and", "'s"))
_PAST = frozenset(("former", "ex", "ex-president", "late", "onetime", "erstwhile"))
_BEFORE_NAME = HONORIFICS | TITLES
_AGE = re.compile(r", \d{1,3}[,.;]")
_VOWELS = frozenset("aeiouy")
_NO_VOWELS = str.maketrans("", "", "aeiouy")
_SAME_SOUND = str.maketrans("qwz", "kvs", "'-")
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(slots=True)
class Person:
    """A person named in full: id and the skeletons of all parts of the name but the first, and of the first."""

    actor_id: str
    surname: str
    first: str
    position: int
    family_first: bool = False
    given: str = ""


class Persons:
    """The persons that a text names in full."""

    def __init__(self) -> None:
        self._surnames: dict[str, list[Person]] = {}
        self._full: dict[tuple[str, str], str] = {}
        self._given: dict[str, Person | None] = {}

    def add(self, person: Person) -> None:
        """Adds one full mention."""
        self._full.setdefault((person.first, person.surname), person.actor_id)
        known = self._given.setdefault(person.given, person)
        if known is not None and known.actor_id != person.actor_id:
            self._given[person.given] = None
        for key in {person.surname, person.first} if person.family_first else {person.surname}:
            insort(self._surnames.setdefault(key, []), person, key=_position)

    def same(self, parts: Sequence[str]) -> str | None:
        """The id of a person met before under this name in any spelling."""
        return self._full.get((skeleton(parts[0]), skeleton(parts[-1])))

    def by_given(self, given: str) -> Person | None:
        """The only person of the text with this given name."""
        return self._given.get(given)

    def by_surname(self, surname: str, position: int) -> Person | None:
        """The person of a surname named last before a token, else the first named after it."""
        same = self._surnames.get(surname)
        return same[max(0, bisect_right(same, position, key=_position) - 1)] if same else None


def _position(person: Person) -> int:
    return person.position


@lru_cache(maxsize=4096)
def skeleton(word: str) -> str:
    """Consonant key of a name: spellings of one name in different transliterations share it.

    Meant for comparison within one text only: of surnames at large, most share their key with some other.
    """
    text = fold(word).lower()
    if "h" in text:
        text = text.replace("kh", "h").replace("zh", "j")
    text = text.translate(_SAME_SOUND)
    key = ("a" if text[:1] in _VOWELS else text[:1]) + text[1:].translate(_NO_VOWELS)
    return _DOUBLED.sub(r"\1", key) if _DOUBLED.search(key) else key


def person_of(identifier: str, parts: Sequence[str], position: int) -> Person:
    """A person from the parts of the full name."""
    family_first = len(parts) in (2, 3) and parts[0] in SURNAMES_FIRST
    return Person(identifier, skeleton(parts[-1]), skeleton(parts[0]), position, family_first, parts[0])


def pack_persons(document: Document, found: Found, actors: dict[str, PackActor]) -> Iterator[Person]:
    """The persons of packs that the text names."""
    for mention in found.mentions:
        actor = actors.get(mention.actor_id)
        if actor is not None and actor.type == "person":
            parts = document.folded[mention.start : mention.end].split()
            yield person_of(actor.id, parts, document.token_at(mention.start))


def is_person(document: Document, run: Run, words: Sequence[str], lone: Set[str]) -> bool:
    """Whether a run of two to five words is a person's name; `lone` are the words that stand alone in the text."""
    if any(word.isupper() and 1 < len(word) < 5 and "." not in word for word in words):
        return False
    if words[0] in GIVEN_NAMES or run.role:
        return True
    if _AGE.match(document.folded, document.words.end[run.last - 1]):
        return True
    if speaks(document, run.last) or is_explained(document, run.last):
        return True
    own = [word for word in words if word.lower() not in PARTICLES]
    if any(word in NO_PERSON or document.writes_small(word) for word in own):
        return words[0] in MORE_GIVEN_NAMES and len(words) == 2 and words[1] not in NO_PERSON
    if len(own) < len(words) and words[0] in own:
        return True
    if len(words) > 4:
        return False
    return words[0] in MORE_GIVEN_NAMES or words[-1] in SURNAMES or words[-1] in lone


def speaks(document: Document, index: int) -> bool:
    """A verb of speech follows, an adverb between allowed."""
    forms = document.words.form
    for step in range(index, min(index + 2, document.size)):
        word = forms[step]
        if word in _SPOKEN:
            return document.gap(step) == " "
        if word not in _ADVERBS or document.gap(step) != " ":
            return False
    return False


def is_explained(document: Document, index: int) -> bool:
    """An apposition with a role follows: ", a fellow at", ", the party's leader"."""
    if index + 1 >= document.size or document.words.form[index] not in _ARTICLES or document.gap(index) != ", ":
        return False
    return any(is_role(word) for word in document.words.form[index + 1 : index + 4])


def is_lone_speaker(document: Document, run: Run) -> bool:
    """A single name that speaks: ", Nazarova said", "said Nazarova"; at the head of a sentence only a known name."""
    forms = document.words.form
    word = forms[run.first]
    if len(word) < 3 or word.isupper():
        return False
    told = run.first > 0 and forms[run.first - 1] in _SPOKEN_BEFORE and document.gap(run.first) == " "
    if not (told or speaks(document, run.last)):
        return False
    return not document.opens(run.first) or word in GIVEN_NAMES or word in MORE_GIVEN_NAMES or word in SURNAMES


def corefer(document: Document, run: Run, found: Found, persons: Persons) -> bool:
    """Short and repeated names of persons named in full elsewhere in the text, and lone surnames after a title."""
    forms, size = document.words.form, run.last - run.first
    prefixed = size == 2 and forms[run.first].lower() in PARTICLES
    if size > 1 and not prefixed:
        same = persons.same(forms[run.first : run.last])
        if same is not None:
            add_mention(document, run, same, "coref", found)
        return same is not None
    last = forms[run.last - 1]
    person = persons.by_surname(skeleton(last), run.first) or persons.by_given(last)
    if person is not None and len(last) > 2:
        add_mention(document, _with_particle(document, run), person.actor_id, "coref", found)
        return True
    if prefixed or len(last) < 3:
        return False
    return (run.role and _has_title(document, run.first)) or is_lone_speaker(document, run)


def _with_particle(document: Document, run: Run) -> Run:
    """The run with the particle before it: "al-Hakimi", "van Dijk"."""
    first = run.first - 1
    if first >= 0 and document.words.form[first] in PARTICLES and document.gap(run.first) in (" ", "-"):
        return Run(first, run.last, run.role)
    return run


def _has_title(document: Document, first: int) -> bool:
    return first > 0 and document.words.form[first - 1] in _BEFORE_NAME


def describe_person(document: Document, run: Run, identifier: str, score: float, countries: dict[int, str]) -> Actor:
    """An unknown person; country and sectors are those of the role that the text gives.

    Args:
        countries: Countries of place names by the token that follows the name.
    """
    country, sectors = _role_before(document, run, countries)
    if not sectors:
        sectors = _role_after(document, run)
    return Actor(
        identifier,
        text_of(document, *span_of(document, run)),
        "person",
        country,
        alpha3(country) if country else None,
        sectors,
        provisional=True,
        score=score,
    )


def _role_before(document: Document, run: Run, countries: dict[int, str]) -> tuple[str | None, tuple[str, ...]]:
    """Country and sectors of the words of a role before a name: "Chilean Foreign Minister", "Peru's Gen."."""
    words = document.words.form
    index, roles = run.first, []
    while index > 0 and run.first - index < 6 and index not in countries:
        word = words[index - 1]
        if not (is_role(word) or word in _BEFORE_ROLE or word in ROLE_SECTORS) or document.gap(index).strip(" ."):
            break
        roles.append(word.lower())
        index -= 1
    if not roles:
        return None, ()
    country = countries.get(index) if document.gap(index).strip(" ]").removeprefix("'s") == "" else None
    if country and index > 1 and words[index - 2].lower() in _PAST:  # "former Chadian president"
        roles.append(words[index - 2].lower())
    return country, _sectors(roles[::-1])


def _role_after(document: Document, run: Run) -> tuple[str, ...]:
    if not is_explained(document, run.last):
        return ()
    return _sectors([word.lower() for word in document.words.form[run.last + 1 : run.last + 5]])


def _sectors(roles: Sequence[str]) -> tuple[str, ...]:
    """Sectors of a role; of a former one ELI, as PLOVER codes those who held office."""
    if not roles:
        return ()
    sectors = tuple(dict.fromkeys(ROLE_SECTORS[word] for word in roles if word in ROLE_SECTORS))
    return ("ELI",) if sectors and _PAST & set(roles) else sectors
