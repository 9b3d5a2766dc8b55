"""How a place name is used: for the place itself, as an adjective, or for the state that sits there.

"Danish troops" is adjectival, "Ankara said" metonymic, "in Ankara" literal. Rules look at the words around the name
only, so they hold for any state and any capital.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from transforms.tags.gazetteer_build import ADJECTIVE, COUNTRY
from transforms.tags.lexicon import (
    AGENT_AUXILIARIES,
    AGENT_VERBS,
    AUXILIARIES,
    BORDER_WORDS,
    CONTINGENTS,
    DEALING_NOUNS,
    DEALINGS,
    DEEDS,
    LOCATIVE,
    PARTNERS,
    PREPOSITIONS,
    STATE_NOUNS,
)
from transforms.tags.places import Hit
from transforms.tags.text import Document

_ATTRIBUTIVE = frozenset(("US", "U.S.", "USA", "UK", "U.K.", "UAE", "U.A.E.", "U.S"))
_JOINING = frozenset((", ", " and ", " or ", ", and ", "-", " & "))
_NOT_NOUN = (
    PREPOSITIONS | LOCATIVE | AUXILIARIES | AGENT_VERBS | frozenset(("or", "but", "that", "which", "who", "as", "than"))
)
_NOT_SUBJECT = (LOCATIVE | PREPOSITIONS) - {"and", "left", "under"}
_PARTNER_PREPOSITIONS = frozenset(("with", "to", "for", "from", "on", "against"))
_SETTING = frozenset(
    ("for", "enable", "enables", "enabling", "allow", "allows", "allowing", "let", "forced", "pressed")
)
_MOVING = frozenset(("left", "leave", "leaves", "leaving", "headed", "heading", "departed", "bound", "depart", "off"))
_MINDED = frozenset(
    ("committed", "determined", "willing", "ready", "prepared", "concerned", "convinced", "opposed", "steadfast")
)
_NAMING = frozenset(("including", "include", "includes", "included", "notably", "namely"))
_GROUPS = frozenset(
    ("nations", "allies", "partners", "members", "backers", "donors", "coalition", "alliance", "community")
)
"""Nouns for several states that act together."""
_LONGEST_JOINING = 24
_STATE_IS = frozenset(("is", "was", "remains", "became"))
_AROUND = LOCATIVE | PREPOSITIONS
_FILLERS = frozenset(("the", "neighbouring", "neighboring", "both", "its", "their", "further"))


Left = tuple[str, str, str]
"""Words to the left of a name, nearest first."""


def classify(document: Document, hits: Sequence[Hit]) -> None:
    """Sets `use` of every hit."""
    states = [index for index, hit in enumerate(hits) if _may_act(hit)]
    acting = set(states)
    for hit in hits:
        adjective = hit.flags & ADJECTIVE or (
            hit.pack is not None and document.folded[hit.start : hit.end] in hit.pack.adjectives
        )
        hit.use = "adjectival" if adjective else "literal"
    for index in states:
        hit = hits[index]
        surface = document.folded[hit.start : hit.end]
        if surface in _ATTRIBUTIVE and _is_attributive(document, hit):
            hit.use = "adjectival"
        else:
            left = _left_words(document, hit)
            if any(rule(document, hit, left) for rule in _RULES):
                hit.use = "metonymic"
    _spread(document, hits, acting)


def _may_act(hit: Hit) -> bool:
    chosen = hit.chosen
    return chosen is not None and not chosen.flags & ADJECTIVE and (chosen.kind == COUNTRY or chosen.capital)


def _spread(document: Document, hits: Sequence[Hit], acting: set[int]) -> None:
    """ "X, Y and Z will": what the last does, the others do; "between X and Y": what the first is, the second is."""
    led: set[int] = set()
    near = _near_pairs(document, hits, acting)
    for index, between in reversed(near):
        hit, after = hits[index], hits[index + 1]
        if (
            index in acting
            and between in _JOINING
            and hit.use == "literal"
            and (index + 1 in led or _leads(document, after))
        ):
            hit.use = "metonymic"
            led.add(index)
    for index, between in near:
        hit, after = hits[index], hits[index + 1]
        open_pair = after.use == "literal" and hit.use == "metonymic" and between == " and "
        if open_pair and _deals(document, hit):
            after.use = "metonymic"
    listed = -2
    for index, between in near:
        hit, after = hits[index], hits[index + 1]
        open_pair = after.use == "literal" and hit.use == "metonymic" and between.replace("the ", "") in _JOINING
        if open_pair and (listed == index or _is_member(document, hit, _left_words(document, hit))):
            after.use, listed = "metonymic", index + 1


def _near_pairs(document: Document, hits: Sequence[Hit], acting: set[int]) -> list[tuple[int, str]]:
    """Hits that a state follows after a few characters, which are given too."""
    return [
        (index, document.folded[hit.end : after.start])
        for index, (hit, after) in enumerate(pairwise(hits))
        if after.start - hit.end <= _LONGEST_JOINING and index + 1 in acting
    ]


def _word(document: Document, index: int) -> str:
    return document.words.form[index] if 0 <= index < document.size else ""


def _is_attributive(document: Document, hit: Hit) -> bool:
    """ "US troops", "U.S.-led", "U.S. and Afghan officials"."""
    gap = document.gap(hit.last)
    right = _word(document, hit.last)
    if gap == "-":
        return True
    if gap != " " or not right:
        return False
    if right == "and":
        noun = _word(document, hit.last + 2)
        capital = _word(document, hit.last + 1)[:1].isupper()
        return capital and noun.islower() and noun not in _NOT_NOUN and not _is_agent_verb(noun)
    return right.lower() not in _NOT_NOUN and not _is_agent_verb(right) and not right.isdigit()


def _is_agent_verb(word: str) -> bool:
    if word in AGENT_VERBS:
        return True
    stem = word.removesuffix("ing")
    return stem != word and (stem in AGENT_VERBS or stem + "e" in AGENT_VERBS or stem[:-1] in AGENT_VERBS)


def _acts(document: Document, hit: Hit, left: Left) -> bool:
    """Subject of a verb that only an agent can have: "Beijing has denied", "Turkey, he added, will"."""
    index, gap = hit.last, document.gap(hit.last)
    if left[0] in _NOT_SUBJECT:
        return False
    if gap == ", ":
        index = _after_insertion(document, index)
        return index > 0 and _word(document, index) in AGENT_AUXILIARIES
    if gap != " ":
        return False
    for step in range(4):
        word = _word(document, index + step)
        if _is_agent_verb(word) and not (word.endswith("ed") and _word(document, index + step + 1) == "by"):
            return True
        if word in AGENT_AUXILIARIES:
            return True
        if word not in AUXILIARIES and not word.endswith("ly"):
            return False
    return False


def _after_insertion(document: Document, index: int) -> int:
    """Token after the comma that closes an insertion of up to six words, 0 where there is none."""
    for step in range(1, 7):
        gap = document.gap(index + step) if index + step < document.size else "."
        if gap == ", ":
            return index + step
        if gap != " ":
            return 0
    return 0


def _owns_state(document: Document, hit: Hit, left: Left) -> bool:
    """ "Chile's foreign minister", "Peru's largest military camp"."""
    if document.gap(hit.last) != "'s ":
        return False
    for step in range(3):
        if step and document.gap(hit.last + step) not in (" ", "-"):
            return False
        if _word(document, hit.last + step).lower() in STATE_NOUNS:
            return True
    return False


def _left_words(document: Document, hit: Hit) -> Left:
    """Up to three words to the left in the same clause, nearest first, articles skipped."""
    found: list[str] = []
    index = hit.first
    while index > 0 and len(found) < 3 and document.gap(index).strip(" []'\"") == "":
        index -= 1
        word = _word(document, index).lower()
        if word not in _FILLERS:
            found.append(word)
    found += [""] * (3 - len(found))
    return found[0], found[1], found[2]


def _is_target(document: Document, hit: Hit, left: Left) -> bool:
    """ "blamed Iran for", "helped Nepal", "announced by Ankara"."""
    first, second, _ = left
    if first == "by":
        return second.endswith("ed") or second in ("taken", "made", "held", "sent")
    if first == "between":
        return not BORDER_WORDS & set(left)
    after = document.gap(hit.last)
    return first in DEALINGS and not (after == "-" or after.startswith("'"))


def _is_partner(document: Document, hit: Hit, left: Left) -> bool:
    """ "trade with India", "loans to Kenya", "president of Chad"."""
    first, second, third = left
    if first == "of":
        return second in STATE_NOUNS or second in DEEDS
    if first == "from" and second in CONTINGENTS:
        return True
    if first not in _PARTNER_PREPOSITIONS or _word(document, hit.last) in BORDER_WORDS:
        return False
    return second in DEALING_NOUNS or (third in DEALING_NOUNS and second not in _AROUND)


def _is_set_to(document: Document, hit: Hit, left: Left) -> bool:
    """ "for Chile to sign", "enable Peru to borrow"; but "left for Chile to" is a journey."""
    first, second, _ = left
    return (
        first in _SETTING
        and document.gap(hit.last) == " "
        and _word(document, hit.last) == "to"
        and not (first == "for" and second in _MOVING)
    )


def _is_minded(document: Document, hit: Hit, left: Left) -> bool:
    """ "Mongolia is committed to", "Peru remains opposed"."""
    return (
        document.gap(hit.last) == " "
        and _word(document, hit.last) in ("is", "was", "remains", "remained")
        and _word(document, hit.last + 1) in _MINDED
        and left[0] not in _NOT_SUBJECT
    )


def _is_member(document: Document, hit: Hit, left: Left) -> bool:
    """ "partners including Chad", "nations which took part include Kenya": one of a group of states that acts."""
    if left[0] not in _NAMING:
        return False
    for index in range(hit.first - 2, max(-1, hit.first - 15), -1):
        if document.opens(index + 1):
            return False
        if _word(document, index).lower() in _GROUPS:
            return _word(document, index - 1).lower() not in LOCATIVE
    return False


def _is_ally(document: Document, hit: Hit, left: Left) -> bool:
    """ "Mongolia is our ally"."""
    if document.gap(hit.last) != " " or _word(document, hit.last) not in _STATE_IS:
        return False
    return any(_word(document, hit.last + step) in PARTNERS for step in range(1, 5))


def _speaks(document: Document, hit: Hit, left: Left) -> bool:
    """ "Ankara: Talks will go on" at the head of a sentence."""
    return document.gap(hit.last).startswith(": ") and document.opens(hit.first)


def _leads(document: Document, hit: Hit) -> bool:
    left = _left_words(document, hit)
    return _acts(document, hit, left) or _heads_compound(document, hit, left)


def _deals(document: Document, hit: Hit) -> bool:
    left = _left_words(document, hit)
    return _is_partner(document, hit, left) or _is_target(document, hit, left)


def _heads_compound(document: Document, hit: Hit, left: Left) -> bool:
    """Last of states joined by hyphens before a noun other than border: "China-Nepal-India talks"."""
    if document.gap(hit.first) != "-" or document.gap(hit.last) != " ":
        return False
    right = _word(document, hit.last).lower()
    return right not in BORDER_WORDS and right not in _NOT_NOUN


_RULES: tuple[Callable[[Document, Hit, Left], bool], ...] = (
    _acts,
    _owns_state,
    _is_target,
    _is_partner,
    _is_ally,
    _is_set_to,
    _is_minded,
    _is_member,
    _speaks,
    _heads_compound,
)
