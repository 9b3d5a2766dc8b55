"""Unknown persons and organisations, by rules over runs of capitalised words.

Persons are known by a given name, a role or title before them, a verb of speech or an age behind them; organisations by
a noun such as Ministry or Agency in them, by an acronym in brackets, or as the source of a report. What no rule supports
is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.records import Actor
from transforms.tags.actors import Found, Mention, abbreviates
from transforms.tags.lexicon import (
    GIVEN_NAMES,
    ORGANISATION_HEADS,
    PARTICLES,
    ROLE_WORDS,
    SPEECH,
    STOP_CAPITALS,
    TITLES,
)
from transforms.tags.packs import PackActor
from transforms.tags.text import ABBREVIATIONS, Document, fold

_HONORIFICS = frozenset(
    ("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "Sheikh", "Mullah", "Gen", "Col", "Sen")
)
_ADVERBS = frozenset(("also", "then", "later", "reportedly", "further", "once", "again", "himself", "herself", "went"))
_SPOKEN = SPEECH - frozenset(("was", "has", "had", "is", "who", "whose"))
_ARTICLES = frozenset(("a", "an", "the"))
_SOURCE_BEFORE = frozenset(("told", "by", "to", "with"))
_ACRONYM = re.compile(r" \(([A-Z][A-Za-z.&/-]{1,9})\)")
_SINGLE = re.compile(r" (?:[a-z]|\d{1,2})(?!\w)")
_AGE = re.compile(r", \d{1,3}[,.;]")


@dataclass(frozen=True, slots=True)
class Run:
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


def skeleton(word: str) -> str:
    """Consonant key of a name: spellings of one name in different transliterations share it.

    Meant for comparison within one text only: of surnames at large, most share their key with some other.
    """
    text = fold(word).lower()
    for old, new in (("kh", "h"), ("zh", "j"), ("dzh", "j"), ("q", "k"), ("w", "v"), ("z", "s"), ("'", ""), ("-", "")):
        text = text.replace(old, new)
    if not text:
        return ""
    rest = re.sub(r"[aeiouy]", "", text[1:])
    first = "a" if text[0] in "aeiouy" else text[0]
    return re.sub(r"(.)\1+", r"\1", first + rest)


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
    ) -> set[str]:
        """Adds mentions of unknown persons and organisations; gives the ids of pack actors found by spelling."""
        blocked = [False] * (document.size + 1)
        for start, end in (*found.spans(), *places):
            for index in range(document.token_at(start), document.token_until(end)):
                blocked[index] = True
        persons = list(_pack_persons(document, found, actors))
        used: set[str] = set()
        rest: list[Run] = []
        for run in _runs(document, blocked):
            if not self._take(document, run, found, persons, used):
                rest.append(run)
        self._corefer(document, rest, found, persons)
        return used

    def _take(self, document: Document, run: Run, found: Found, persons: list[Person], used: set[str]) -> bool:
        words = document.words.form[run.first : run.last]
        if any(word in ORGANISATION_HEADS for word in words):
            return _take_organisation(document, run, found)
        if len(words) >= 2 and len(words) <= 5 and _is_person(document, run, words):
            parts = [word for word in words if word not in _HONORIFICS]
            key = tuple(map(skeleton, parts))
            known = self._known.get(key)
            name = " ".join(document.text[document.words.start[run.first] : document.words.end[run.last - 1]].split())
            identifier = known or _same_person(persons, parts) or f"per:{slug(name)}"
            if known:
                used.add(known)
            elif identifier not in found.described and identifier.startswith("per:"):
                found.described[identifier] = Actor(identifier, name, "person", provisional=True, score=0.8)
            _mention(document, run, identifier, "variant" if known else "role" if run.role else "name", found)
            persons.append(Person(identifier, skeleton(parts[-1]), skeleton(parts[0]), run.first))
            return True
        return len(words) == 1 and _take_source(document, run, found)

    def _corefer(self, document: Document, runs: Sequence[Run], found: Found, persons: Sequence[Person]) -> None:
        """Lone surnames of persons named in full elsewhere in the text, and lone surnames after a title."""
        by_surname: dict[str, list[Person]] = {}
        for person in persons:
            by_surname.setdefault(person.surname, []).append(person)
        for run in runs:
            words = document.words.form[run.first : run.last]
            if len(words) != 1 or words[0] in STOP_CAPITALS or len(words[0]) < 3:
                continue
            same = by_surname.get(skeleton(words[0]))
            if same:
                before = [person for person in same if person.position <= run.first]
                chosen = before[-1] if before else same[0]
                _mention(document, run, chosen.actor_id, "coref", found)
            elif run.role and _has_title(document, run.first):
                identifier = f"per:{slug(words[0])}"
                name = document.text[document.words.start[run.first] : document.words.end[run.first]]
                found.described.setdefault(identifier, Actor(identifier, name, "person", provisional=True, score=0.6))
                _mention(document, run, identifier, "role", found)


def _mention(document: Document, run: Run, identifier: str, match: str, found: Found) -> None:
    start, end = document.words.start[run.first], document.words.end[run.last - 1]
    found.mentions.append(Mention(start, end, identifier, match))


def _pack_persons(document: Document, found: Found, actors: dict[str, PackActor]) -> Iterator[Person]:
    for mention in found.mentions:
        actor = actors.get(mention.actor_id)
        if actor is not None and actor.type == "person":
            parts = document.folded[mention.start : mention.end].split()
            position = document.token_at(mention.start)
            yield Person(actor.id, skeleton(parts[-1]), skeleton(parts[0]), position)


def _same_person(persons: Sequence[Person], parts: Sequence[str]) -> str | None:
    """A person met before under the same name in another spelling."""
    first, surname = skeleton(parts[0]), skeleton(parts[-1])
    return next((p.actor_id for p in persons if p.surname == surname and p.first == first), None)


def _runs(document: Document, blocked: Sequence[bool]) -> Iterator[Run]:
    """Runs of capitalised words between blocked tokens, cut at roles; words that only open a sentence are dropped."""
    words = document.words.form
    index = 0
    role = False
    while index < document.size:
        word = words[index]
        if blocked[index] or not word[0].isupper() or word in STOP_CAPITALS or _is_role(word):
            role = _keeps_role(document, index, role, blocked)
            index += 1
            continue
        last = _run_end(document, index, blocked)
        yield Run(index, last, role and document.gap(index).strip(" .,") == "")
        role = False
        index = last


def _is_role(word: str) -> bool:
    return word.lower() in ROLE_WORDS or word in TITLES or word in _HONORIFICS


def _keeps_role(document: Document, index: int, role: bool, blocked: Sequence[bool]) -> bool:
    """Whether a role is still open after this token: it is one itself, or an article of one."""
    if blocked[index]:
        return False
    return _is_role(document.words.form[index])


def _run_end(document: Document, first: int, blocked: Sequence[bool]) -> int:
    words = document.words.form
    last = first + 1
    while last < document.size and not blocked[last] and last - first < 8:
        gap, word = document.gap(last), words[last]
        if gap not in (" ", "-", " & ", ". ", " - "[1:2]) or (gap == ". " and not _abbreviated(words[last - 1])):
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
    return any(word in ORGANISATION_HEADS for word in words)


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


def _take_organisation(document: Document, run: Run, found: Found) -> bool:
    words = document.words.form[run.first : run.last]
    end = document.words.end[run.last - 1]
    single = _SINGLE.match(document.folded, end) if len(words) == 1 else None
    if len(words) == 1 and single is None:
        return False
    if single is not None:  # "Channel 5", "News i"
        if not document.folded[: document.words.start[run.first]].endswith(
            ("to ", "by ", "told ", "the ", "with ", "on ")
        ):
            return False
        end = single.end()
    start = document.words.start[run.first]
    name = " ".join(document.text[start:end].split())
    identifier = f"org:{slug(name)}"
    found.described.setdefault(identifier, Actor(identifier, name, "organisation", provisional=True, score=0.7))
    found.mentions.append(Mention(start, end, identifier, "name"))
    bracket = _ACRONYM.match(document.folded, end)
    if bracket and abbreviates(bracket[1], fold(name)):
        for index in range(document.size):
            if document.words.form[index] == bracket[1]:
                at = document.words.start[index]
                found.mentions.append(Mention(at, document.words.end[index], identifier, "acronym"))
    return True


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
