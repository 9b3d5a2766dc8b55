"""Finds known actors: those of the packs, states that act, and bodies of a state by rule.

A body of a state is its name beside a phrase of `data/state_bodies.csv`: "Tajik Defence Ministry", "Ministry of Defence
of Tajikistan", "Uzbekistan's border guards". Its id is `gov:<country>-<key>`, that of a group which is no part of the
state `grp:<country>-<key>` ("Chadian refugees", "Peruvians"), the state's own is `state:<country>`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache

from schemas.records import Actor, ActorMention
from transforms.tags.codes import alpha3
from transforms.tags.gazetteer import Gazetteer
from transforms.tags.gazetteer_build import ADJECTIVE, COUNTRY, read_table
from transforms.tags.lexicon import BODY_MODIFIERS, SINGLE_ROLES
from transforms.tags.pack_names import PackNames
from transforms.tags.packs import PackActor, PackPlace, Packs, Phase
from transforms.tags.places import Hit
from transforms.tags.text import Document, fold_name

_STRENGTH = {"alias": 0, "acronym": 1, "weak": 2}
# A place name inside the name of such an actor is no place mention: Shanghai Cooperation Organisation.
_OF_STATE = frozenset(("government", "military", "legislature"))
_INDEFINITE = frozenset(("a", "an", "one", "another", "unnamed", "unidentified", "senior", "former", "every", "each"))
_OFFICES = frozenset(
    ("foreign minister", "prime minister", "defence minister", "defense minister", "interior minister")
)
_PEOPLE = ("people",)
_ARTICLE_WORDS = frozenset(("States", "Kingdom", "Emirates", "Republic", "Islands", "Territory", "Territories"))
_ARTICLE_NAMES = frozenset(("Bahamas", "Comoros", "Gambia", "Maldives", "Netherlands", "Philippines", "Seychelles"))
_CLOSED_TYPES = frozenset(("media", "company", "person", "ngo", "igo", "armed_group", "organisation"))


@dataclass(slots=True)
class Mention:
    """One span of one actor before the actors of a text are put together."""

    start: int
    end: int
    actor_id: str
    match: str
    metonym: bool = False


@dataclass(frozen=True, slots=True)
class StateBody:
    """A kind of body that every state has."""

    key: str
    name: str
    type: str
    sectors: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """Known actors of one text: their mentions, and what is needed to describe each."""

    mentions: list[Mention] = field(default_factory=list)
    described: dict[str, Actor] = field(default_factory=dict)
    acronyms: dict[str, str] = field(default_factory=dict)

    def spans(self) -> list[tuple[int, int]]:
        """Spans of the mentions."""
        return [(mention.start, mention.end) for mention in self.mentions]


def with_article(country: str) -> str:
    """The English name of a country as it stands after "of": the United States, Peru."""
    last = country.split()[-1]
    definite = last in _ARTICLE_WORDS or country in _ARTICLE_NAMES or country.startswith("Democratic Republic")
    return f"the {country}" if definite else country


class PackMatcher:
    """Finds the aliases of packs."""

    def __init__(self, packs: Packs) -> None:
        self.actors = {actor.id: actor for actor in packs.actors}
        entries: dict[str, list[tuple[int, str, PackActor | PackPlace]]] = defaultdict(list)
        for actor in packs.actors:
            for match, names in (("alias", actor.aliases), ("acronym", actor.acronyms), ("weak", actor.weak)):
                for name in dict.fromkeys(map(fold_name, names)):
                    entries[name].append((_STRENGTH[match], match, actor))
        for place in packs.places:
            for name in dict.fromkeys(map(fold_name, (*place.aliases, *place.adjectives))):
                entries[name].append((0, "place", place))
        self._names = sorted(entries)
        self._entries = [sorted(entries[name], key=lambda e: (e[0], e[2].id)) for name in self._names]
        self._strong = [{e[2].id for e in known if e[0] < 2 and isinstance(e[2], PackActor)} for known in self._entries]
        self._finder = PackNames(self._names)
        self._context = {actor.id: [*map(fold_name, actor.context)] for actor in packs.actors if actor.weak}

    def find(self, document: Document) -> tuple[list[Mention], list[tuple[int, int, PackPlace]]]:
        """Mentions of pack actors and places; of those that overlap, the first and longest."""
        folded = document.folded
        whole = self._finder.find(document)
        strong = {identifier for _, _, name in whole for identifier in self._strong[name]}
        defined = self._defined_acronyms(document, whole)
        in_context: dict[str, bool] = {}
        mentions: list[Mention] = []
        places: list[tuple[int, int, PackPlace]] = []
        reached = 0
        for start, end, name in whole:
            if start < reached:
                continue
            for _, match, entry in self._entries[name]:
                if isinstance(entry, PackPlace):
                    places.append((start, end, entry))
                elif match != "weak" or entry.id in strong or self._in_context(entry, folded, in_context):
                    mentions.append(Mention(start, end, entry.id, match))
                else:
                    continue
                reached = end
                break
        mentions += self._acronym_mentions(document, defined, [(m.start, m.end) for m in mentions])
        mentions.sort(key=lambda mention: mention.start)
        return mentions, places

    def _in_context(self, actor: PackActor, folded: str, known: dict[str, bool]) -> bool:
        """Whether a word stands in a text that lets a weak alias count; asked once for each actor."""
        if actor.id not in known:
            words = self._context[actor.id]
            known[actor.id] = any(word in folded and _alone(word).search(folded) is not None for word in words)
        return known[actor.id]

    def _defined_acronyms(self, document: Document, whole: Sequence[tuple[int, int, int]]) -> dict[str, str]:
        """ "Voice of Asia (VA)": an acronym in brackets, made of a strong alias's initials, holds in this text."""
        found: dict[str, str] = {}
        for _, end, name in whole:
            if not document.folded.startswith(" (", end):
                continue
            match = _BRACKETED.match(document.folded, end)
            strength, _, entry = self._entries[name][0]
            if match and strength == 0 and isinstance(entry, PackActor) and abbreviates(match[1], self._names[name]):
                found.setdefault(match[1], entry.id)
        return found

    def _acronym_mentions(
        self, document: Document, defined: dict[str, str], taken: Sequence[tuple[int, int]]
    ) -> Iterator[Mention]:
        if not defined:
            return
        starts = {start for start, _ in taken}
        words = document.words
        for index, form in enumerate(words.form):
            if form in defined and words.start[index] not in starts:
                yield Mention(words.start[index], words.end[index], defined[form], "acronym")


