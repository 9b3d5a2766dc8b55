"""`Tagger`: places, actors and regions of one text, by rules, a gazetteer and packs. No model, no network, no state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Lock

from schemas.records import Place, Tags
from transforms.tags.actors import Found, Mention, PackMatcher, StateActors, assemble, describe, taken_spans
from transforms.tags.gazetteer import Gazetteer, data_version, shared_gazetteer
from transforms.tags.home import home_country
from transforms.tags.lexicon import words_digest
from transforms.tags.links import find_links
from transforms.tags.names import NameFinder
from transforms.tags.packs import Packs, load_packs
from transforms.tags.places import Hit, PlaceFinder
from transforms.tags.quotes import find_quotes
from transforms.tags.regions import decide
from transforms.tags.russian import RussianFinder, rules_for
from transforms.tags.russian_names import find_names
from transforms.tags.text import Document
from transforms.tags.unnamed import definite_bodies, find_unnamed
from transforms.tags.use import classify
from transforms.tags.word_kinds import YEAR, YEARS

_OUTLOOK = re.compile(r"(?:until|till|by|before|through|to|least)\s+(?:at least\s+)?$")


class Tagger:
    """Tags texts. Large (some 20 MB with its gazetteer) and read-only: load one per process and share it.

    Attributes:
        pack_version: Names and versions of the packs and eight digits of a hash over the content of the packs, the
            gazetteer and the word lists; two taggers with the same value tag alike.
    """

    def __init__(self, packs: Packs, gazetteer: Gazetteer, gazetteer_version: str) -> None:
        self._packs = packs
        self._gazetteer = gazetteer
        self._places = PlaceFinder(gazetteer)
        self._matcher = PackMatcher(packs)
        self._states = StateActors(gazetteer)
        self._names = NameFinder(packs.actors)
        self._russian_finder: RussianFinder | None = None
        self._lock = Lock()
        content = sha256(f"{packs.digest} {gazetteer_version} {words_digest()}".encode()).hexdigest()[:8]
        self.pack_version = f"{packs.version}-{content}"

    @classmethod
    def load(cls, packs: Sequence[Path] | None = None) -> Tagger:
        """A tagger for the packs at some paths, or for the shipped ones.

        The first load on a machine compiles the gazetteer into the cache folder and takes some seconds more.

        Raises:
            PackError: A pack breaks a rule of the format.
        """
        loaded = load_packs(packs)
        return cls(loaded, shared_gazetteer(), data_version())

    def tag(
        self,
        title: str | None,
        text: str,
        *,
        language: str | None = None,
        published: date | None = None,
        source: str | None = None,
        unnamed: bool = False,
    ) -> Tags:
        """Places, actors and regions of a text.

        Args:
            title: Headline; offsets count from its first character where there is one.
            text: Clean text, paragraphs parted by line feeds.
            language: Language of the text; where it is None the letters decide. English and Russian have rules of
                their own; in other languages only names are found that the gazetteer and the packs know.
            published: Day on which roles are looked up. Where it is None, the latest year that the text itself names
                counts, and roles that changed within it stay open.
            source: Domain that the text comes from. A country's ending (`.co.uk`) tells where the outlet is at home,
                and so which of several towns it means.
            unnamed: Also give actors that an English text does not name: "militants", "the minister", "they". A pack
                may ask for them too.
        """
        document = Document(title, text)
        found = Found()
        found.mentions, packed = self._matcher.find(document)
        rules = rules_for(document.text, language)
        russian = self._russian() if rules == "ru" else None
        if russian is not None:
            found.mentions, packed = russian.known(document, found.mentions, packed)
        actors = self._matcher.actors
        home = home_country(source, self._gazetteer.country_place)
        hits = self._places.find(document, packed, taken_spans(found.mentions, actors), home)
        classify(document, hits)
        self._states.bodies(document, hits, found)
        self._states.states(document, hits, found)
        if russian is not None:
            countries = {hit.first: (hit.end, self._country(hit)) for hit in hits if hit.use != "adjectival"}
            russian.bodies(document, countries, found)
            find_names(document, countries, found)
        elif rules == "en":
            named = [(hit, self._country(hit)) for hit in hits]
            meant = [(hit.start, country) for hit, country in named if country in self._gazetteer.country_place]
            definite_bodies(document, meant, self._states, found)
            self._names.find(document, found, named, actors)
        known = {mention.actor_id for mention in found.mentions if mention.actor_id in actors}
        when = (published, published) if published else years_named(document) if known else None
        for identifier in sorted(known - found.described.keys()):
            found.described[identifier] = describe(actors[identifier], when)
        found.mentions.sort(key=_position)
        places = tuple(self._place(document, hit) for hit in hits)
        literal = [(place.start, place.place_id) for place in places if place.use == "literal"]
        links = find_links(document, found.mentions, literal)
        quotes = find_quotes(document, found.mentions) if rules == "en" else ()
        if (unnamed or self._packs.unnamed) and rules == "en":
            find_unnamed(document, found, quotes)
            found.mentions.sort(key=_position)
        decision = decide(document, hits, self._gazetteer, self._packs.regions)
        return Tags(
            places=places,
            actors=assemble(document, found),
            quotes=quotes,
            links=links,
            countries=decision.countries,
            regions=decision.regions,
            region=decision.region,
            pack_version=self.pack_version,
            tag_rules=rules,
        )

    def _russian(self) -> RussianFinder:
        """The finder for Russian, built when the first Russian text comes."""
        with self._lock:
            if self._russian_finder is None:
                self._russian_finder = RussianFinder(self._gazetteer, self._packs, self._states)
            return self._russian_finder

    def _country(self, hit: Hit) -> str:
        """ISO 3166-1 alpha-2 code of the country of a hit, empty where there is none."""
        if hit.chosen is not None:
            return hit.chosen.country
        return (hit.pack.country or "") if hit.pack is not None else hit.country

    def _place(self, document: Document, hit: Hit) -> Place:
        kind: str
        country: str | None
        admin1: str | None
        if hit.chosen is not None:
            facts = self._gazetteer.facts(hit.place)
            name, identifier, kind, country, admin1 = (
                facts.name,
                facts.place_id,
                facts.kind,
                facts.country,
                facts.admin1,
            )
            lat, lon = facts.lat, facts.lon
        elif hit.pack is not None:
            pack = hit.pack
            name, identifier = pack.name, f"gn:{pack.geonames}" if pack.geonames else f"pack:{pack.id}"
            kind, country, admin1, lat, lon = pack.kind, pack.country, pack.admin1, pack.lat, pack.lon
        else:
            name = document.text[hit.start : hit.end]
            identifier = "text:" + "-".join(document.words.form[hit.first : hit.last]).lower()
            kind, country, lat, lon = hit.feature, hit.country or None, None, None
            admin1 = self._gazetteer.admins[hit.admin][2] or None
        return Place(
            start=hit.start,
            end=hit.end,
            surface=document.text[hit.start : hit.end],
            name=name,
            place_id=identifier,
            kind=kind,
            use=hit.use,
            country=country,
            admin1=admin1,
            lat=lat,
            lon=lon,
            score=round(hit.score, 4),
            rule=hit.rule,
        )


def _position(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.actor_id


def years_named(document: Document) -> tuple[date, date] | None:
    """The latest year that a text names, as its first and last day; years it only looks ahead to do not count."""
    folded, starts, ends = document.folded, document.words.start, document.words.end
    years = [
        int(match.group())
        for index in document.marked(YEAR)
        for match in YEARS.finditer(folded, starts[index], ends[index] + 2)
        if not _OUTLOOK.search(folded, max(0, match.start() - 24), match.start())
    ]
    return (date(max(years), 1, 1), date(max(years), 12, 31)) if years else None
