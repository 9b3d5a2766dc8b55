"""One reading of a text, shared by all that follows: folded copy, tokens, sentences, paragraphs.

The folded copy has exactly as many code points as the text, so an offset found in it is an offset in the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from transforms.tags.lexicon import ABBREVIATIONS, SENTENCE_OPENERS

_QUOTES = {
    "'": "‘’‚‛′ʻʼʿʾ`´＇",
    '"': "“”„‟″«»＂",
    "-": "‐‑‒–—―−﹘－",
    " ": "\u00a0\u1680\u202f\u205f\u3000\u200b\u2060\ufeff",
}
# Letters that Unicode does not decompose, though readers take them for their plain neighbours.
_PLAIN = {
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "ł": "l",
    "Ł": "L",
    "ı": "i",
    "ə": "a",
    "Ə": "A",
    "ħ": "h",
    "ŋ": "n",
}
_PERSIAN = {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "\u200c": " "}


def _fold_table() -> dict[int, str]:
    """Code point -> one character: quotes, dashes and blanks made plain, Latin letters without their marks."""
    table = {ord(char): plain for plain, chars in _QUOTES.items() for char in chars}
    for code in range(0x2000, 0x200B):
        table[code] = " "
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base != chr(code) and base.isascii():
            table[code] = base
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))  # lone surrogates have no UTF-8
    table.update({ord(char): plain for char, plain in (_PLAIN | _PERSIAN).items()})
    return table


FOLD = _fold_table()

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?|'s(?!\w)|[^\W_]+(?:'(?!s(?!\w))[^\W_]+)*")
_STOP = re.compile(r"[.!?…։۔؟]['\")\]]*\s|\n")


def fold(text: str) -> str:
    """Same-length folding of a text: the n-th character of the result stands for the n-th of the text."""
    return text.translate(FOLD)


def fold_name(name: str) -> str:
    """Folding of a name that is to be looked for: composed first, so that a decomposed spelling matches too."""
    return " ".join(fold(unicodedata.normalize("NFC", name)).split())


@dataclass(slots=True)
class Words:
    """Tokens of a text in order; `'s` is no token of its own but leaves its apostrophe in the gap."""

    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    form: list[str] = field(default_factory=list)


class Document:
    """A title and a text as one string, folded and cut up once.

    Attributes:
        text: `title + "\\n\\n" + text`, or `text` alone where there is no title.
        folded: Same-length folded copy of `text`.
        title_end: Length of the title, 0 where there is none.
    """

    def __init__(self, title: str | None, text: str) -> None:
        self.text = f"{title}\n\n{text}" if title else text
        self.title_end = len(title) if title else 0
        self.folded = fold(self.text)
        self.words = self._tokenise()
        self.size = len(self.words.form)

    def _tokenise(self) -> Words:
        folded = self.folded
        spans = [match.span() for match in _TOKEN.finditer(folded)]
        spans = [span for span in spans if folded[span[0]] != "'"]
        return Words([start for start, _ in spans], [end for _, end in spans], [folded[a:b] for a, b in spans])

    def gap(self, index: int) -> str:
        """Folded text between token `index` - 1 and token `index`; to the edge at the edges, empty beyond them."""
        return self._gaps[index] if index <= self.size else ""

    @cached_property
    def _gaps(self) -> list[str]:
        ends = [0, *self.words.end]
        starts = [*self.words.start, len(self.folded)]
        return [self.folded[end:start] for end, start in zip(ends, starts, strict=True)]

    @cached_property
    def capitals(self) -> list[int]:
        """Indices of the tokens that start with a capital letter."""
        return [index for index, form in enumerate(self.words.form) if form[0].isupper()]

    def token_at(self, offset: int) -> int:
        """Index of the first token that starts at or after an offset."""
        return bisect_left(self.words.start, offset)

    def covers(self, start: int, end: int) -> range | None:
        """Indices of the tokens of a span, None where it cuts through a token."""
        first, last = bisect_left(self.words.start, start), bisect_left(self.words.start, end)
        if first == last or self.words.start[first] != start or self.words.end[last - 1] > end:
            return None
        return range(first, last)

    @cached_property
    def initial(self) -> list[bool]:
        """For each token, whether it opens a sentence (or a line)."""
        flags = [True] * self.size
        forms = self.words.form
        for index in range(1, self.size):
            gap = self._gaps[index]
            if gap == " " and forms[index - 1][-1] != ".":
                flags[index] = False
            else:
                flags[index] = "\n" in gap or self._ends_sentence(index, gap)
        return flags

    def _ends_sentence(self, index: int, gap: str) -> bool:
        before = self.words.form[index - 1]
        if before[-1:] == ".":  # "U.S.", "J.": the stop was eaten by the token
            return len(before) > 4 and self.words.form[index] in SENTENCE_OPENERS
        if not _STOP.search(gap + " "):
            return False
        return not (gap.startswith(".") and (before in ABBREVIATIONS or len(before) == 1))

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Offsets at which sentences start, rising."""
        return [self.words.start[index] for index, initial in enumerate(self.initial) if initial]

    def sentence_of(self, offset: int) -> tuple[int, int]:
        """Start and end offset of the sentence that holds an offset."""
        starts = self.sentence_starts
        place = bisect_right(starts, offset)
        begin = starts[place - 1] if place else 0
        return begin, starts[place] if place < len(starts) else len(self.text)

    @cached_property
    def lead_end(self) -> int:
        """End of the title and the first paragraph, the paragraph cut at 450 characters."""
        body = self.title_end
        while body < len(self.text) and self.text[body].isspace():
            body += 1
        stop = self.text.find("\n", body)
        return min(stop if stop >= 0 else len(self.text), body + 450)

    @cached_property
    def lower_words(self) -> frozenset[str]:
        """All tokens that are written small in this text."""
        return frozenset(form for form in self.words.form if form[0].islower())
