"""HTML page to article text and metadata, from one parse.

trafilatura's own rules do the extraction. Its comparison with readability and jusText triples the cost and changes few
pages, not always for the better; it is asked only where its own rules find little and leave most of the page out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from lxml.etree import LxmlError, strip_elements, tostring
from lxml.html import fragment_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.articles.blockpage import BLOCK_KINDS, MAX_TEXT_CHARS, block_kind
from transforms.articles.boilerplate import is_marked_teaser, is_prompt
from transforms.articles.credit import credit_in_notes
from transforms.articles.ends import Said, Signs, trim
from transforms.articles.metadata import Metadata, read_metadata
from transforms.articles.parse import parse_html
from transforms.articles.parts import join_parts
from transforms.articles.region import find_region

EXTRACTOR = f"trafilatura-{version('trafilatura')}"

MIN_TEXT_CHARS = 80
"""Below this a page has no article text; a short brief of one sentence is longer."""

MIN_SHARE = 0.65
"""Share of the page's running text that an extraction should reach, else the next path is tried. Measured on 431 pages
with gold text: .5 to .8 give the same within .002 F1."""

ENOUGH_CHARS = 1200
"""An extraction this long is kept whatever its share: what it leaves out is then other stories and comments. Measured
on the same pages: of 21 longer ones below the share a later path bettered none by more than .006 F1, of 11 shorter
ones 8."""

# Elements that hold no text of an article. trafilatura drops them too, but only after copying and searching the whole.
# Not here: `source`, `track`, `video` and the like, which libxml2 lets swallow what follows where they are not closed.
_SILENT = ("script", "style", "svg", "iframe")
_MARGINS = ("nav", "footer", "select", "template", "datalist")
_MARGIN_SHARE = 0.5  # a margin that holds more of the page's text than this is the page, in broken markup

# trafilatura drops what Python calls unprintable. The zero-width (non-)joiner is, yet Persian, Pashto, Urdu and the
# scripts of India are misspelt without it: cuneiform punctuation stands in for it meanwhile.
_HIDE = {0x200C: "\U00012470", 0x200D: "\U00012471"}
_SHOW = {ord(sign): chr(code) for code, sign in _HIDE.items()}

_BODY_CHARS = 1000  # a JSON-LD articleBody shorter than this is often only a teaser
_BODY_RATIO = 1.5

# Both leave out comments; the first is without the comparisons, and keeps what its rules are unsure of.
_RULES = Extractor(output_format="python", comments=False, recall=True, fast=True)
_CASCADE = Extractor(output_format="python", comments=False)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # discarded pages leave as our own Problems
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class PageContent:
    """Text of the article, the name of the path that found it, the page's metadata, and the agency it credits."""

    text: str
    extractor: str
    metadata: Metadata
    wire_credit: str | None


def read_page(markup: str, *, url: str, fetched_at: datetime) -> PageContent | Problem:
    """Extract text and metadata of an HTML page.

    Args:
        markup: The page, decoded.
        url: Its address after redirects.
        fetched_at: Bound for dates.

    Returns:
        The content, or NO_TEXT or BLOCK_PAGE.
    """
    tree = parse_html(markup)
    if tree is None:
        return Problem(Reason.NO_TEXT, f"The page at {url} could not be parsed as HTML.")
    metadata = read_metadata(tree, url=url, fetched_at=fetched_at)
    visible = _strip(tree)
    _unfold(tree)
    signs = Signs.of(tree)
    joined = not visible.isascii() and any(chr(code) in visible for code in _HIDE)
    if joined:
        _translate(tree, _HIDE)
    text, extractor = _text(tree, metadata.body)
    if len(text) <= MAX_TEXT_CHARS:
        kind = block_kind(metadata.page_title, text, " ".join("".join(tree.itertext()).split()), markup)
        if kind is not None:
            return Problem(
                Reason.BLOCK_PAGE,
                f"The page at {url}, titled {metadata.page_title!r}, is a {BLOCK_KINDS[kind]}, not an article.",
            )
    said = Said(
        tuple(filter(None, (metadata.title, metadata.page_title))), metadata.authors, metadata.language, fetched_at
    )
    raw = text.translate(_SHOW) if joined else text
    kept = trim(clean_lines(raw), signs, said)
    text = "\n".join(kept)
    if len(text) < MIN_TEXT_CHARS:
        return Problem(
            Reason.NO_TEXT,
            f"Only {len(text)} characters of article text were found at {url}: at least {MIN_TEXT_CHARS} are asked. "
            "A page built by scripts in the browser cannot be read.",
        )
    credit = metadata.wire_credit or credit_in_notes(_cut(raw, kept))
    return PageContent(text, extractor, metadata, credit)


