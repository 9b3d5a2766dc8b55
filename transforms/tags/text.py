"""One reading of a text, shared by all that follows: folded copy, tokens, sentences, paragraphs.

The folded copy has exactly as many code points as the text, so an offset found in it is an offset in the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from transforms.tags.lexicon import ABBREVIATIONS, SENTENCE_OPENERS
from transforms.tags.word_kinds import CAPITAL, MARKED, SMALL, kinds_of

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

_PART = re.compile(r"(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?|'s(?!\w)|[^\W_]+(?:'(?!s(?!\w))[^\W_]+)*")
"""A token, or an apostrophe and s, in a piece of text without blanks: "U.S.", "O'Brien", "2015"."""
_STOP = re.compile(r"[.!?…։۔؟]['\")\]]*\s|\n")
_STOP_MARKS = ".!?\n…։۔؟"
_ODD = re.compile(r"[^\x00-\x7f]")
_NO_WORD = re.compile(r"[^\w.' ]")
_BLANKED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "_.'")}
_FEW = 48
"""So many different characters are replaced one by one, each at the speed of a search; more are looked up singly."""


def fold(text: str) -> str:
    """Same-length folding of a text: the n-th character of the result stands for the n-th of the text."""
    if not text.isascii():
        odd = set(_ODD.findall(text))
        if len(odd) > _FEW:
            return text.translate(FOLD)
        for char in odd:  # no replacement is itself replaced, so that the order does not matter
            plain = FOLD.get(ord(char))
            if plain is not None:
                text = text.replace(char, plain)
    return text.replace("`", "'")


def _blanked(folded: str) -> str:
    """A folded text with a blank for every character that is in no token: all but letters, digits and _ . '"""
    if folded.isascii():
        return folded.translate(_BLANKED)
    for char in set(_NO_WORD.findall(folded)):
        folded = folded.replace(char, " ")
    return folded


def fold_name(name: str) -> str:
    """Folding of a name that is to be looked for: composed first, so that a decomposed spelling matches too."""
    return " ".join(fold(unicodedata.normalize("NFC", name)).split())


@dataclass(slots=True)
class Words:
    """Tokens of a text in order; `'s` is no token of its own but leaves its apostrophe in the gap."""

    start: list[int]
    end: list[int]
    form: list[str]


