"""Are two texts one text, edited or rewritten? Decided on what is remembered of them, never on the texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from schemas.records import StoryRecord
from transforms.stories import fingerprint as fp
from transforms.stories.facts import NAMES_KEPT, NUMBERS_KEPT, Agreement, Facts, agreement, quotations_shared

# Thresholds, from all pairs of 2,354 real news texts and from simulated edits of 120 of them (exact values):
# unrelated texts reached a Jaccard of 0.18 and a containment of 0.33; a copy that lost 30 % of its sentences, got a
# new lead and 5 % other words had a median of 0.37 and 0.66, one cut to half 0.51 and 1.0.
MIN_JACCARD = 0.35
MIN_CONTAINMENT = 0.6
CONTAINMENT_FLOOR = 0.13
"""Least Jaccard at which containment is trusted: below it the estimate is mostly noise."""
MAX_SIZE_RATIO = 4.0
"""A text over four times as long as another that it contains is a digest of several stories, not a copy of one; under
the same title it is the same article with much around it."""
TITLED_FLOOR = 0.03

# One source's own articles share templates and background. Daily communiqués of one body reached 0.58 and 0.77, two
# articles of one paper with the same background paragraphs 0.52 and 0.72, though they tell different things.
SAME_SOURCE_MIN_JACCARD = 0.7
SAME_SOURCE_MIN_CONTAINMENT = 0.9
SAME_SOURCE_CONTAINMENT_FLOOR = 0.4

SHORT_SHINGLES = 100
"""A shorter text is a copy only under the same title: paywall stubs are one short text under many titles."""
STATED = 3
"""Names and numbers that two short texts without titles must share: a stub states next to nothing."""

# A template says the same of other people and other amounts. Of three pairs of daily communiqués 0.2 to 0.4 of the
# numbers were the same.
OTHER_FACTS = 0.5
ENOUGH_FACTS = 5
"""Of fewer names or numbers nothing is concluded."""

# A rewritten report, all of this together. One interview and its back-translation: containment 0.23, names 0.69,
# numbers 1.0, two sentences quoted almost alike. Reports by several papers on one event, each in its own words, reached
# 0.27, 0.47, 0.71 and three; they stay apart, as independent reports should.
REWRITTEN_CONTAINMENT = 0.17
REWRITTEN_NAMES = 0.6
REWRITTEN_NUMBERS = 0.5
REWRITTEN_N_NUMBERS = 2
REWRITTEN_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Match:
    """A remembered row whose text is a copy or a rewritten version of another.

    Attributes:
        names: How far the names agree; so with numbers.
        quotations: Quoted runs of words that both have.
    """

    record: StoryRecord
    jaccard: float
    containment: float
    names: Agreement
    numbers: Agreement
    quotations: int

    @property
    def stated(self) -> int:
        """Names and numbers that both have."""
        return self.names.shared + self.numbers.shared

    @property
    def evidence(self) -> str:
        """One line on why."""
        told = (
            f"{self.record.article_id} of {self.record.source}: "
            f"jaccard {self.jaccard:.2f}, containment {self.containment:.2f}"
        )
        if self.jaccard >= CONTAINMENT_FLOOR:
            return told
        return (
            f"{told}, names {self.names.shared} of {self.names.of}, numbers {self.numbers.shared} of"
            f" {self.numbers.of}, quoted runs {self.quotations}"
        )


def compare(record: StoryRecord, other: StoryRecord) -> Match | None:
    """How alike two rows of different articles are, as a match of `other`; None where they are different texts.

    The answer does not depend on which of the two is `other`.
    """
    shorter, longer = sorted((record.n_shingles, other.n_shingles))
    ours, theirs = Facts.unpack(record.facts), Facts.unpack(other.facts)
    same_title = ours.title == theirs.title != b""
    if shorter < fp.MIN_SHINGLES or (longer > MAX_SIZE_RATIO * shorter and not same_title):
        return None
    jaccard = fp.estimate_jaccard(_print_of(record), _print_of(other))
    match = Match(
        other,
        jaccard,
        fp.containment_of(jaccard, (shorter, longer)),
        agreement(ours.names, theirs.names, NAMES_KEPT),
        agreement(ours.numbers, theirs.numbers, NUMBERS_KEPT),
        quotations_shared(ours, theirs),
    )
    is_short = shorter < SHORT_SHINGLES
    if _is_copy(record, match, is_short, same_title):
        stays = not is_short or same_title or (not ours.title and not theirs.title and match.stated >= STATED)
        return match if stays and not _is_template(record, match) else None
    return match if not is_short and _is_rewritten(record, match) else None


def _is_copy(record: StoryRecord, match: Match, is_short: bool, same_title: bool) -> bool:
    if match.record.source != record.source:
        floor = TITLED_FLOOR if same_title else CONTAINMENT_FLOOR
        return match.jaccard >= MIN_JACCARD or (match.containment >= MIN_CONTAINMENT and match.jaccard >= floor)
    if is_short:
        return match.record.content_hash == record.content_hash
    return match.jaccard >= SAME_SOURCE_MIN_JACCARD or (
        match.containment >= SAME_SOURCE_MIN_CONTAINMENT and match.jaccard >= SAME_SOURCE_CONTAINMENT_FLOOR
    )


def _is_template(record: StoryRecord, match: Match) -> bool:
    """Whether the two say alike of different people or amounts; between sources a text that is the same is a copy."""
    if match.record.source != record.source and match.jaccard >= SAME_SOURCE_MIN_JACCARD:
        return False
    return any(kind.of >= ENOUGH_FACTS and kind.share < OTHER_FACTS for kind in (match.names, match.numbers))


def _is_rewritten(record: StoryRecord, match: Match) -> bool:
    """Whether wording, facts, quotation and time agree; a paper does not rewrite itself."""
    one, other = record.published_at, match.record.published_at
    return (
        match.record.source != record.source
        and match.containment >= REWRITTEN_CONTAINMENT
        and match.names.shared >= ENOUGH_FACTS
        and match.names.share >= REWRITTEN_NAMES
        and match.numbers.shared >= REWRITTEN_N_NUMBERS
        and match.numbers.share >= REWRITTEN_NUMBERS
        and match.quotations > 0
        and (one is None or other is None or abs(one - other) <= REWRITTEN_WITHIN)
    )


def _print_of(record: StoryRecord) -> fp.Fingerprint:
    return fp.Fingerprint(record.signature, record.n_shingles)
