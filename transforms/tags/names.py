"""Unknown persons and organisations, by rules over runs of capitalised words.

Persons are known by a given name, a role or title before them, a verb of speech or an age behind them; organisations by
a noun such as Agency in them, by an acronym in brackets, or as the source of a report. The rest is left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from schemas.records import Actor
from transforms.tags.actors import Found, Mention, abbreviates
from transforms.tags.lexicon import (
    ABBREVIATIONS,
    GIVEN_NAMES,
    ORGANISATION_HEADS,
    PARTICLES,
    ROLE_WORDS,
    SPEECH,
    STOP_CAPITALS,
    SURNAMES_FIRST,
    TITLES,
)
from transforms.tags.packs import PackActor
from transforms.tags.text import Document, fold

_HONORIFICS = frozenset(
    ("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "Sheikh", "Mullah", "Gen", "Col", "Sen")
)
_ADVERBS = frozenset(("also", "then", "later", "reportedly", "further", "once", "again", "himself", "herself", "went"))
_SPOKEN = SPEECH - frozenset(("was", "has", "had", "is", "who", "whose"))
_ARTICLES = frozenset(("a", "an", "the"))
_SOURCE_BEFORE = frozenset(("told", "by", "to", "with", "the", "on"))
_VOWELS = frozenset("aeiouy")
_NO_VOWELS = str.maketrans("", "", "aeiouy")
_SAME_SOUND = str.maketrans("qwz", "kvs", "'-")
_DOUBLED = re.compile(r"(.)\1+")
_ACRONYM = re.compile(r" \(([A-Z][A-Za-z.&/-]{1,9})\)")
_SINGLE = re.compile(r" (?:[a-z]|\d{1,2})(?!\w)")
_AGE = re.compile(r", \d{1,3}[,.;]")


class Run(NamedTuple):
    """Tokens [first, last) that may be one name; `role` tells whether a role or title stands before them."""

    first: int
    last: int
    role: bool


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


def slug(name: str) -> str:
    """Lower-case words of a name joined by hyphens; letters of any script stay."""
    return "-".join(re.findall(r"[^\W_]+", fold(name).lower()))


class NameFinder:
    """Finds persons and organisations that no pack knows, and persons of packs under other spellings."""

    def __init__(self, actors: Sequence[PackActor]) -> None:
        self._known: dict[tuple[str, ...], str] = {}
        for actor in actors:
            if actor.type == "person":
                for alias in actor.aliases:
                    parts = alias.split()
                    if len(parts) >= 2:
                        self._known.setdefault(tuple(map(skeleton, parts)), actor.id)

    def find(
        self, document: Document, found: Found, places: Sequence[tuple[int, int]], actors: dict[str, PackActor]
    ) -> None:
        """Adds mentions of unknown persons and organisations."""
        blocked = [False] * (document.size + 1)
        for start, end in (*found.spans(), *places):
            for index in range(document.token_at(start), document.token_at(end)):
                blocked[index] = True
        before = {document.token_at(end): start for start, end in places}
        after = {document.token_at(start): end for start, end in places}
        persons = Persons()
        for person in _pack_persons(document, found, actors):
            persons.add(person)
        rest: list[Run] = []
        for run in _runs(document, blocked):
            if not self._take(document, run, (before.get(run.first), after.get(run.last + 1)), found, persons):
                rest.append(run)
        for run in rest:
            _corefer(document, run, found, persons)
        _add_acronyms(document, found)

    def _take(
        self, document: Document, run: Run, beside: tuple[int | None, int | None], found: Found, persons: Persons
    ) -> bool:
        """Makes a mention of a run that is a name for sure.

        `beside` is the start of a place name that ends where the run starts, and the end of one that starts a word
        behind it.
        """
        words = document.words.form[run.first : run.last]
        if not ORGANISATION_HEADS.isdisjoint(words):
            return _take_organisation(document, run, beside, found)
        known = self._known.get(tuple(map(skeleton, words))) if 2 <= len(words) <= 5 else None
        if known or (2 <= len(words) <= 5 and _is_person(document, run, words)):
            identifier = known or persons.same(words) or f"per:{slug(' '.join(words))}"
            if identifier not in found.described and identifier.startswith("per:"):
                name = _text(document, run)
                found.described[identifier] = Actor(identifier, name, "person", provisional=True, score=0.8)
            _mention(document, run, identifier, "variant" if known else "role" if run.role else "name", found)
            persons.add(_person(identifier, words, run.first))
            return True
        return len(words) == 1 and _take_source(document, run, found)


def _corefer(document: Document, run: Run, found: Found, persons: Persons) -> None:
    """Short and repeated names of persons named in full elsewhere in the text, and lone surnames after a title."""
    words = document.words.form[run.first : run.last]
    if words[0] in STOP_CAPITALS:
        return
    prefixed = len(words) == 2 and words[0].lower() in PARTICLES
    if len(words) > 1 and not prefixed:
        same = persons.same(words)
        if same is not None:
            _mention(document, run, same, "coref", found)
        return
    person = persons.by_surname(skeleton(words[-1]), run.first) or persons.by_given(words[-1])
    if person is not None and len(words[-1]) > 2:
        _mention(document, _with_particle(document, run), person.actor_id, "coref", found)
    elif run.role and not prefixed and len(words[0]) > 2 and _has_title(document, run.first):
        identifier = f"per:{slug(words[0])}"
        actor = Actor(identifier, _text(document, run), "person", provisional=True, score=0.6)
        found.described.setdefault(identifier, actor)
        _mention(document, run, identifier, "role", found)


def _with_particle(document: Document, run: Run) -> Run:
    """The run with the particle before it: "al-Hakimi", "van Dijk"."""
    first = run.first - 1
    if first >= 0 and document.words.form[first] in PARTICLES and document.gap(run.first) in (" ", "-"):
        return Run(first, run.last, run.role)
    return run


def _text(document: Document, run: Run) -> str:
    return " ".join(document.text[document.words.start[run.first] : document.words.end[run.last - 1]].split())


def _mention(document: Document, run: Run, identifier: str, match: str, found: Found) -> None:
    start, end = document.words.start[run.first], document.words.end[run.last - 1]
    found.mentions.append(Mention(start, end, identifier, match))


def _pack_persons(document: Document, found: Found, actors: dict[str, PackActor]) -> Iterator[Person]:
    for mention in found.mentions:
        actor = actors.get(mention.actor_id)
        if actor is not None and actor.type == "person":
            parts = document.folded[mention.start : mention.end].split()
            position = document.token_at(mention.start)
            yield _person(actor.id, parts, position)


def _person(identifier: str, parts: Sequence[str], position: int) -> Person:
    family_first = len(parts) in (2, 3) and parts[0] in SURNAMES_FIRST
    return Person(identifier, skeleton(parts[-1]), skeleton(parts[0]), position, family_first, parts[0])


def _runs(document: Document, blocked: Sequence[bool]) -> Iterator[Run]:
    """Runs of capitalised words between blocked tokens, cut at roles; words that only open a sentence are dropped."""
    words = document.words.form
    reached = 0
    for index in document.capitals:
        word = words[index]
        if index < reached or blocked[index] or word in STOP_CAPITALS or _is_role(word):
            continue
        reached = _run_end(document, index, blocked)
        role = index > 0 and not blocked[index - 1] and _is_role(words[index - 1])
        yield Run(index, reached, role and document.gap(index).strip(" .,") == "")


@lru_cache(maxsize=4096)
def _is_role(word: str) -> bool:
    return word.lower() in ROLE_WORDS or word in TITLES or word in _HONORIFICS


def _run_end(document: Document, first: int, blocked: Sequence[bool]) -> int:
    words = document.words.form
    last = first + 1
    while last < document.size and not blocked[last] and last - first < 8:
        gap, word = document.gap(last), words[last]
        if gap not in (" ", "-", " & ", ". ") or (gap == ". " and not _abbreviated(words[last - 1])):
            break
        if word[0].isupper() and word not in STOP_CAPITALS and not _is_role(word):
            last += 1
            continue
        joins = word in PARTICLES or (word in ("of", "for", "and") and _has_head(words[first:last]))
        follower = words[last + 1] if last + 1 < document.size else ""
        capital = follower[:1].isupper() and follower not in STOP_CAPITALS and not blocked[last + 1]
        if joins and gap == " " and capital and document.gap(last + 1) in (" ", "-"):
            last += 2
            continue
        break
    return last


def _abbreviated(word: str) -> bool:
    return word in ABBREVIATIONS or len(word) == 1


def _has_head(words: Sequence[str]) -> bool:
    return not ORGANISATION_HEADS.isdisjoint(words)


def _has_title(document: Document, first: int) -> bool:
    return first > 0 and document.words.form[first - 1] in _HONORIFICS | TITLES


def _is_person(document: Document, run: Run, words: Sequence[str]) -> bool:
    if any(len(word) > 1 and word.isupper() and len(word) < 5 and "." not in word for word in words):
        return False
    if words[0] in GIVEN_NAMES or run.role:
        return True
    end = document.words.end[run.last - 1]
    if _AGE.match(document.folded, end):
        return True
    return _speaks(document, run.last) or _is_explained(document, run.last)


def _speaks(document: Document, index: int) -> bool:
    """A verb of speech follows, an adverb between allowed."""
    for step in range(2):
        if index + step >= document.size or document.gap(index + step) != " ":
            return False
        word = document.words.form[index + step]
        if word in _SPOKEN:
            return True
        if word not in _ADVERBS:
            return False
    return False


def _is_explained(document: Document, index: int) -> bool:
    """An apposition with a role follows: ", a fellow at", ", the party's leader"."""
    if index + 1 >= document.size or document.gap(index) != ", " or document.words.form[index] not in _ARTICLES:
        return False
    return any(_is_role(word) for word in document.words.form[index + 1 : index + 4])


def _take_organisation(document: Document, run: Run, beside: tuple[int | None, int | None], found: Found) -> bool:
    """A name with a noun such as Agency in it, and the place name that belongs to it."""
    before, after = beside
    start, end = document.words.start[run.first], document.words.end[run.last - 1]
    touching = before is not None and document.gap(run.first) == " "
    if before is not None and touching:  # "Tokyo University"
        start = before
    elif (
        after is not None and document.folded[end : end + 4] == " of " and not _is_role(document.words.form[run.first])
    ):
        end = after  # "University of Tokyo"
    elif run.last - run.first == 1:
        single = _SINGLE.match(document.folded, end)  # "Channel 5"
        if single is None or run.first == 0 or document.words.form[run.first - 1] not in _SOURCE_BEFORE:
            return False
        end = single.end()
    name = " ".join(document.text[start:end].split())
    identifier = f"org:{slug(name)}"
    found.described.setdefault(identifier, Actor(identifier, name, "organisation", provisional=True, score=0.7))
    found.mentions.append(Mention(start, end, identifier, "name"))
    bracket = _ACRONYM.match(document.folded, end)
    if bracket and abbreviates(bracket[1], fold(name)):
        found.acronyms.setdefault(bracket[1], identifier)
    return True


def _add_acronyms(document: Document, found: Found) -> None:
    """Mentions of the acronyms that the text itself defined."""
    if not found.acronyms:
        return
    starts = {mention.start for mention in found.mentions}
    for index in document.capitals:
        identifier = found.acronyms.get(document.words.form[index])
        start = document.words.start[index]
        if identifier is not None and start not in starts:
            found.mentions.append(Mention(start, document.words.end[index], identifier, "acronym"))


def _take_source(document: Document, run: Run, found: Found) -> bool:
    """An outlet named as a source: in capitals after "according to", "told", "reported by"."""
    word = document.words.form[run.first]
    if not (word.isupper() and len(word) >= 3 and run.first > 0):
        return False
    before = document.words.form[run.first - 1]
    further = document.words.form[run.first - 2] if run.first > 1 else ""
    if not (before == "told" or (before in ("to", "by") and further in ("according", "reported", "published"))):
        return False
    identifier = f"org:{slug(word)}"
    found.described.setdefault(identifier, Actor(identifier, word, "organisation", provisional=True, score=0.5))
    _mention(document, run, identifier, "source", found)
    return True
