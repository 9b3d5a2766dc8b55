"""The word lists of `data/english.toml` and `data/people.toml` as frozen sets; what each is for stands there."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")
_LISTS: dict[str, str] = tomllib.loads((DATA / "english.toml").read_text("utf-8"))


_PEOPLE: dict[str, Any] = tomllib.loads((DATA / "people.toml").read_text("utf-8"))


def words_digest() -> str:
    """Hash over the word and name lists: equal means the same rules of words."""
    digest = sha256()
    for path in sorted((*DATA.glob("*.toml"), *DATA.glob("*.txt"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


LOCATIVE = _words("locative")
PREPOSITIONS = _words("prepositions")
DIRECTIONS = _words("directions")
TITLES = _words("titles")
FEATURES = _words("features")
STREETS = _words("streets")
ORGANISATION_WORDS = _words("organisation_words")
SPEECH = _words("speech")
COMMON_WORDS = _words("common_words")
BLACKLIST = _words("blacklist")
AGENT_VERBS = _words("agent_verbs")
AUXILIARIES = _words("auxiliaries")
AGENT_AUXILIARIES = _words("agent_auxiliaries")
DEALINGS = _words("dealings")
DEALING_NOUNS = _words("dealing_nouns")
STATE_NOUNS = _words("state_nouns")
BORDER_WORDS = _words("border_words")
PARTICLES = _words("particles")
STOP_CAPITALS = _words("stop_capitals")
ROLE_WORDS = _words("role_words")
ORGANISATION_HEADS = _words("organisation_heads")
GIVEN_NAMES = _words("given_names")
ABBREVIATIONS = _words("abbreviations")
SENTENCE_OPENERS = _words("sentence_openers")
DEEDS = _words("deeds")
PARTNERS = _words("partners")
CONTINGENTS = _words("contingents")
SURNAMES_FIRST = _words("surnames_first")
BODY_MODIFIERS = _words("body_modifiers")
MUNICIPAL_WORDS = _words("municipal_words")
GIVEN_COUNTRIES = _words("given_countries")
COMPASS = _words("compass")
COMPASS_NOUNS = _words("compass_nouns")
STREET_NOUNS = _words("street_nouns")
ROAD_NOUNS = _words("road_nouns")
FEATURE_NOUNS = _words("feature_nouns")
SURNAME_NOUNS = _words("surname_nouns")
THINGS = frozenset(_PEOPLE["things"].split())
PLAIN_ACRONYMS = frozenset(_PEOPLE["plain_acronyms"].split())
SHORT_HEADS = frozenset(_PEOPLE["short_heads"].split())
NAME_OPENERS = frozenset(_PEOPLE["name_openers"].split())
SINGLE_ROLES = frozenset(_PEOPLE["single_roles"].split())
REPORTING = frozenset(_PEOPLE["reporting"].split())
THATLESS = frozenset(_PEOPLE["thatless"].split())
JUDGING = frozenset(_PEOPLE["judging"].split())
SPEECH_FILLERS = frozenset(_PEOPLE["speech_fillers"].split())
FINITE = frozenset(_PEOPLE["finite"].split())
SOURCES = frozenset(_PEOPLE["sources"].split())
NO_NOUN = PREPOSITIONS | LOCATIVE | AUXILIARIES | AGENT_VERBS | SPEECH | frozenset(_PEOPLE["joining"].split())
"""Words that do not stand for the noun that another noun describes."""


ROLE_PARTS = frozenset(_PEOPLE["role_parts"].split())


def _agents(kind: str) -> dict[str, str]:
    """Nouns for actors without a name, with their sectors."""
    return {word: sector for sector, words in _PEOPLE["agents"][kind].items() for word in words.split()}


AGENT_BODIES = frozenset(_agents("body"))
AGENTS_ONE = frozenset(_agents("one"))
AGENT_NOUNS = _agents("many") | _agents("one") | _agents("body")
ROLE_SECTORS: dict[str, str] = {word: sector for sector, words in _PEOPLE["sectors"].items() for word in words.split()}


def _name_list(file: str) -> frozenset[str]:
    """Names of a file of words; lines that start with # are its origin."""
    lines = (DATA / file).read_text("utf-8").splitlines()
    return frozenset(" ".join(line for line in lines if not line.startswith("#")).split())


MORE_GIVEN_NAMES = _name_list("given_names.txt")
SURNAMES = _name_list("surnames.txt")
NO_PERSON = THINGS | FEATURES | STREETS | ORGANISATION_WORDS | ORGANISATION_HEADS | STOP_CAPITALS | SHORT_HEADS