@lru_cache(maxsize=1024)
def _alone(word: str) -> re.Pattern[str]:
    """A word where no letter or digit touches it."""
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


_BRACKETED = re.compile(r" \(([A-Z][A-Za-z.&/-]{1,9})\)")


def abbreviates(acronym: str, name: str) -> bool:
    """Whether the capitals of an acronym are the initials of a name's words, small words left out or in."""
    letters = "".join(char for char in acronym if char.isupper())
    parts = [part for part in re.split(r"[ -]+", name) if part]
    every = "".join(part[0].upper() for part in parts)
    capitals = "".join(part[0] for part in parts if part[0].isupper())
    return len(letters) >= 2 and letters in (every, capitals)


class StateActors:
    """Derives states and their bodies as actors from place hits."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._bodies: dict[tuple[str, ...], StateBody] = {}
        for row in read_table("state_bodies.csv"):
            body = StateBody(row["key"], row["name"], row["type"], tuple(row["sectors"].split()))
            for phrase in row["phrases"].split("|"):
                self._bodies[tuple(phrase.split())] = body
        self._longest = max(map(len, self._bodies))
        self._opening = frozenset(phrase[0] for phrase in self._bodies)
        self._closing = frozenset(phrase[-1] for phrase in self._bodies)
        self._by_key = {body.key: body for body in self._bodies.values()}
        self._body = cache(self._make_body)

    def bodies(self, document: Document, hits: Sequence[Hit], found: Found) -> None:
        """Adds mentions of ministries, armies, police and so on of a named state."""
        taken = {index for start, end in found.spans() for index in _tokens(document, start, end)}
        for hit in hits:
            if hit.pack is not None or self._gazetteer.kind[hit.place] != COUNTRY:
                continue
            span = self._after(document, hit) or self._before(document, hit) or self._nation(document, hit)
            if span is None:
                continue
            first, last, body = span
            if any(index in taken for index in range(first, last)):
                continue
            taken.update(range(first, last))
            if first < hit.first and hit.use == "metonymic":
                hit.use = "literal"  # the ministry acts, the name of the state only belongs to its own
            actor = self._body(self._gazetteer.country(hit.place), body)
            found.described.setdefault(actor.actor_id, actor)
            start, end = document.words.start[first], document.words.end[last - 1]
            found.mentions.append(Mention(start, end, actor.actor_id, "role"))

    def actor(self, country: str, key: str) -> Actor:
        """The actor for the body of a state with a key of `state_bodies.csv`."""
        return self._body(country, self._by_key[key])

    def _make_body(self, country: str, body: StateBody) -> Actor:
        state = self._gazetteer.name(self._gazetteer.country_place[country])
        prefix = "gov" if body.type in _OF_STATE else "grp"
        return Actor(
            actor_id=f"{prefix}:{country}-{body.key}",
            name=f"{body.name} of {with_article(state)}",
            type=body.type,
            country=country,
            plover_country=alpha3(country),
            plover_sectors=body.sectors,
            score=0.9,
        )

    def _after(self, document: Document, hit: Hit) -> tuple[int, int, StateBody] | None:
        """ "Tajik Defence Ministry", "Russia's navy", "US-led forces" (not those: led by is not of)."""
        gap = document.gap(hit.last)
        if gap not in (" ", "'s ", "' ", "] ", "]'s "):
            return None
        index = hit.last
        for _ in range(3):
            word = document.words.form[index].lower() if index < document.size else ""
            phrase = self._phrase(document, index) if word in self._opening else None
            if phrase is not None:
                last, body = phrase
                named = _is_title(document, last) or _is_somebody(document, hit.first, last)
                return None if named else (hit.first, last, body)
            if word not in BODY_MODIFIERS or index + 1 >= document.size or document.gap(index + 1) != " ":
                return None
            index += 1
        return None

    def _before(self, document: Document, hit: Hit) -> tuple[int, int, StateBody] | None:
        """ "Ministry of Defence of Tajikistan", "armed forces of the Republic of Uzbekistan"."""
        words = document.words.form
        index = hit.first - 1
        if index > 0 and words[index].lower() == "the" and document.gap(index + 1) == " ":
            index -= 1
        if index < 1 or words[index] != "of" or words[index - 1].lower() not in self._closing:
            return None
        if document.gap(index + 1) not in (" ", " ["):
            return None
        if document.gap(index) not in (" ", " ["):
            return None
        for first in range(max(0, index - self._longest), index):
            phrase = [form.lower() for form in words[first:index]]
            body = self._bodies.get(tuple(phrase)) if phrase[0] in self._opening else None
            if body is not None and all(document.gap(i) == " " for i in range(first + 1, index)):
                return first, hit.last, body
        return None

    def _nation(self, document: Document, hit: Hit) -> tuple[int, int, StateBody] | None:
        """ "Peruvians", "Turks": people of a country."""
        if not hit.flags & ADJECTIVE or not document.folded.endswith("s", hit.start, hit.end):
            return None
        return (hit.first, hit.last, self._bodies[_PEOPLE]) if document.gap(hit.last) != "-" else None

    def _phrase(self, document: Document, first: int) -> tuple[int, StateBody] | None:
        """The longest phrase that starts at a token, with the token behind it."""
        last = first + 1
        while last < document.size and last - first < self._longest and document.gap(last) == " ":
            last += 1
        phrase = [form.lower() for form in document.words.form[first:last]]
        while phrase:
            body = self._bodies.get(tuple(phrase))
            if body is not None:
                return first + len(phrase), body
            phrase.pop()
        return None

    def states(self, document: Document, hits: Iterable[Hit], found: Found) -> None:
        """Adds a metonymic mention of the state for every place that stands for one."""
        for hit in hits:
            if hit.use != "metonymic" or hit.pack is not None:
                continue
            country = self._gazetteer.country(hit.place)
            if country not in self._gazetteer.country_place:
                continue
            identifier = f"state:{country}"
            if identifier not in found.described:
                name = self._gazetteer.name(self._gazetteer.country_place[country])
                found.described[identifier] = Actor(
                    identifier, name, "state", country, alpha3(country), ("GOV",), score=round(hit.score, 4)
                )
            found.mentions.append(Mention(hit.start, hit.end, identifier, "metonym", metonym=True))


def _is_somebody(document: Document, first: int, last: int) -> bool:
    """Whether a role of one person stands without "a" or the like: "the Chilean diplomat" was named before."""
    words = document.words.form
    if words[last - 1].lower() not in SINGLE_ROLES or " ".join(words[last - 2 : last]).lower() in _OFFICES:
        return False
    return first == 0 or words[first - 1].lower() not in _INDEFINITE


def _is_title(document: Document, index: int) -> bool:
    """Whether a name follows, so that the phrase is somebody's title: "Russian President Vladimir Putin"."""
    if index >= document.size or document.gap(index) != " ":
        return False
    word = document.words.form[index]
    return word[0].isupper() and document.words.form[index - 1].rstrip("s") != "police"


