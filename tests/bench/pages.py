"""The material: real pages as they are, and as many more as are wanted, made of them."""

from __future__ import annotations

import gzip
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY_EVERY = 5
"""Every fifth page repeats the words of the one before but for a sentence, as syndicated copies do."""

_PARAGRAPH = re.compile(rb"<p[\s>].*?</p>", re.DOTALL | re.IGNORECASE)
_WORDS = re.compile(rb">[^<]+")
_COMMON = re.compile(rb"\b[a-z]{4,}\b")
_TITLE = re.compile(rb"<title.*?</title>", re.DOTALL | re.IGNORECASE)


def bench_dir() -> Path:
    folder = Path(os.environ.get("NEWSBEAM_BENCH", ROOT.parent / "shared" / "bench"))
    if not (folder / "aeb" / "html").is_dir():
        sys.exit(f"no bench material at {folder}: set NEWSBEAM_BENCH to the folder that holds it")
    return folder


@cache
def real_pages() -> list[bytes]:
    return [gzip.decompress(p.read_bytes()) for p in sorted((bench_dir() / "aeb" / "html").glob("*.html.gz"))]


def write_pages(folder: Path, pages: Sequence[bytes]) -> None:
    folder.mkdir()
    for number, page in enumerate(pages):
        (folder / f"{number:05}.html").write_bytes(page)


def write_many(folder: Path, count: int, *, compact: bool = False) -> None:
    """Writes `count` pages, each an article of its own: real markup, names and lengths, common words shuffled.

    Args:
        compact: Only title and paragraphs of a page: some kilobytes, quick to extract, the same rows.
    """
    sources = sorted(real_pages(), key=len)[: len(real_pages()) * 4 // 5]
    if compact:
        sources = [page for page in map(_compact, sources) if page]
    common = _vocabulary(sources)
    folder.mkdir()
    for number in range(count):
        seed = number - 1 if number % COPY_EVERY == COPY_EVERY - 1 else number
        page = _shuffled(sources[seed % len(sources)], random.Random(seed), common)
        (folder / f"{number:05}.html").write_bytes(_marked(page, number))


def _compact(page: bytes) -> bytes | None:
    title, paragraphs = _TITLE.search(page), _PARAGRAPH.findall(page)
    if title is None or sum(map(len, paragraphs)) < 1_000:
        return None
    return b"<html><head>%b</head><body><article>%b</article></body></html>" % (title[0], b"\n".join(paragraphs))


def _vocabulary(pages: Sequence[bytes]) -> list[bytes]:
    found = Counter(word for page in pages for p in _PARAGRAPH.findall(page) for word in _COMMON.findall(p))
    return [word for word, _ in found.most_common(3_000)]


def _shuffled(page: bytes, choice: random.Random, common: Sequence[bytes]) -> bytes:
    """The page with every longer word in small letters replaced: names, and so the tags, stay."""

    def words(text: re.Match[bytes]) -> bytes:
        return _COMMON.sub(lambda _: choice.choice(common), text[0])

    return _PARAGRAPH.sub(lambda paragraph: _WORDS.sub(words, paragraph[0]), page)


def _marked(page: bytes, number: int) -> bytes:
    """The page with a sentence of its own at the end of its longest paragraph."""
    longest = max(_PARAGRAPH.findall(page), key=len, default=b"</p>")
    return page.replace(longest, longest[: -len(b"</p>")] + b" Reported by desk number %d.</p>" % number, 1)
