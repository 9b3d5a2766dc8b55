"""Whether a name is meant as a place where it stands: hand-set log-odds of the words around it."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.tags.evidence import Support
from transforms.tags.gazetteer_build import ABBREVIATION, ADJECTIVE, ADMIN1, AREA, CITY, COUNTRY, COUNTY, MACROREGION
from transforms.tags.hits import Hit
from transforms.tags.lexicon import (
    AUXILIARIES,
    COMMON_WORDS,
    COMPASS,
    COMPASS_NOUNS,
    DIRECTIONS,
    FEATURES,
    GIVEN_COUNTRIES,
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
    logit = chosen.base
    surface = document.folded[hit.start : hit.end]
    if chosen.kind in (CITY, ADMIN1, AREA):
        single = hit.last - hit.first == 1
        logit += _word_evidence(document, surface, surnames) if single else 0.5
        logit += -1.0 if len(surface) <= 4 and not chosen.flags & ABBREVIATION else 0.0
        logit += -0.5 if single and chosen.kind == CITY and document.opens(hit.first) else 0.0
        logit += support.weight(chosen.country, chosen.admin, hit.name)
        if not hit.contained and _is_vague(document.words.form[hit.first : hit.last]):
            logit -= 0.0 if support.names_country(chosen.country, hit.name) else 5.0
        if single and chosen.kind == CITY and surface[-1] == "s" and document.gap(hit.last)[:2] == "' ":
            logit -= 2.0
    if chosen.flags & ABBREVIATION and hit.first and document.words.form[hit.first - 1].isdigit():
        logit -= 6.0 if surface == "B.C." else 0.0
    if chosen.flags & ADJECTIVE and _is_language(document, hit):
        logit -= 6.0
    return logit + _context(document, hit, following, chosen.kind)


def names_person(document: Document, hit: Hit) -> bool:
    """ "Georgia Stevens", "Chad Walker": the country's name is a given name, and one other capitalised word follows."""
    words = document.words.form
    if document.folded[hit.start : hit.end] not in GIVEN_COUNTRIES:
        return False
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
    left = words[hit.first - 1] if hit.first and document.gap(hit.first) == " " else ""
    right = words[hit.last] if hit.last < document.size and document.gap(hit.last) == " " else ""
    return (left == "in" or left in _SPEAKING) and (right == "" or right in _NO_NOUN)


def _word_evidence(document: Document, surface: str, surnames: frozenset[str]) -> float:
    logit = 0.0
    if surface in COMMON_WORDS:
        logit -= 2.5
    if surface.lower() in document.lower_words:
        logit -= 2.0
    if surface in GIVEN_NAMES:
        logit -= 1.5
    if surface in surnames:
        logit -= 2.5
    return logit


def _is_vague(words: Sequence[str]) -> bool:
    """ "North West", "Southern District": every country has one, so that the name alone tells nothing."""
    return all(word in COMPASS or word in COMPASS_NOUNS for word in words) and words[0] in COMPASS


def _context(document: Document, hit: Hit, following: Hit | None, kind: int) -> float:
    words, size = document.words.form, document.size
    before, after = document.gap(hit.first), document.gap(hit.last)
    strong = kind in (COUNTRY, MACROREGION, COUNTY)
    logit = 0.0
    if hit.first and before == " ":
        logit += _left(words, hit.first - 1, strong)
    elif hit.first and before == ". " and _abbreviates_person(words[hit.first - 1]):
        logit -= 0.0 if strong else 2.0
    elif before == ", " and not strong:
        logit += 1.0
    if hit.last < size and after == " ":
        logit += _right(words[hit.last], strong, following is not None and following.first == hit.last)
    elif after in (" - ", " (") and hit.first < 4:
        logit += 1.0
    return logit


def _left(words: Sequence[str], index: int, strong: bool) -> float:
    left = words[index]
    if left.lower() in LOCATIVE:
        return 1.5
    if left in DIRECTIONS:
        return 2.0
    if strong:
        return 0.0
    if left in TITLES:
        return -2.0
    if left in _CLUBS:
        return -3.0
    if left in GIVEN_NAMES:
        return -2.0
    if left == "of":
        return -1.5 if index and words[index - 1] in ORGANISATION_HEADS else 0.7
    if left in PREPOSITIONS:
        return 0.7
    if left[-1] == "." and left not in _STATE_ABBREVIATIONS:  # "C.J."
        return -2.0
    return -0.7 if left[0].isupper() and left not in _PLAIN_CAPITALS else 0.0


def _right(right: str, strong: bool, touches: bool) -> float:
    if touches:
        return 0.0 if strong else -0.5
    if right in STREETS:
        return -1.0
    if right in FEATURES:
        return 2.0
    if strong:
        return 0.0
    if right in ORGANISATION_WORDS:
        return -1.0
    if right in MUNICIPAL_WORDS:
        return 0.0
    if right in SPEECH:
        return -1.0
    return -0.9 if right[0].isupper() else 0.0


def _abbreviates_person(word: str) -> bool:
    """An initial or a title with a full stop behind it."""
    return word in TITLES or (len(word) == 1 and word.isupper())