def _cut(raw: str, kept: list[str]) -> Iterator[str]:
    """Lines of a text that were not kept."""
    left = set(kept)
    return (line for each in raw.splitlines() if (line := " ".join(each.split())) and line not in left)


def clean_lines(text: str) -> list[str]:
    """Lines of a text, white space folded, without prompts and marked teasers."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line and not is_prompt(line) and not is_marked_teaser(line)]


def _strip(tree: Any) -> str:
    """Take scripts and margins out of the tree: trafilatura copies it several times over. Gives the text they left."""
    strip_elements(tree, *_SILENT, with_tail=False)
    text = _text_of(tree)
    for tag in _MARGINS:
        if sum(len(_text_of(node)) for node in tree.iter(tag)) <= _MARGIN_SHARE * len(text):
            strip_elements(tree, tag, with_tail=False)
    return text


def _unfold(tree: Any) -> None:
    """Make plain divisions of what folds out: extractors take some names that it bears for those of a menu."""
    for fold in tree.iter("details"):
        for question in fold.iterchildren("summary"):
            question.tag = "p"
        fold.tag = "div"
        fold.attrib.clear()


def _translate(tree: Any, table: dict[int, str]) -> None:
    for node in tree.iter():
        if node.text and not node.text.isascii():
            node.text = node.text.translate(table)
        if node.tail and not node.tail.isascii():
            node.tail = node.tail.translate(table)


def _text_of(node: Any) -> str:
    return str(tostring(node, method="text", encoding="unicode", with_tail=False))


def _text(tree: Any, body: str | None) -> tuple[str, str]:
    """Text of the page, and the name of the path that found it.

    trafilatura's rules are asked about the part of the page that holds its running text; where they find little of it,
    about the whole page, and then its full cascade, which is asked too where all that they give is one heap of words;
    JSON-LD where it gives clearly more.
    """
    region = find_region(tree)
    text, extractor = "", EXTRACTOR
    if region.tree is not None:
        text, extractor = _trafilatura(region.tree, _RULES), f"{EXTRACTOR}+region"
        if len(text) < MIN_SHARE * region.chars and join_parts(region.tree, len(text)):
            joined = _trafilatura(region.tree, _RULES)
            if len(joined) > len(text):
                text, extractor = joined, f"{EXTRACTOR}+parts"
    if _is_little(text, region.chars):
        text, extractor = _trafilatura(tree, _RULES), EXTRACTOR
    if _is_little(text, region.paragraph_chars) or _is_heap(text):
        full = _trafilatura(tree, _CASCADE)
        if betters(full, text):
            text, extractor = full, f"{EXTRACTOR}+cascade"
    if body and len(body) > _BODY_RATIO * len(text) and (len(body) >= _BODY_CHARS or not text):
        plain = _without_markup(body)
        if len(plain) > _BODY_RATIO * len(text):
            return plain, "jsonld-articlebody"
    return text, extractor


def _is_little(text: str, chars: int) -> bool:
    """True for a text that is short, by itself and beside the running text of its page."""
    return len(text) < ENOUGH_CHARS and len(text) < max(MIN_TEXT_CHARS, MIN_SHARE * chars)


def betters(full: str, text: str) -> bool:
    """True for a text that is longer than another, or that has lines and most of its length where that is a heap."""
    parted = _is_heap(text) and "\n" in full and len(full) >= MIN_SHARE * len(text)
    return len(full) > len(text) or parted


def _is_heap(text: str) -> bool:
    """True for a long text in one line: the last resort of trafilatura's rules, all that a page says in a row."""
    return len(text) >= ENOUGH_CHARS and "\n" not in text


def _trafilatura(tree: Any, options: Extractor) -> str:
    """One run of trafilatura; the tree is not changed."""
    try:
        found: Any = bare_extraction(tree, options=options)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, AssertionError, RecursionError, LxmlError):
        return ""  # what its heuristics trip over is left to the next path
    return (found.text or "") if found is not None else ""


def _without_markup(body: str) -> str:
    if "<" not in body:
        return body
    try:
        root = fragment_fromstring(body, create_parent="div")
    except (ValueError, LxmlError):
        return ""
    for node in root.iter("p", "br", "div", "li", "h2", "h3"):
        node.tail = "\n" + (node.tail or "")
    return "".join(root.itertext())
