"""Extraction alone beside trafilatura alone, page by page in turn, and where the time goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.bench.measure import spread
from tests.bench.pages import real_pages

ROUNDS = 3
# What is timed by name; the rest of extract_page is "other".
STAGES = {
    "transforms.articles.extract": ("decode", "identify"),
    "transforms.articles.html": ("parse_html", "read_metadata", "_strip", "_text", "clean_lines", "trim"),
}


def extraction() -> None:
    """Text and all metadata, in one process; the clock is the processor's."""
    import trafilatura

    from schemas.records import FeedEntry, Page
    from transforms.articles.extract import extract_page

    url = "https://example.com/a"
    entry = FeedEntry(key="k", source="bench", url=url, feed_url="https://example.com/feed")
    now = datetime.now(UTC)
    pages = [Page(entry, url, body, "text/html", None, 200, now) for body in real_pages()]
    spent: dict[str, float] = {}
    for page in pages[:3]:  # models and patterns are loaded
        extract_page(page)
        trafilatura.bare_extraction(page.body, with_metadata=True)
    _time_stages(spent)
    ratios = []
    for number in range(ROUNDS):
        ours = bare = 0.0
        for page in pages:
            begin = time.process_time()
            extract_page(page)
            between = time.process_time()
            trafilatura.bare_extraction(page.body, with_metadata=True)
            ours, bare = ours + between - begin, bare + time.process_time() - between
        ratios.append(bare / ours)
        spent["all"] = spent.get("all", 0.0) + ours
        print(
            f"round {number + 1}: text and metadata {len(pages) / ours:.1f} pages/s, bare trafilatura with metadata"
            f" {len(pages) / bare:.1f} pages/s, ratio {bare / ours:.2f}",
            flush=True,
        )
    print(f"text and metadata / bare trafilatura with metadata: {spread(ratios)} (asked: 2 or more)")
    total = spent.pop("all")
    spent["other"] = total - sum(spent.values())
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        each = 1000 * seconds / (ROUNDS * len(pages))
        print(f"  {name.strip('_'):14} {each:6.2f} ms a page, {seconds / total:4.0%}", flush=True)


def _time_stages(spent: dict[str, float]) -> None:
    import importlib

    for module_name, functions in STAGES.items():
        module = importlib.import_module(module_name)
        for name in functions:
            setattr(module, name, _timed(name, getattr(module, name), spent))


def _timed(name: str, work: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return work(*arguments, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - begin

    return timed