class Document:
    """A title and a text as one string, folded and cut up once.

    Attributes:
        text: `title + "\\n\\n" + text`, or `text` alone where there is no title.
        folded: Same-length folded copy of `text`.
        title_end: Length of the title, 0 where there is none.
        kinds: For each token what it is whatever the text, see `word_kinds`.
    """

    def __init__(self, title: str | None, text: str) -> None:
        self.text = f"{title}\n\n{text}" if title else text
        self.title_end = len(title) if title else 0
        self.folded = fold(self.text)
        self.words = _tokenise(self.folded)
        self.size = len(self.words.form)
        self.kinds = kinds_of(self.words.form)
        self._gap_starts, self._gap_ends = [0, *self.words.end], [*self.words.start, len(self.folded)]

    def gap(self, index: int) -> str:
        """Folded text between token `index` - 1 and token `index`; to the edge at the edges, empty beyond them."""
        return self.folded[self._gap_starts[index] : self._gap_ends[index]] if index <= self.size else ""

    @cached_property
    def capitals(self) -> list[int]:
        """Indices of the tokens that start with a capital letter."""
        kinds = self.kinds
        return [index for index in self._notable if kinds[index] & CAPITAL]

    @cached_property
    def not_small(self) -> list[int]:
        """Indices of the tokens that do not start with a small letter; scripts without capitals have no small ones."""
        kinds = self.kinds
        return [index for index in self._notable if not kinds[index] & SMALL]

    @cached_property
    def _notable(self) -> list[int]:
        """Indices of all tokens but the small words that no rule looks for, which are most."""
        return [index for index, kind in enumerate(self.kinds) if kind != SMALL]

    @cached_property
    def _marked(self) -> list[int]:
        kinds = self.kinds
        return [index for index in self._notable if kinds[index] >= MARKED]

    def marked(self, mark: int) -> list[int]:
        """Indices of the tokens that stand in a list of words; `mark` is what `word_kinds.mark` gave for it."""
        kinds = self.kinds
        return [index for index in self._marked if kinds[index] & mark]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All tokens."""
        return frozenset(self.words.form)

    def writes_small(self, word: str) -> bool:
        """Whether a word stands without its capital in this text."""
        small = word.lower()
        return small in self.vocabulary and small[:1].islower()

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
    def openers(self) -> list[int]:
        """Indices of the tokens that open a sentence (or a line), rising."""
        found = [0] if self.size else []
        starts, size, index, last = self.words.start, self.size, 0, 0
        for mark in _stops(self.folded):
            index = bisect_left(starts, mark, index)
            if last < index < size and self.opens(index):
                found.append(index)
                last = index
        return found

    def opens(self, index: int) -> bool:
        """Whether a token opens a sentence (or a line)."""
        if index == 0:
            return True
        gap, before = self.gap(index), self.words.form[index - 1]
        if before[-1] == ".":  # "U.S.", "J.": the stop was eaten by the token
            return "\n" in gap or (len(before) > 4 and self.words.form[index] in SENTENCE_OPENERS)
        if gap == ". ":
            return before not in ABBREVIATIONS and len(before) > 1
        if gap == " " or gap == ", ":
            return False
        if "\n" in gap:
            return True
        stopped = _STOP.search(gap + " ") is not None
        return stopped and not (gap[0] == "." and (before in ABBREVIATIONS or len(before) == 1))

    @cached_property
    def initial(self) -> list[bool]:
        """For each token, whether it opens a sentence (or a line). For a few tokens, `opens` is quicker."""
        flags = [False] * self.size
        for index in self.openers:
            flags[index] = True
        return flags

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Offsets at which sentences start, rising."""
        return [self.words.start[index] for index in self.openers]

    def sentence_of(self, offset: int) -> tuple[int, int]:
        """Start and end offset of the sentence that holds an offset."""
        return self.sentence(bisect_right(self.sentence_starts, offset))

    def sentence(self, number: int) -> tuple[int, int]:
        """Start and end offset of a sentence, the first of which is number 1; 0 is what stands before all words."""
        starts = self.sentence_starts
        begin = starts[number - 1] if number else 0
        return begin, starts[number] if number < len(starts) else len(self.text)

    @cached_property
    def lead_end(self) -> int:
        """End of the title and the first paragraph, the paragraph cut at 450 characters."""
        body = self.title_end
        while body < len(self.text) and self.text[body].isspace():
            body += 1
        stop = self.text.find("\n", body)
        return min(stop if stop >= 0 else len(self.text), body + 450)


def _stops(folded: str) -> list[int]:
    """Offsets of the marks that may end a sentence; a search for each is several times as quick as one for all."""
    found: list[int] = []
    for mark in _STOP_MARKS[:4] if folded.isascii() else _STOP_MARKS:
        at = folded.find(mark)
        while at >= 0:
            found.append(at)
            at = folded.find(mark, at + 1)
    found.sort()
    return found


def _tokenise(folded: str) -> Words:
    """Tokens of a folded text. Nearly all stand between two blanks; only the rest is looked at more closely."""
    starts: list[int] = []
    ends: list[int] = []
    forms: list[str] = []
    offset = 0
    for piece in _blanked(folded).split(" "):
        if piece.isalnum():
            starts.append(offset)
            offset += len(piece)
            ends.append(offset)
            forms.append(piece)
        elif piece:
            if piece[-1] == "." and piece[:-1].isalnum():
                starts.append(offset)
                ends.append(offset + len(piece) - 1)
                forms.append(piece[:-1])
            else:
                for match in _PART.finditer(piece):
                    form = match.group()
                    if form[0] != "'":
                        starts.append(offset + match.start())
                        ends.append(offset + match.end())
                        forms.append(form)
            offset += len(piece)
        offset += 1
    return Words(starts, ends, forms)
