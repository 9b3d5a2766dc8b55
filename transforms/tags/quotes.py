"""Who said what, by rules: `find_quotes` joins verbs of speech, speakers that are known actors, and quoted words.

Three forms are read: words in quotation marks beside a clause of speech; a clause after "said that" (or "said" alone,
where a verb follows); and "according to". A speaker without a name gives no quote. Quoted spans leave out the quotation
marks and a comma before the closing one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Quote
from transforms.tags.actors import Mention
from transforms.tags.lexicon import FINITE, JUDGING, REPORTING, SOURCES, SPEECH_FILLERS, THATLESS
from transforms.tags.quotation_marks import QuotedSpan, quoted_spans
from transforms.tags.text import Document
from transforms.tags.word_kinds import is_role, mark

_ACCORDING = frozenset(("according", "According"))
_VERB = mark(REPORTING | JUDGING | _ACCORDING)
_PASSIVE = frozenset(("was", "were", "is", "are", "been", "be", "being"))
_LONGEST_APPOSITION = 90
_LONGEST_TITLE = 40
_CUT = re.compile(r",? (?:but|while|whereas|although|though) ")
_FULL_STOP = re.compile(r"[\":;\n]|(?<!\b[A-Z]\w\w)(?<!\b[A-Z]\w)(?<!\b[A-Z]\w\w\w)\.")
"""A mark between verb and speaker that parts them; the stop of "Col." and the like does not."""


class _Clause(NamedTuple):
    """Speaker and verb together: [start, end)."""

    actor_id: str
    verb: str
    token: int
    start: int
    end: int


def find_quotes(document: Document, mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """All quotes of a text in their order.

    Args:
        mentions: Mentions of actors, rising by start.
    """
    return _Reader(document, mentions).read() if mentions else ()


class _Reader:
    def __init__(self, document: Document, mentions: Sequence[Mention]) -> None:
        self.document, self.folded = document, document.folded
        self.mentions = mentions
        self.starts = [mention.start for mention in mentions]
        self.ends = [mention.end for mention in mentions]
        self.spans = list(quoted_spans(document.text))
        self.lefts = [span.left for span in self.spans]
        self.rights = [span.right for span in self.spans]
        self.quoted = frozenset(span.start for span in self.spans)
        self.taken: set[int] = set()
        self.quotes: list[Quote] = []
        self.reported = 0

    def read(self) -> tuple[Quote, ...]:
        forms = self.document.words.form
        last: _Clause | None = None
        self._headline()
        for token in self.document.marked(_VERB):
            if forms[token] in _ACCORDING:
                self._according(token)
                continue
            clause = self._clause(token)
            if clause is None:
                continue
            if last is not None:
                self._continue(last, clause.start)
            last = clause if self._report(clause) else None
        if last is not None:
            self._continue(last, len(self.folded))
        return tuple(sorted(self.quotes, key=lambda quote: (quote.start, quote.end)))

    # -- clauses

    def _clause(self, token: int) -> _Clause | None:
        """The clause of a verb of speech with its speaker, unless the verb is quoted itself or passive."""
        document = self.document
        start, end, verb = document.words.start[token], document.words.end[token], document.words.form[token]
        before = document.words.form[token - 1] if token else ""
        if self._inside(start) is not None or before in _PASSIVE:
            return None
        behind = self._speaker_behind(token)
        ahead = None if behind is None and before == "to" else self._speaker_ahead(token)
        if behind is not None and (ahead is None or self._closes(start)):
            return _Clause(behind.actor_id, verb, token, start, behind.end)
        if ahead is not None:
            return _Clause(ahead.actor_id, verb, token, self._head(ahead.start), end)
        return None

    def _closes(self, offset: int) -> bool:
        """Whether a comma or a quotation mark ends right before an offset."""
        end = self._stripped(offset, " ")
        return end > 0 and self.folded[end - 1] in ",\"'?!"

    def _speaker_ahead(self, token: int) -> Mention | None:
        """The subject: the mention before the verb, fillers or an apposition between."""
        document = self.document
        start = document.words.start[token]
        place = bisect_right(self.ends, start) - 1
        if place < 0:
            return None
        mention = self.mentions[place]
        between = self.folded[mention.end : start]
        if len(between) > _LONGEST_APPOSITION or "\n" in between or '"' in between or "." in between:
            return None
        words = between.split()
        if words and words[-1] == "as":  # "quoted X as saying"
            words = words[:-1]
        if between.strip() == "," or (between.startswith(", ") and between.rstrip().endswith(",")):
            return self._owner(place) if between.strip() == "," else mention
        plain = all(word in SPEECH_FILLERS or word.endswith("ly") for word in words)
        return mention if plain and not between.startswith((",", "'")) else None

    def _owner(self, place: int) -> Mention:
        """The person whose apposition a mention closes: "Rosa Tirado, a clerk of the ministry, said"."""
        mention, other = self.mentions[place], self.mentions[place - 1] if place else None
        if other is None:
            return mention
        between = self.folded[other.end : mention.start]
        apposed = between.startswith((", a ", ", an ", ", the ", ", who ")) and len(between) < _LONGEST_APPOSITION
        return other if apposed and "." not in between else mention

    def _speaker_behind(self, token: int) -> Mention | None:
        """The subject behind the verb: "said Rosa Tirado", "said the spokesman, Tohir Zokirov"."""
        document = self.document
        end = document.words.end[token]
        place = bisect_left(self.starts, end)
        if (
            place == len(self.mentions)
            or self.starts[place] - end > 60
            or not self._closes(document.words.start[token])
        ):
            return None
        between = self.folded[end : self.starts[place]]
        words = re.findall(r"\w+", between)
        fitting = all(word in ("the", "a", "an", "its", "s") or is_role(word) for word in words)
        stopped = _FULL_STOP.search(between) is not None
        return self.mentions[place] if fitting and not stopped else None

    def _head(self, start: int) -> int:
        """Start of the words of a role before a mention, so that a clause begins with its title."""
        token = self.document.token_at(start)
        forms = self.document.words.form
        while token and (is_role(forms[token - 1]) or forms[token - 1] in ("the", "The")):
            if self.document.gap(token).strip(" ."):
                break
            token -= 1
        return self.document.words.start[token]

    # -- contents

    def _report(self, clause: _Clause) -> bool:
        """Adds what a clause reports; True where that stands in quotation marks."""
        found = [span for span in (self._before(clause), self._after(clause)) if span is not None]
        for span in found:
            self._add(clause, span.start, span.end)
            self.taken.add(span.left)
        if found:
            return True
        if clause.verb in JUDGING:
            self._judgement(clause)
        elif not self._that(clause):
            self._trailing(clause)
        return False

    def _before(self, clause: _Clause) -> QuotedSpan | None:
        """Words in quotation marks right before a clause: "… ," said X."""
        place = bisect_right(self.rights, clause.start) - 1
        if place < 0 or self.spans[place].left in self.taken:
            return None
        span = self.spans[place]
        between = self.folded[span.right : clause.start]
        comma = self.folded[span.end : span.end + 1] == "," or self.folded[span.end - 1] in ",.?!" or "," in between
        article = between.split()[:1] in (["the"], ["a"], ["an"])
        plain = not between.strip(" ,") or (article and len(between) < _LONGEST_TITLE)
        return span if comma and plain and "." not in between and "\n" not in between else None

    def _after(self, clause: _Clause) -> QuotedSpan | None:
        """Words in quotation marks after a clause, a comma or colon before them."""
        place = bisect_left(self.lefts, clause.end)
        if place == len(self.spans) or self.lefts[place] in self.taken:
            return None
        span = self.spans[place]
        between = self.folded[clause.end : span.left]
        if len(between) > _LONGEST_APPOSITION or "." in between or "\n" in between:
            return None
        return span if between.rstrip().endswith((",", ":")) and " that " not in between else None

    def _continue(self, clause: _Clause, limit: int) -> None:
        """The next sentence of a quote: "… ," said X. "…"."""
        place = bisect_left(self.lefts, clause.end)
        if place == len(self.spans) or self.lefts[place] in self.taken or self.lefts[place] >= limit:
            return
        span = self.spans[place]
        between = self.folded[clause.end : span.left]
        if "\n" not in between and between.count(".") <= 1 and between.rstrip().endswith("."):
            self._add(clause, span.start, span.end)
            self.taken.add(span.left)

    def _judgement(self, clause: _Clause) -> None:
        """ "called the plan 'a farce'"."""
        _, stop = self.document.sentence_of(clause.start)
        place = bisect_left(self.lefts, clause.end)
        if place < len(self.spans) and self.lefts[place] < stop and self.lefts[place] not in self.taken:
            span = self.spans[place]
            self.taken.add(span.left)
            self._add(clause, span.start, span.end)

    def _that(self, clause: _Clause) -> bool:
        """ "said that …", and "said …" before a clause with a verb of its own."""
        document, forms = self.document, self.document.words.form
        if clause.start < self.reported:
            return False
        token = document.token_at(clause.end)
        told = clause.verb in ("told", "tells", "tell")
        token = self._skip_fillers(token, told)
        stop = self._sentence_end(clause.end)
        if token >= document.size or document.words.start[token] >= stop:
            return False
        if forms[token] == "that":
            first = token + 1
        elif clause.verb in THATLESS and self._is_clause(token, stop):
            first = token
        else:
            return False
        if first >= document.size or document.words.start[first] >= stop:
            return False
        start = document.words.start[first]
        cut = next((m.start() for m in _CUT.finditer(self.folded, start, stop) if self._speaks_in(m.end(), stop)), stop)
        self.reported = cut
        self._add(clause, start, cut)
        return True

    def _skip_fillers(self, token: int, told: bool) -> int:
        """The token after fillers ("on Monday", "told reporters") and after whom "told" is said to."""
        document, forms = self.document, self.document.words.form
        for _ in range(6):
            if token >= document.size or forms[token] == "that" or document.gap(token) not in (" ", ", "):
                break
            place = bisect_left(self.starts, document.words.start[token])
            addressed = told and place < len(self.starts) and self.starts[place] == document.words.start[token]
            if addressed:
                token, told = document.token_at(self.mentions[place].end), False
            elif self._is_filler(token):
                token += 1
            else:
                break
        return token

    def _is_filler(self, token: int) -> bool:
        forms = self.document.words.form
        word = forms[token]
        if word in ("the", "a", "an", "him", "her", "them", "us", "me", "has", "have", "had", "to", "in", "at", "on"):
            follower = forms[token + 1] if token + 1 < self.document.size else ""
            return follower in SPEECH_FILLERS or follower == "that"
        return word in SPEECH_FILLERS or (word.endswith("ly") and word.islower())

    def _is_clause(self, token: int, stop: int) -> bool:
        """Whether a subject and a finite verb follow within eight words; a bare object reports nothing."""
        document, forms = self.document, self.document.words.form
        for index in range(token + 1, min(token + 9, document.size)):
            if document.words.start[index] >= stop or document.gap(index)[:1] in (",", ";", ":"):
                return False
            word = forms[index]
            if word in FINITE or (word.endswith("ed") and len(word) > 4 and forms[index - 1][-1:] == "s"):
                return True
        return False

    def _speaks_in(self, start: int, stop: int) -> bool:
        """Whether a verb of speech stands in a span."""
        forms = self.document.words.form
        return any(forms[i] in REPORTING for i in range(self.document.token_at(start), self.document.token_at(stop)))

    def _trailing(self, clause: _Clause) -> None:
        """ "…, X said." at the end of a sentence."""
        begin, _ = self.document.sentence_of(clause.start)
        if clause.verb not in THATLESS or begin < self.reported or not self._closes(clause.start):
            return
        end = self._stripped(clause.start, " ,")
        tail = self.folded[clause.end : self._sentence_end(clause.end)]
        words = re.findall(r"\w+", tail)
        if all(word in SPEECH_FILLERS or is_role(word) for word in words) and self.folded.find('"', begin, end) < 0:
            self._add(clause, begin, end)

    def _according(self, token: int) -> None:
        """ "according to X": the rest of the sentence."""
        document, forms = self.document, self.document.words.form
        if (
            token + 2 >= document.size
            or forms[token + 1] != "to"
            or self._inside(document.words.start[token]) is not None
        ):
            return
        first = token + 2
        while first < document.size - 1 and first < token + 8 and (forms[first] in SOURCES or is_role(forms[first])):
            if self._named_at(first):
                break
            first += 1
        place = bisect_left(self.starts, document.words.start[first])
        if place == len(self.starts) or self.starts[place] != document.words.start[first]:
            return
        mention, start = self.mentions[place], document.words.start[token]
        clause = _Clause(mention.actor_id, "according to", token, start, mention.end)
        if document.opens(token):
            comma = self.folded.find(", ", mention.end, mention.end + _LONGEST_APPOSITION)
            if comma >= 0:
                self._add(clause, comma + 2, self._sentence_end(mention.end))
        else:
            self._add(clause, document.sentence_of(start)[0], self._stripped(start, " ,"))

    def _headline(self) -> None:
        """ "Moscow: Base will stay open" as a title."""
        stop = self.document.title_end
        if not stop or not self.mentions or self.starts[0] != 0:
            return
        end = self.ends[0]
        if self.folded[end : end + 2] == ": " and end + 2 < stop:
            self.quotes.append(Quote(self.mentions[0].actor_id, ":", end + 2, stop))

    # -- helpers

    def _named_at(self, token: int) -> bool:
        """Whether the mention of an actor starts with a token."""
        start = self.document.words.start[token]
        place = bisect_left(self.starts, start)
        return place < len(self.starts) and self.starts[place] == start

    def _stripped(self, end: int, marks: str) -> int:
        """An end offset, moved before the marks that stand there; a long text's beginning is not copied for it."""
        while end > 0 and self.folded[end - 1] in marks:
            end -= 1
        return end

    def _inside(self, offset: int) -> QuotedSpan | None:
        place = bisect_right(self.lefts, offset) - 1
        return self.spans[place] if place >= 0 and offset < self.spans[place].right else None

    def _sentence_end(self, offset: int) -> int:
        """End of the sentence of an offset, of its line at most."""
        stop = self.document.sentence_of(offset)[1]
        line = self.folded.find("\n", offset, stop)
        return line if line >= 0 else stop

    def _add(self, clause: _Clause, start: int, end: int) -> None:
        """Adds a quote; blanks at its edges, a last comma and the full stop of an indirect one are left out."""
        text, quoted = self.folded, start in self.quoted
        while end > start and (text[end - 1] in " \n," or (not quoted and text[end - 1] in ".;:")):
            end -= 1
        if not quoted and text[end - 1] == '"' and text.count('"', start, end) % 2:  # the next sentence's mark
            end = self._stripped(end - 1, " .") if text[start : end - 1].strip() else start
        if end > start:
            self.quotes.append(Quote(clause.actor_id, clause.verb.lower(), start, end))
