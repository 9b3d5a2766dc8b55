"""Measured floors on real pages, each beside plain trafilatura in the same run."""

from __future__ import annotations

import gzip
import importlib.util
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from trafilatura import bare_extraction

from schemas.outcomes import Reason
from schemas.records import Extracted, FeedEntry, Page, Problem
from transforms.articles.extract import extract_page

pytestmark = pytest.mark.slow

LATEST = datetime(2026, 11, 1, tzinfo=UTC)


def scorer(bench_dir: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, bench_dir / "score" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages_of(folder: Path, url_of: Callable[[str], str]) -> dict[str, Page]:
    pages = {}
    for path in sorted((folder / "html").glob("*.html.gz")):
        key = path.name.split(".")[0]
        url = url_of(key)
        entry = FeedEntry(key=key, source="bench", url=url, feed_url="https://example.com/feed")
        pages[key] = Page(entry, url, gzip.decompress(path.read_bytes()), "text/html", None, 200, LATEST)
    return pages


@dataclass(frozen=True)
class Run:
    """Results of both sides over the same pages, and the processor seconds of each."""

    gold: dict[str, Any]
    found: dict[str, Extracted | Problem]
    bare: dict[str, str]
    seconds: float
    bare_seconds: float


@pytest.fixture(scope="module")
def run(bench_dir: Path) -> Run:
    gold = json.loads((bench_dir / "aeb" / "ground-truth.json").read_text(encoding="utf-8"))
    pages = pages_of(bench_dir / "aeb", lambda key: gold[key].get("url") or "https://example.com/a")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    first = next(iter(pages.values()))
    extract_page(first)  # models and patterns are loaded once, in whichever process
    bare_extraction(first.body, with_metadata=True)
    found, bare, seconds, bare_seconds = {}, {}, 0.0, 0.0
    for key, page in pages.items():
        began = time.process_time()
        found[key] = extract_page(page)
        between = time.process_time()
        document: Any = bare_extraction(page.body, with_metadata=True)
        bare_seconds += time.process_time() - between
        seconds += between - began
        bare[key] = document.text if document is not None else ""
    return Run(gold, found, bare, seconds, bare_seconds)


def test_body_is_no_worse_than_plain_trafilatura(bench_dir: Path, run: Run) -> None:
    score = scorer(bench_dir, "eval_body").score
    ours = score(run.gold, {key: getattr(found, "text", "") for key, found in run.found.items()})
    theirs = score(run.gold, run.bare)
    assert ours["f1"] >= theirs["f1"]
    assert ours["f1"] >= 0.968
    assert ours["empty"] == 0


def test_text_and_metadata_cost_less_than_plain_trafilatura(run: Run) -> None:
    ratio = run.bare_seconds / run.seconds
    assert ratio >= 1.5, f"{ratio:.2f} times the pages per second of the bare loop: at least 1.5 are promised"


@pytest.fixture(scope="module")
def mixed(bench_dir: Path) -> tuple[dict[str, Any], dict[str, Extracted | Problem]]:
    """Gold title and date of the second set of pages, blogs among them, and what we find in them."""
    folder = bench_dir / "wcxb" / "dev"
    truths = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (folder / "ground-truth").glob("*.json")
    }
    found = {key: extract_page(page) for key, page in pages_of(folder, lambda key: str(truths[key]["url"])).items()}
    gold = {
        key: {"title": truth["ground_truth"]["title"], "published": truth["ground_truth"]["publish_date"]}
        for key, truth in truths.items()
    }
    return gold, found


def test_no_real_page_is_taken_for_a_block_page(run: Run, mixed: tuple[Any, dict[str, Extracted | Problem]]) -> None:
    results = [*run.found.values(), *mixed[1].values()]
    assert not [found for found in results if isinstance(found, Problem) and found.reason is Reason.BLOCK_PAGE]


def test_titles_and_dates(bench_dir: Path, mixed: tuple[dict[str, Any], dict[str, Extracted | Problem]]) -> None:
    gold, found = mixed
    given = {
        key: {"title": getattr(each, "title", None), "published": getattr(each, "published_date", None)}
        for key, each in found.items()
    }
    figures = scorer(bench_dir, "eval_meta").score(gold, given)
    assert figures["title"] >= 0.85
    assert figures["date"] >= 0.84
