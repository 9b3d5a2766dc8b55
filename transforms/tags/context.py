"""Whether a name is meant as a place where it stands: hand-set log-odds of the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from transforms.tags.candidates import Candidate
from transforms.tags.evidence import Support
from transforms.tags.gazetteer_build import ABBREVIATION, ADJECTIVE, ADMIN1, AREA, CITY
from transforms.tags.hits import Hit
from transforms.tags.lexicon import (
    AUXILIARIES,
    COMMON_WORDS,
    COMPASS,
    COMPASS_NOUNS,
    DIRECTIONS,
    FEATURES,
    GIVEN_NAMES,
    LOCATIVE,
    MUNICIPAL_WORDS,
    ORGANISATION_HEADS,
    ORGANISATION_WORDS,
    PREPOSITIONS,
    ROLE_WORDS,
    SPEECH,
    STOP_CAPITALS,
    STREETS,
    TITLES,
)
from transforms.tags.text import Document

REMEMBERED = 4096
"""Words whose weight is kept ready."""
_UNSURE = frozenset((CITY, ADMIN1, AREA))
"""Kinds of places whose names are those of much else."""
_PLAIN_CAPITALS = frozenset(("The", "In", "From", "At", "Near", "And", "But", "As", "For", "To", "Of", "On"))
_NO_SURNAME = (
    STOP_CAPITALS | FEATURES | ORGANISATION_WORDS | MUNICIPAL_WORDS | ORGANISATION_HEADS | STREETS | DIRECTIONS
)
_SPEAKING = frozenset(("speak", "speaks", "spoke", "speaking", "fluent", "learn", "learned", "learning", "broken"))
_NO_NOUN = PREPOSITIONS | LOCATIVE | AUXILIARIES | frozenset(("which", "that", "or"))
_CLUBS = frozenset(("Real", "Atletico", "Sporting", "Borussia", "Bayern", "Olympique", "Dynamo", "Dinamo", "Spartak"))
"""Before a town: one of its clubs, "Real Madrid"."""
_STATE_ABBREVIATIONS = frozenset(("U.S.", "U.K.", "U.N.", "U.A.E.", "U.S.A.", "D.C.", "E.U."))


def recognise(document: Document, hit: Hit, following: Hit | None, surnames: frozenset[str], support: Support) -> float:
    """Log-odds that a name is a place mention here."""
    chosen = hit.chosen or hit.candidates[0]
    logit, flags = chosen.base, chosen.flags
    if chosen.kind in _UNSURE:
        logit += _town_evidence(document, hit, chosen, surnames, support)
    if flags & ABBREVIATION and hit.first and document.words.form[hit.first - 1].isdigit():
        logit -= 6.0 if document.folded[hit.start : hit.end] == "B.C." else 0.0
    if flags & ADJECTIVE and _is_language(document, hit):
        logit -= 6.0
    return logit + _context(document, hit, following, chosen.kind)


def _town_evidence(
    document: Document, hit: Hit, chosen: Candidate, surnames: frozenset[str], support: Support
) -> float:
    """Log-odds that the name itself and the rest of the text give to a town, a division or an area."""
    words, size = document.words.form, hit.last - hit.first
    surface = document.folded[hit.start : hit.end]
    logit = 0.5
    if size == 1:
        logit = _word_evidence(document, surface, surnames)
        if chosen.kind == CITY:
            logit += -0.5 if document.opens(hit.first) else 0.0
            logit += -2.0 if surface[-1] == "s" and document.gap(hit.last)[:2] == "' " else 0.0
    if len(surface) <= 4 and not chosen.flags & ABBREVIATION:
        logit -= 1.0
    logit += support.weight(chosen.country, chosen.admin, hit.name)
    if not hit.contained and words[hit.first] in COMPASS and _is_vague(words[hit.first : hit.last]):
        logit -= 0.0 if support.names_country(chosen.country, hit.name) else 5.0
    return logit


def names_person(document: Document, hit: Hit) -> bool:
    """ "Georgia Stevens", "Chad Walker": the name is of GIVEN_COUNTRIES, and one other capitalised word follows."""
    words = document.words.form
    if hit.last == document.size or document.gap(hit.last) != " ":
        return False
    surname = words[hit.last]
    if not surname[0].isupper() or len(surname) < 3 or surname.isupper() or surname in _NO_SURNAME:
        return False
    before = words[hit.first - 1] if hit.first and document.gap(hit.first) == " " else ""
    after = words[hit.last + 1] if hit.last + 1 < document.size and document.gap(hit.last + 1) == " " else ""
    alone = not after[:1].isupper() and not (
        before[:1].isupper() and before not in TITLES and not document.opens(hit.first - 1)
    )
    return alone and before.lower() != "the" and surname.lower() not in ROLE_WORDS


def _is_language(document: Document, hit: Hit) -> bool:
    """ "shouted in Turkish", "fluent French": no noun follows."""
    words = document.words.form
    left = words[hit.first - 1] if hit.first else ""
    if not (left == "in" or left in _SPEAKING) or document.gap(hit.first) != " ":
        return False
    right = words[hit.last] if hit.last < document.size and document.gap(hit.last) == " " else ""
    return right == "" or right in _NO_NOUN


def _word_evidence(document: Document, surface: str, surnames: frozenset[str]) -> float:
    logit = 0.0
    if surface in COMMON_WORDS:
        logit -= 2.5
    if document.writes_small(surface):
        logit -= 2.0
    if surface in GIVEN_NAMES:
        logit -= 1.5
    if surface in surnames:
        logit -= 2.5
    return logit


def _is_vague(words: Sequence[str]) -> bool:
    """ "North West", "Southern District": every country has one, so that the name alone tells nothing."""
    return all(word in COMPASS or word in COMPASS_NOUNS for word in words)


def _context(document: Document, hit: Hit, following: Hit | None, kind: int) -> float:
    words, first, last = document.words.form, hit.first, hit.last
    before, after = document.gap(first), document.gap(last)
    unsure = kind in _UNSURE
    logit = 0.0
    if first and before == " ":
        left = words[first - 1]
        if left == "of" and unsure:
            logit += -1.5 if first > 1 and words[first - 2] in ORGANISATION_HEADS else 0.7
        else:
            logit += _left(left)[unsure]
    elif first and before == ". " and _abbreviates_person(words[first - 1]):
        logit -= 2.0 if unsure else 0.0
    elif before == ", " and unsure:
        logit += 1.0
    if last < document.size and after == " ":
        if following is not None and following.first == last:
            logit -= 0.5 if unsure else 0.0
        else:
            logit += _right(words[last])[unsure]
    elif after in (" - ", " (") and first < 4:
        logit += 1.0
    return logit


@lru_cache(maxsize=REMEMBERED)
def _left(left: str) -> tuple[float, float]:
    """What the word before a name tells, where the name is a country's or the like, and where it is a town's."""
    if left.lower() in LOCATIVE:
        return 1.5, 1.5
    if left in DIRECTIONS:
        return 2.0, 2.0
    if left in TITLES:
        return 0.0, -2.0
    if left in _CLUBS:
        return 0.0, -3.0
    if left in GIVEN_NAMES:
        return 0.0, -2.0
    if left in PREPOSITIONS:
        return 0.0, 0.7
    if left[-1] == "." and left not in _STATE_ABBREVIATIONS:  # "C.J."
        return 0.0, -2.0
    return 0.0, -0.7 if left[0].isupper() and left not in _PLAIN_CAPITALS else 0.0


@lru_cache(maxsize=REMEMBERED)
def _right(right: str) -> tuple[float, float]:
    """What the word behind a name tells, as `_left` does."""
    if right in STREETS:
        return -1.0, -1.0
    if right in FEATURES:
        return 2.0, 2.0
    if right in ORGANISATION_WORDS:
        return 0.0, -1.0
    if right in MUNICIPAL_WORDS:
        return 0.0, 0.0
    if right in SPEECH:
        return 0.0, -1.0
    return 0.0, -0.9 if right[0].isupper() else 0.0


def _abbreviates_person(word: str) -> bool:
    """An initial or a title with a full stop behind it."""
    return word in TITLES or (len(word) == 1 and word.isupper())
