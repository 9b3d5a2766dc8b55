"""The word lists of `data/english.toml` as frozen sets; what each is for stands there."""

from __future__ import annotations

import tomllib
from pathlib import Path

DATA = Path(__file__).with_name("data")
_LISTS: dict[str, str] = tomllib.loads((DATA / "english.toml").read_text("utf-8"))


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
