"""Actors that stand in a text without a name: "the government", "militants", "a minister", "they".

Bodies of the state that was named last are found always (`definite_bodies`). The rest (`find_unnamed`) is found where
it is asked for: most material that is marked by hand leaves such mentions out, and a reader who counts names does too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from schemas.records import Actor, Quote
from transforms.tags.actors import Found, Mention, StateActors
from transforms.tags.lexicon import AGENT_BODIES, AGENT_NOUNS, AGENTS_ONE, NO_NOUN, ROLE_PARTS, ROLE_SECTORS, ROLE_WORDS
from transforms.tags.quotation_marks import quoted_spans
from transforms.tags.text import Document
from transforms.tags.word_kinds import HONORIFICS, mark

_STATE_BODIES = {
    "government": "government",
    "authorities": "government",
    "regime": "government",
    "army": "military",
    "military": "military",
    "police": "police",
    "parliament": "parliament",
}
"""Nouns that after "the" stand for the body of one state, and the keys of `state_bodies.csv`."""
_STATE_BODY = mark((*_STATE_BODIES, *(noun.capitalize() for noun in _STATE_BODIES)))
_REACH = 400
"""Characters back to what a pronoun or "the group" may stand for: some three sentences."""
_HE = frozenset(("he", "she", "him"))
_THEY = frozenset(("they", "them"))
_SPEAKER = frozenset(("i", "we", "us", "me"))
_PRONOUNS = _HE | _THEY | _SPEAKER
_AUTHOR = "grp:author"
_FEW = 8
_ORGANISED = frozenset(("armed_group", "organisation", "igo", "military", "company", "ngo", "party", "media"))
_WHOLES = AGENT_BODIES | {"forces", "units", "teams"}
_NO_PLURAL = frozenset(("person", "state"))


def definite_bodies(
    document: Document, countries: Sequence[tuple[int, str]], states: StateActors, found: Found
) -> None:
    """Adds "the government", "the army" and the like, as bodies of the state that is meant.

    Args:
        countries: Offsets and countries of the place names, rising. The last one before counts, unless a body of the
            same kind was named before: "the army" after "the Syrian army" is that one.
    """
    nouns = document.marked(_STATE_BODY)
    if not nouns:
        return
    commonest = max(Counter(country for _, country in countries).items(), key=lambda i: (i[1], i[0]), default=("",))[0]
    named = _bodies_named(found)
    taken = sorted(found.spans())
    for index in nouns:
        start = document.words.start[index]
        place = bisect_right(taken, (start, len(document.text))) - 1
        covered = place >= 0 and taken[place][1] > start
        if covered or not _definite(document, index) or _leads_on(document, index):
            continue
        key = _STATE_BODIES[document.words.form[index].lower()]
        country = _last_before(named.get(key, []), start) or _last_before(countries, start) or commonest
        if country:
            actor = states.actor(country, key)
            found.described.setdefault(actor.actor_id, actor)
            found.mentions.append(Mention(start, document.words.end[index], actor.actor_id, "coref"))


def find_unnamed(document: Document, found: Found, quotes: Sequence[Quote]) -> None:
    """Adds the mentions of actors by common nouns, roles and pronouns.

    A pronoun, "the group" and a role beside a name are mentions of the actor they stand for; other nouns are actors of
    their own, `grp:militants`, provisional as the names that no pack knows.
    """
    search = _Search(document, found)
    found.mentions += list(search.nouns())
    found.mentions += list(search.roles())
    found.mentions.sort(key=lambda mention: (mention.start, mention.end, mention.actor_id))
    found.mentions += list(_Pronouns(document, found, quotes).find())


class _Search:
    """The search through one text."""

    def __init__(self, document: Document, found: Found) -> None:
        self.document, self.found = document, found
        self.taken = _taken(document, found)
        self.named = sorted(found.mentions, key=lambda mention: (mention.start, mention.end, mention.actor_id))
        self.starts = [mention.start for mention in self.named]
        self.ends = {mention.end: mention for mention in self.named}

    def nouns(self) -> Iterator[Mention]:
        """ "civilians", "coalition forces", "the regime"."""
        for index, form in enumerate(self.document.words.form):
            noun = form.lower()
            if noun not in AGENT_NOUNS or self.taken[index] or form.isupper() or self._is_modifier(index, noun):
                continue
            first = index
            while first and not self.taken[first - 1] and self._joins(first):
                first -= 1
            if noun in _WHOLES and self._belongs(first):
                continue
            self.taken[first : index + 1] = [True] * (index + 1 - first)
            meant = self._group_before(index) if noun in AGENT_BODIES and _definite(self.document, first) else None
            yield self._mention(first, index, meant or self._describe(noun, AGENT_NOUNS[noun], "group"))

    def roles(self) -> Iterator[Mention]:
        """ "the foreign minister", "a spokesman"; beside a name they are mentions of its owner."""
        forms = self.document.words.form
        for index, form in enumerate(forms):
            if not self._is_role(index):
                continue
            follows = index + 1 < len(forms) and self.document.gap(index + 1) == " "
            if (follows and self._is_role(index + 1)) or form.lower() in ROLE_PARTS or form in HONORIFICS:
                continue
            first = index
            while first and self._is_role(first - 1) and self.document.gap(first) == " ":
                first -= 1
            beside = self._person_beside(first, index)
            role = form.lower()
            yield self._mention(first, index, beside or self._describe(role, ROLE_SECTORS.get(role, ""), "person"))

    def _is_role(self, index: int) -> bool:
        form = self.document.words.form[index]
        return form.lower() in ROLE_WORDS and not self.taken[index] and (not form.isupper() or len(form) == 1)

    def _is_modifier(self, index: int, noun: str) -> bool:
        """Whether a noun only stands before another: "army" in "army base", "government" in "government forces"."""
        document = self.document
        if index + 1 >= document.size:
            return False
        follower = document.words.form[index + 1]
        if document.gap(index + 1) == "-" or (document.gap(index + 1) == " " and follower.lower() in AGENT_NOUNS):
            return True
        return (noun in AGENT_BODIES or noun in AGENTS_ONE) and _leads_on(document, index)

    def _joins(self, first: int) -> bool:
        """Whether the word before belongs to the noun: "government forces"."""
        return self.document.gap(first) == " " and self.document.words.form[first - 1].lower() in AGENT_NOUNS

    def _belongs(self, first: int) -> bool:
        """Whether a noun ends a name that is found already: "Assad regime", "Coalition military forces"."""
        document = self.document
        for index in (first, first - 1):
            if index < 1 or document.gap(index) != " " or document.words.form[index - 1] in NO_NOUN:
                return False
            if self.taken[index - 1]:
                return True
        return False

    def _group_before(self, index: int) -> str | None:
        """The organisation named last before "the group"."""
        start = self.document.words.start[index]
        for place in range(bisect_left(self.starts, start) - 1, -1, -1):
            mention = self.named[place]
            if start - mention.start > _REACH:
                return None
            if self.found.described[mention.actor_id].type in _ORGANISED:
                return mention.actor_id
        return None

    def _person_beside(self, first: int, last: int) -> str | None:
        """The person whom a role describes: "Foreign Minister Rosa Tirado", "Rosa Tirado, the foreign minister"."""
        document = self.document
        after = bisect_left(self.starts, document.words.end[last])
        if after < len(self.named) and document.gap(last + 1).strip(" ,.") == "":
            mention = self.named[after]
            near = last + 1 < document.size and mention.start == document.words.start[last + 1]
            if near and self.found.described[mention.actor_id].type == "person":
                return mention.actor_id
        article = first and document.words.form[first - 1] in ("the", "a", "an")
        comma = document.words.end[first - 2] if article and first > 1 else -1
        owner = self.ends.get(comma)
        if owner is not None and document.folded[comma : comma + 2] == ", ":
            return owner.actor_id if self.found.described[owner.actor_id].type == "person" else None
        return None

    def _describe(self, noun: str, sector: str, kind: str) -> str:
        identifier = f"grp:{noun}"
        sectors = (sector,) if sector else ()
        kind = "person" if noun in AGENTS_ONE else kind
        actor = Actor(identifier, noun, kind, plover_sectors=sectors, provisional=True, score=0.3)
        self.found.described.setdefault(identifier, actor)
        return identifier

    def _mention(self, first: int, last: int, identifier: str) -> Mention:
        words = self.document.words
        return Mention(words.start[first], words.end[last], identifier, "noun")


class _Pronouns:
    """Pronouns as mentions of whom they most likely stand for; those without anybody near are left out."""

    def __init__(self, document: Document, found: Found, quotes: Sequence[Quote]) -> None:
        self.document, self.described = document, found.described
        self.mentions = list(found.mentions)
        self.starts = [mention.start for mention in self.mentions]
        self.quotes = sorted(quotes, key=lambda quote: quote.start)
        self.said = [quote.start for quote in self.quotes]
        self.spans = list(quoted_spans(document.text))
        self.opened = [span.start for span in self.spans]

    def find(self) -> Iterator[Mention]:
        """The mentions in order."""
        words = self.document.words
        for index, form in enumerate(words.form):
            word = form.lower()
            if word not in _PRONOUNS or form.isupper() is not (word == "i"):
                continue
            start = words.start[index]
            meant = self._speaker(start) if word in _SPEAKER else self._before(start, plural=word in _THEY)
            if meant is not None:
                yield Mention(start, words.end[index], meant, "pronoun")

    def _speaker(self, start: int) -> str:
        """Who says "I" or "we": the speaker of the quote, a person beside one without any, or the author."""
        place = bisect_right(self.said, start) - 1
        if place >= 0 and start < self.quotes[place].end:
            return self.quotes[place].actor_id
        place = bisect_right(self.opened, start) - 1
        if place >= 0 and start < self.spans[place].end:
            beside = self._before(start, plural=False) or self._behind(start)
            if beside is not None:
                return beside
        author = Actor(_AUTHOR, "the author", "person", provisional=True, score=0.3)
        self.described.setdefault(_AUTHOR, author)
        return _AUTHOR

    def _before(self, start: int, *, plural: bool) -> str | None:
        """The actor of the fitting kind that was named last."""
        for place in range(bisect_left(self.starts, start) - 1, -1, -1):
            mention = self.mentions[place]
            if start - mention.end > _REACH:
                return None
            kind = self.described[mention.actor_id].type
            if kind not in _NO_PLURAL if plural else kind == "person":
                return mention.actor_id
        return None

    def _behind(self, start: int) -> str | None:
        """The person named next."""
        for mention in self.mentions[bisect_left(self.starts, start) :][:_FEW]:
            if mention.start - start <= _REACH and self.described[mention.actor_id].type == "person":
                return mention.actor_id
        return None


def _bodies_named(found: Found) -> dict[str, list[tuple[int, str]]]:
    """Offsets and countries of the bodies of states that are named, by key, rising."""
    named: dict[str, list[tuple[int, str]]] = {}
    for mention in sorted(found.mentions, key=lambda mention: mention.start):
        if mention.actor_id.startswith("gov:"):
            country, _, key = mention.actor_id.removeprefix("gov:").partition("-")
            named.setdefault(key, []).append((mention.start, country))
    return named


def _last_before(named: Sequence[tuple[int, str]], offset: int) -> str:
    """The country named last before an offset, empty where there is none."""
    place = bisect_left(named, (offset, "")) - 1
    return named[place][1] if place >= 0 else ""


def _taken(document: Document, found: Found) -> list[bool]:
    """For each token, whether a mention covers it."""
    taken = [False] * (document.size + 1)
    for start, end in found.spans():
        for index in range(document.token_at(start), document.token_at(end)):
            taken[index] = True
    return taken


def _definite(document: Document, index: int) -> bool:
    return index > 0 and document.gap(index) == " " and document.words.form[index - 1] in ("the", "The")


def _leads_on(document: Document, index: int) -> bool:
    """Whether the word behind may be a noun, so that this one only describes it: "police station"."""
    if index + 1 >= document.size or document.gap(index + 1) != " ":
        return index + 1 < document.size and document.gap(index + 1) == "-"
    follower = document.words.form[index + 1]
    return not (follower in NO_NOUN or follower.endswith(("ed", "ly")) or follower.isdigit())
