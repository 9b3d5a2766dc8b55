"""Figures of the articles room: text and metadata of real pages, beside other extractors on the same pages.

Text: F1 of 4-word shingles, as scrapinghub/article-extraction-benchmark defines it. Title: equal after case, marks and
white space are folded. Date: the same calendar day, of pages whose gold has one. Authors: micro F1 of names, of pages
whose gold names people: no outlet, no desk, no account's name.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import statistics
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from schemas.records import Extracted, FeedEntry, Page
from schemas.versions import pipeline_version
from tests.card.measure import OURS, Measure

LATEST = datetime(2026, 11, 1, tzinfo=UTC)
_CREDENTIAL = re.compile(r"(?:[A-Z][A-Za-z]{0,2}\.?){1,4}®?(?:\s*\(.*\))?$")
_NO_PERSON = re.compile(
    r"(?i)\b(?:staff|team|editors?|editorial|desk|admin\w*|newsroom|department|hospital|care|inc|llc|press)\b"
)


@dataclass(frozen=True)
class Answer:
    """What one tool says of one page."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    day: str | None = None


@dataclass(frozen=True)
class Gold:
    """What people say of one page; None where they say nothing."""

    url: str
    text: str
    title: str | None = None
    authors: tuple[str, ...] = field(default=())
    day: str | None = None


Extractor = Callable[[bytes, str], Answer]


def ours(body: bytes, url: str) -> Answer:
    from transforms.articles.extract import extract_page

    entry = FeedEntry(key=url, source="card", url=url, feed_url="https://example.com/feed")
    found = extract_page(Page(entry, url, body, "text/html", None, 200, LATEST))
    if not isinstance(found, Extracted):
        return Answer()
    day = str(found.published_date) if found.published_date else None
    return Answer(found.text, found.title, found.authors, day)


def trafilatura(body: bytes, url: str) -> Answer:
    from trafilatura import bare_extraction

    found: Any = bare_extraction(body, with_metadata=True)
    if found is None:
        return Answer()
    return Answer(found.text or "", found.title, tuple((found.author or "").split("; ")), found.date)


def readability(body: bytes, url: str) -> Answer:
    from lxml.html import fromstring
    from readability import Document

    document = Document(body.decode("utf-8", errors="replace"))
    try:
        return Answer(fromstring(document.summary()).text_content(), document.short_title())
    except Exception:  # it raises bare errors of its own and of lxml's on pages that it cannot read
        return Answer()


def newspaper(body: bytes, url: str) -> Answer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for nltk, which is needed for summaries alone
        from newspaper import Article

    article = Article(url, fetch_images=False)
    try:
        article.download(input_html=body.decode("utf-8", errors="replace"))
        article.parse()
    except Exception:  # as above
        return Answer()
    day = article.publish_date
    return Answer(article.text, article.title, tuple(article.authors), str(day)[:10] if day else None)


RIVALS: dict[str, tuple[str, Extractor]] = {
    "trafilatura": ("trafilatura", trafilatura),
    "readability-lxml": ("readability-lxml", readability),
    "newspaper4k": ("newspaper4k", newspaper),
}


def versions(*, rivals: bool) -> dict[str, str]:
    """Version of each tool that takes part."""
    return {OURS: pipeline_version()} | (
        {name: version(package) for name, (package, _) in RIVALS.items()} if rivals else {}
    )