def _tokens(document: Document, start: int, end: int) -> range:
    return range(document.token_at(start), document.token_at(end))


def taken_spans(mentions: Iterable[Mention], actors: dict[str, PackActor]) -> list[tuple[int, int, bool]]:
    """Spans of pack actors, and whether even the name of a state inside is no mention of a place."""
    return [(m.start, m.end, actors[m.actor_id].type in _CLOSED_TYPES) for m in mentions]


def describe(actor: PackActor, when: tuple[date, date] | None) -> Actor:
    """A pack actor as a record; its sectors are those of the only phase that the dates allow."""
    return Actor(
        actor_id=actor.id,
        name=actor.name,
        type=actor.type,
        country=actor.country,
        plover_country=actor.plover_country,
        plover_sectors=sectors_at(actor.phases, when),
        wikidata=actor.wikidata,
    )


def sectors_at(phases: Sequence[Phase], when: tuple[date, date] | None) -> tuple[str, ...]:
    """Sectors valid throughout a stretch of time: of the only phase that touches it, else none.

    An actor without dated phases has the same sectors always. Where the time is unknown, nothing is assumed.
    """
    if len(phases) == 1 and phases[0].start is None and phases[0].until is None:
        return phases[0].sectors
    if when is None:
        return ()
    fitting = [phase for phase in phases if phase.covers(*when)]
    if len(fitting) != 1:
        return ()
    only = fitting[0]
    whole = (only.start is None or only.start <= when[0]) and (only.until is None or when[1] < only.until)
    return only.sectors if whole else ()


def assemble(document: Document, found: Found) -> tuple[Actor, ...]:
    """Actors with their mentions, which are sorted, in the order in which they first appear."""
    text = document.text
    grouped: dict[str, list[ActorMention]] = {}
    for mention in found.mentions:
        start, end = mention.start, mention.end
        record = ActorMention(start, end, text[start:end], mention.match, mention.metonym)
        grouped.setdefault(mention.actor_id, []).append(record)
    return tuple(
        replace(found.described[identifier], mentions=tuple(mentions)) for identifier, mentions in grouped.items()
    )
