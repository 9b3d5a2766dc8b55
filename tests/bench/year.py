"""An invented year of articles: values drawn as news has them, the same whenever they are drawn again.

Few sources bring most articles, few actors are in most of them, each region has its own; most articles come within the
hour, some months late; a text is some 200 bytes. A day is made by itself, so that memory does not grow with the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from schemas.records import Actor, ActorMention, CountryScore, Place, RegionScore
from schemas.tables import ARTICLES, to_arrow
from tests.factories import article

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
SATURDAY = 5
MODELS = 20_000
HEX = 32
REGIONS = {
    "none": 0.21,
    "eastern-europe": 0.13,
    "western-asia": 0.12,
    "southern-asia": 0.11,
    "northern-america": 0.10,
    "eastern-asia": 0.08,
    "western-europe": 0.08,
    "northern-africa": 0.05,
    "south-eastern-asia": 0.04,
    "central-asia": 0.03,
    "fergana-valley": 0.025,
    "tajik-afghan-border": 0.025,
}
LANGUAGES = {"en": 0.55, "ru": 0.2, "fa": 0.1, "ps": 0.06, "tg": 0.05, "uz": 0.04}
COUNTRIES = ("TJ", "AF", "UZ", "KG", "RU", "UA", "IR", "PK", "IN", "CN", "US", "DE", "EG", "VN")


def _zipf(count: int) -> np.ndarray:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Year:
    """A year of some number of articles in all.

    Attributes:
        articles: How many; each day has its share, at weekends less.
    """

    articles: int

    def day(self, number: int) -> pa.Table:
        """The rows of one day, in the order in which they came in."""
        chance = np.random.default_rng([7, number])
        start = START + timedelta(days=number)
        count = round(self.articles / DAYS * (0.65 if start.weekday() >= SATURDAY else 1.14))
        data = self._models.take(pa.array(chance.integers(0, MODELS, count)))
        return self._as_of_its_own(data, start, chance)

    def _as_of_its_own(self, data: pa.Table, start: datetime, chance: Generator) -> pa.Table:
        """Models with ids, times, addresses and words that no other row has."""
        count = len(data)
        fetched = start.timestamp() * 1e6 + np.sort(chance.integers(0, 86_400_000_000, count))
        late = np.where(chance.random(count) < 0.03, 86_400e6 * chance.integers(1, 120, count), 0)
        published = fetched - late - chance.lognormal(np.log(40 * 60e6), 1.0, count)
        published -= published % 60e6
        unknown = chance.random(count) < 0.04
        numbers = chance.integers(10**6, 10**8, count).astype(str)
        titles = self._words(chance, count, 6, 12)
        urls = pc.binary_join_element_wise(
            "https://", data["source"], "/news/", pc.replace_substring(titles, " ", "-"), "-", numbers, ""
        )
        texts = self._words(chance, count, 25, 46)
        dates = pa.array(published.astype("int64"), pa.int64(), mask=unknown)
        stamps = dates.cast(pa.timestamp("us", "UTC"))
        fresh: dict[str, object] = {
            **{name: _hashes(chance, count) for name in ("row_id", "article_id", "content_hash", "story_id")},
            **dict.fromkeys(("url", "canonical_url", "guid"), urls),
            "title": titles,
            "text": texts,
            "fetched_at": pa.array(fetched.astype("int64")).cast(pa.timestamp("us", "UTC")),
            "processed_at": pa.array((fetched + 2e6).astype("int64")).cast(pa.timestamp("us", "UTC")),
            "published_at": stamps,
            "published_date": stamps.cast(pa.date32()),
            "published_raw": pc.strftime(stamps, "%Y-%m-%dT%H:%M:00Z"),
            "word_count": pc.add(pc.count_substring(texts, " "), 1).cast(pa.int32()),
        }
        return pa.table({name: fresh.get(name, data[name]) for name in ARTICLES.schema.names}, schema=ARTICLES.schema)

    def _words(self, chance: Generator, count: int, least: int, most: int) -> pa.Array:
        """Texts of so many words."""
        lengths = chance.integers(least, most, count)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        # Few words make up most of a text: a draw is squared twice.
        picked = (len(self._vocabulary) * chance.random(offsets[-1]) ** 4).astype("int32")
        words = self._vocabulary.take(pa.array(picked))
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words), " ")

    @cached_property
    def _vocabulary(self) -> pa.Array:
        chance = np.random.default_rng(1)
        syllables = [a + b for a in "bdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]
        counts = chance.integers(1, 4, 30_000)
        return pa.array(["".join(chance.choice(syllables, n)) for n in counts])

    @cached_property
    def _models(self) -> pa.Table:
        chance = np.random.default_rng(2)
        regions = chance.choice(list(REGIONS), MODELS, p=list(REGIONS.values()))
        languages = chance.choice(list(LANGUAGES), MODELS, p=list(LANGUAGES.values()))
        sources = chance.choice(400, MODELS, p=_zipf(400))
        rows = [
            replace(
                article(region=str(region)),
                source=f"paper{source:03}.example",
                feed_url=f"https://paper{source:03}.example/rss.xml",
                language=str(language),
                authors=(f"Author {chance.integers(0, 2_000)}",) if chance.random() < 0.4 else (),
                places=_places(chance, str(region)),
                actors=_actors(chance, str(region)),
                countries=tuple(CountryScore(str(c), 0.5) for c in chance.choice(COUNTRIES, 2, replace=False)),
                regions=(RegionScore(str(region), 0.8),),
                extractor="html-1",
            )
            for region, language, source in zip(regions, languages, sources, strict=True)
        ]
        unsorted = to_arrow(ARTICLES, rows)
        return unsorted.take(pa.array(chance.permutation(MODELS)))


def _hashes(chance: Generator, count: int) -> list[str]:
    drawn = chance.bytes(count * HEX // 2).hex()
    return [drawn[at : at + HEX] for at in range(0, len(drawn), HEX)]


def actor_of(region: str, rank: int) -> str:
    """The id of the actor who is the so-many-th often named in a region."""
    return f"{region}-actor-{rank}"


def _actors(chance: Generator, region: str) -> tuple[Actor, ...]:
    ranks: Sequence[int] = sorted({int(rank) for rank in chance.choice(300, chance.poisson(3), p=_zipf(300))})
    return tuple(
        Actor(
            actor_of(region, rank),
            f"Actor {rank} of {region}",
            "government" if rank % 3 else "armed_group",
            COUNTRIES[rank % len(COUNTRIES)],
            None,
            ("GOV",),
            score=round(float(chance.random()), 2),
            mentions=tuple(
                ActorMention(int(at), int(at) + 12, f"Actor {rank}", "alias")
                for at in chance.integers(0, 200, 1 + chance.geometric(0.6))
            ),
        )
        for rank in ranks
    )


def _places(chance: Generator, region: str) -> tuple[Place, ...]:
    ranks = chance.choice(500, chance.poisson(4), p=_zipf(500))
    return tuple(
        Place(
            int(at),
            int(at) + 10,
            f"Place {rank}",
            f"Place {rank} of {region}",
            f"gn:{1_000_000 + int(rank) + 500 * list(REGIONS).index(region)}",
            "city",
            "literal",
            COUNTRIES[int(rank) % len(COUNTRIES)],
            None,
            round(int(rank) * 0.1, 3),
            round(60 + int(rank) * 0.1, 3),
            round(float(chance.random()), 2),
            "name",
        )
        for rank, at in zip(ranks, chance.integers(0, 200, len(ranks)), strict=True)
    )