def measures(bench: Path, *, rivals: bool) -> Iterator[Measure]:
    """All figures of the room.

    Args:
        bench: Folder of the bench material.
        rivals: Measure the other extractors too.
    """
    body, meta = scorer(bench, "eval_body"), scorer(bench, "eval_meta")
    tools: dict[str, Extractor] = {OURS: ours} | ({name: tool for name, (_, tool) in RIVALS.items()} if rivals else {})
    for material, folder, golds in (
        ("aeb", bench / "aeb", aeb(bench)),
        ("wcxb-dev", bench / "wcxb" / "dev", wcxb(bench)),
    ):
        pages = {key: gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()) for key in golds}
        answers = {by: {key: tool(page, golds[key].url) for key, page in pages.items()} for by, tool in tools.items()}
        shares = {
            by: [body.tpfpfn(golds[key].text, said.text) for key, said in each.items()] for by, each in answers.items()
        }
        yield Measure("articles", "text, F1 of 4-word shingles", material, shingle_f1, shares)
        telling = {by: each for by, each in answers.items() if by != "readability-lxml"}
        if any(gold.title for gold in golds.values()):
            yield Measure("articles", "title, exact", material, statistics.mean, _hits(golds, answers, "title", meta.N))
            yield Measure("articles", "date, same day", material, statistics.mean, _hits(golds, telling, "day", str))
            yield Measure("articles", "authors, F1", material, name_f1, _names(golds, telling, meta.names))


def shingle_f1(shares: Sequence[tuple[float, float, float]]) -> float:
    """F1 of the mean precision and the mean recall of pages, each page's counts given as shares."""
    precise = [tp / (tp + fp) if tp + fp else 1.0 for tp, fp, fn in shares if tp + fp > 0 or fn == 0]
    recalled = [tp / (tp + fn) if tp + fn else 1.0 for tp, fp, fn in shares if tp + fn > 0 or fp == 0]
    p, r = statistics.mean(precise or [0.0]), statistics.mean(recalled or [0.0])
    return 2 * p * r / (p + r) if p + r else 0.0


def name_f1(counts: Sequence[tuple[int, int, int]]) -> float:
    """Micro F1 of pages, each with the numbers of names that are right, that were given and that are in the gold."""
    right, given, gold = (sum(count[i] for count in counts) for i in range(3))
    return 2 * right / (given + gold) if given + gold else 0.0


def _hits(golds: dict[str, Gold], answers: dict[str, dict[str, Answer]], what: str, form: Any) -> dict[str, list[int]]:
    known = {key: form(value) for key, gold in golds.items() if (value := getattr(gold, what))}
    return {
        by: [int(form(getattr(each[key], what) or "") == value) for key, value in known.items()]
        for by, each in answers.items()
    }


def _names(golds: dict[str, Gold], answers: dict[str, dict[str, Answer]], form: Any) -> dict[str, list[Any]]:
    known = {key: form(gold.authors) for key, gold in golds.items() if gold.authors}
    return {
        by: [
            (len(form(each[key].authors) & wanted), len(form(each[key].authors)), len(wanted))
            for key, wanted in known.items()
        ]
        for by, each in answers.items()
    }


def aeb(bench: Path) -> dict[str, Gold]:
    """News pages with gold text."""
    truths = json.loads((bench / "aeb" / "ground-truth.json").read_text(encoding="utf-8"))
    return {
        key: Gold(each.get("url") or "https://example.com/a", each["articleBody"])
        for key, each in sorted(truths.items())
    }


def wcxb(bench: Path) -> dict[str, Gold]:
    """Article pages, blogs and guides among them, with gold text, title, authors and date."""
    golds = {}
    for path in sorted((bench / "wcxb" / "dev" / "ground-truth").glob("*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        truth = page["ground_truth"]
        golds[path.stem] = Gold(
            page["url"],
            truth["main_content"],
            truth["title"],
            people(truth["author"], page["url"]),
            truth["publish_date"],
        )
    return golds


def people(signed: str | None, url: str) -> tuple[str, ...]:
    """Names of people in a gold byline, without their degrees; empty where an outlet, a desk or an account signs."""
    names = [part.strip() for part in re.split(r";|,|\||\band\b|&", signed or "")]
    names = [name for name in names if name and not _CREDENTIAL.match(name)]
    site = re.sub(r"\W", "", url.split("/")[2] if "//" in url else "").lower()
    odd = [n for n in names if n == n.lower() or _NO_PERSON.search(n) or re.sub(r"\W", "", n).lower() in site]
    return () if odd else tuple(names)


def scorer(bench: Path, name: str) -> ModuleType:
    """A scorer of the bench material."""
    spec = importlib.util.spec_from_file_location(name, bench / "score" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
