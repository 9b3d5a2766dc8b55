"""Unknown persons and organisations, by rules over runs of capitalised words.

`people` and `organisations` hold the rules; here they are asked in the order of their certainty. Names that no rule
speaks for are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from schemas.records import Actor
from transforms.tags.actors import Found
from transforms.tags.hits import Hit
from transforms.tags.lexicon import ORGANISATION_HEADS
from transforms.tags.organisations import (
    Organisations,
    add_acronyms,
    slug,
    take_headed,
    take_loose,
    take_short,
    take_source,
)
from transforms.tags.packs import PackActor
from transforms.tags.people import Persons, corefer, describe_person, is_person, pack_persons, person_of, skeleton
from transforms.tags.runs import Run, add_mention, find_runs
from transforms.tags.text import Document
from transforms.tags.word_kinds import HEAD

NamedPlace = tuple[Hit, str]
"""A place name and its country, empty where there is none."""


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
        self, document: Document, found: Found, places: Sequence[NamedPlace], actors: dict[str, PackActor]
    ) -> None:
        """Adds mentions of unknown persons and organisations."""
        _Search(document, found, places, self._known).run(actors)


class _Search:
    """The search through one text."""

    def __init__(
        self, document: Document, found: Found, places: Sequence[NamedPlace], known: dict[tuple[str, ...], str]
    ) -> None:
        self.document, self.found, self.known = document, found, known
        self.before = {hit.last: hit.start for hit, _ in places}
        self.after = {hit.first: hit.end for hit, _ in places}
        self.countries = {hit.last: country for hit, country in places if country}
        self.blocked = [False] * (document.size + 1)
        for start, end in found.spans():
            for index in range(document.token_at(start), document.token_at(end)):
                self.blocked[index] = True
        for hit, _ in places:
            self.blocked[hit.first : hit.last] = [True] * (hit.last - hit.first)
        self.persons = Persons()
        self.organisations = Organisations()

    def run(self, actors: dict[str, PackActor]) -> None:
        """Sure names first, then what they explain, then what is left."""
        document, found = self.document, self.found
        for person in pack_persons(document, found, actors):
            self.persons.add(person)
        for mention in found.mentions:
            words = document.folded[mention.start : mention.end].split()
            if len(words) > 1 and not ORGANISATION_HEADS.isdisjoint(words):
                self.organisations.add(mention.actor_id, words)
        runs = list(find_runs(document, self.blocked))
        forms = document.words.form
        lone = {
            forms[run.first]
            for run in runs
            if run.last - run.first == 1 and not (run.first and forms[run.first - 1] in ("the", "The"))
        }
        rest = [run for run in runs if not self._take(run, lone)]
        rest = [run for run in rest if not self._meet_again(run)]
        rest = [run for run in rest if not take_loose(document, run, self._beside(run, 0), found, self.organisations)]
        for run in rest:
            take_short(document, run, found, self.organisations)
        add_acronyms(document, found)

    def _beside(self, run: Run, words: int) -> tuple[int | None, int | None]:
        """Start of the place name that ends where a run starts, end of the one that starts `words` behind it."""
        return self.before.get(run.first), self.after.get(run.last + words)

    def _take(self, run: Run, lone: Set[str]) -> bool:
        """Makes a mention of a run that is a name for sure."""
        document, size = self.document, run.last - run.first
        if size == 1 and not document.kinds[run.first] & HEAD:
            return take_source(document, run, self.found)
        words = document.words.form[run.first : run.last]
        if not ORGANISATION_HEADS.isdisjoint(words):
            return take_headed(document, run, self._beside(run, 1), self.found, self.organisations)
        known = self.known.get(tuple(map(skeleton, words))) if size <= 5 else None
        if known or (size <= 5 and is_person(document, run, words, lone)):
            identifier = known or self.persons.same(words) or f"per:{slug(' '.join(words))}"
            self._add_person(run, identifier, 0.8, "variant" if known else "role" if run.role else "name")
            self.persons.add(person_of(identifier, words, run.first))
            return True
        return False

    def _meet_again(self, run: Run) -> bool:
        """A person named in full elsewhere, or a lone name that a title or a verb of speech shows to be a person's."""
        size = len(self.found.mentions)
        if not corefer(self.document, run, self.found, self.persons):
            return False
        if len(self.found.mentions) == size:
            word = self.document.words.form[run.first]
            self._add_person(run, f"per:{slug(word)}", 0.6, "role" if run.role else "speaker")
            self.persons.add(person_of(f"per:{slug(word)}", [word], run.first))
        return True

    def _add_person(self, run: Run, identifier: str, score: float, match: str) -> None:
        described: dict[str, Actor] = self.found.described
        if identifier.startswith("per:") and identifier not in described:
            described[identifier] = describe_person(self.document, run, identifier, score, self.countries)
        add_mention(self.document, run, identifier, match, self.found)
