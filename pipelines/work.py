"""The work on one page that needs a processor: extraction, tagging, signing. Runs in a worker process, without Beam.

The libraries are imported where they are used: the process that only hands pages out never loads them, which spares it
most of a second and a hundred megabytes.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.outcomes import Reason, Stage
from schemas.records import Article, Failure, Lost, Page, Problem
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.coding import encode
from transforms.failures import covered_failure
from transforms.pages.page import stands_in_for
from transforms.pool import PoolRules, cores, shared_pool

if TYPE_CHECKING:
    from transforms.tags.tagger import Tagger

PRELOAD = (
    "transforms.articles.article",
    "transforms.articles.extract",
    "transforms.tags.tagger",
    "pipelines.loaded",
    "transforms.stories.sign",
)
"""Modules that a worker process loads before its first page."""


def local_pool() -> PoolRules:
    """The worker processes of a run on this machine: one per core."""
    return PoolRules(cores(), preload=("pipelines.work", *PRELOAD))


def warm_up(rules: PoolRules, packs: tuple[Path, ...] | None) -> None:
    """Has the pool's workers started and their taggers loaded while the caller goes on; returns at once.

    What goes wrong there shows when there is work: a pack that cannot be read is found by the caller itself.
    """
    if rules.workers:
        threading.Thread(target=_warm_up, args=(rules, packs), daemon=True, name="newsbeam-warm-up").start()


def _warm_up(rules: PoolRules, packs: tuple[Path, ...] | None) -> None:
    pool = shared_pool(rules)
    with suppress(RuntimeError):  # the run has ended before its workers began
        for _ in range(rules.workers):
            pool.submit(_load, packs)


def _load(packs: tuple[Path, ...] | None) -> None:
    shared_tagger(packs)


@dataclass(frozen=True, slots=True)
class Covered:
    """An article (Signed, coded) whose text is the feed's own, and the row that tells what happened to its page."""

    signed: bytes
    failure: Failure


@lru_cache(maxsize=4)
def shared_tagger(packs: tuple[Path, ...] | None) -> Tagger:
    """The process's tagger for these packs (None: the shipped ones); it is large and loaded once."""
    from transforms.tags.tagger import Tagger

    return Tagger.load(packs)


def make_article(
    page: Page, packs: tuple[Path, ...] | None, now: datetime, publishers: Path | None = None
) -> bytes | Covered | Lost:
    """The tagged and signed article of a page (Signed, coded), or why there is none. Raises nothing.

    Where the page holds no article, the feed's own words are taken.
    """
    made = _make(page, packs, now, publishers)
    if not isinstance(made, Lost) or page.lost is not None:
        return made
    instead = stands_in_for(page.entry, replace(made, archive_ref=page.archive_ref), page.fetched_at)
    return made if instead is None else _make(instead, packs, now, publishers)


def _make(page: Page, packs: tuple[Path, ...] | None, now: datetime, publishers: Path | None) -> bytes | Covered | Lost:
    from transforms.articles.article import build_article
    from transforms.articles.extract import extract_page
    from transforms.stories.sign import sign

    stage = Stage.EXTRACT
    try:
        found = extract_page(page)
        if isinstance(found, Problem):
            return page.lost or Lost(stage, found)
        article = with_family(build_article(page, found, now=now), publishers)
        stage = Stage.TAG
        signed = encode(sign(tag_article(article, shared_tagger(packs))))
        return (
            Covered(signed, covered_failure(article, page.entry, page.lost, page.fetched_at)) if page.lost else signed
        )
    except Exception as error:  # one page must not end the run, whatever a parser makes of it
        return Lost(stage, Problem(Reason.STAGE_ERROR, f"{stage} raised {type(error).__name__}: {error}"[:500]))


def with_family(article: Article, publishers: Path | None) -> Article:
    """The article with its publisher's family: as the feed list says, else by its address or its source."""
    from transforms.articles.canonical import registrable_domain
    from transforms.stories.publishers import family_of, load_families

    if article.publisher_family is not None:
        return article
    names = (registrable_domain(article.canonical_url), article.source)
    return replace(article, publisher_family=family_of(load_families(publishers), names))


def tag_article(article: Article, tagger: Tagger) -> Article:
    """The article with its tags."""
    tags = tagger.tag(
        article.title,
        article.text,
        language=article.language,
        published=article.published_date,
        source=article.source,
    )
    return replace(
        article,
        places=tags.places,
        actors=tags.actors,
        quotes=tags.quotes,
        links=tags.links,
        countries=tags.countries,
        regions=tags.regions,
        region=tags.region,
        pack_version=tags.pack_version,
        tag_rules=tags.tag_rules,
    )


def tagger_version(packs: tuple[Path, ...] | None) -> str:
    """The `pack_version` of rows that these packs tag."""
    return shared_tagger(packs).pack_version


def retag_article(article: Article, packs: tuple[Path, ...] | None, now: datetime) -> Article:
    """The article as it is stored, with tags made anew by this version of newsbeam."""
    return replace(
        tag_article(article, shared_tagger(packs)),
        processed_at=now,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )
