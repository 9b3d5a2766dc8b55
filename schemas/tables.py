"""The tables of the dataset: every column's name, type and meaning. This module is the contract.

A column may be added (nullable), never renamed, retyped or removed; `SCHEMA_VERSION` rises with it. The codebook,
the views and the Arrow schemas are all made from here. Nested types are real structs, never JSON strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import pyarrow as pa

from schemas import records
from schemas.arrays import array_of

PARTITION = "ingest_date"
"""Partition column of every table: a UTC date. It exists only in the path, never inside a file.

In `articles` it is the day. In the small tables it is the first day of the month, as a file per day for each of them
would leave a reader with more than a thousand files a year that hold next to nothing; the views show the day there too.
"""

_TIME = pa.timestamp("us", tz="UTC")
_STRING = pa.string()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `doc` is its line in the codebook."""

    name: str
    type: pa.DataType
    doc: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the dataset.

    Attributes:
        record: The dataclass whose fields are the columns, in order.
        dated_by: The timestamp column whose UTC date gives the partition.
        sort_by: Columns that rows in a file are sorted by; row-group statistics prune on the first.
        same_row: What two rows of one day share where one only repeats the other: columns, or other terms of SQL.
        prefer: Which of the repeats stands: terms of an SQL ORDER BY, the first row stands.
        news: A row's thing and what it says of it: a row that says what the one of the same thing and day before it
            said is left out too. None where that may be news again.
        by_month: The partition is the month and not the day.
    """

    name: str
    doc: str
    record: type
    dated_by: str
    sort_by: tuple[str, ...]
    same_row: tuple[str, ...]
    prefer: tuple[str, ...]
    columns: tuple[Column, ...]
    by_month: bool = False
    news: tuple[str, str] | None = None

    def partition_of(self, day: date) -> date:
        """The partition that rows of a UTC day are in."""
        return day.replace(day=1) if self.by_month else day

    def partition_at(self, moment: datetime) -> date:
        """The partition that a row of this moment is in."""
        return self.partition_of(moment.astimezone(UTC).date())

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that decide which row repeats which, and which of them stands."""
        terms = " ".join((*self.same_row, *self.prefer, *(self.news or ()), self.dated_by))
        return tuple(c.name for c in self.columns if re.search(rf"\b{c.name}\b", terms))

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of a file of this table (without the partition column)."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])

    @property
    def log_schema(self) -> pa.Schema:
        """Arrow schema of the table in the Delta log (with the partition column)."""
        return self.schema.append(pa.field(PARTITION, pa.date32(), nullable=False))


def _struct(**members: pa.DataType) -> pa.StructType:
    return pa.struct(list(members.items()))


_PLACE = _struct(
    start=pa.int32(),
    end=pa.int32(),
    surface=_STRING,
    name=_STRING,
    place_id=_STRING,
    kind=_STRING,
    use=_STRING,
    country=_STRING,
    admin1=_STRING,
    lat=pa.float64(),
    lon=pa.float64(),
    score=pa.float64(),
    rule=_STRING,
)
_ACTOR_MENTION = _struct(start=pa.int32(), end=pa.int32(), surface=_STRING, match=_STRING, metonym=pa.bool_())
_ACTOR = _struct(
    actor_id=_STRING,
    name=_STRING,
    type=_STRING,
    country=_STRING,
    plover_country=_STRING,
    plover_sectors=pa.list_(_STRING),
    wikidata=_STRING,
    provisional=pa.bool_(),
    score=pa.float64(),
    mentions=pa.list_(_ACTOR_MENTION),
)
_QUOTE = _struct(actor_id=_STRING, verb=_STRING, start=pa.int32(), end=pa.int32())
_LINK = _struct(actor_id=_STRING, place_id=_STRING, start=pa.int32(), end=pa.int32())

_MADE_BY = (
    Column("pipeline_version", _STRING, "Version of newsbeam that made the row.", nullable=False),
    Column("schema_version", _STRING, "Version of these columns that the row was written with.", nullable=False),
)

ARTICLES = Table(
    name="articles",
    doc="One row per article and revision: text, metadata, places, actors, region, story.",
    record=records.Article,
    dated_by="fetched_at",
    sort_by=("region", "published_at", "row_id"),
    same_row=("article_id", "fetched_at"),
    prefer=("processed_at DESC", "row_id"),
    news=("article_id", "content_hash"),
    columns=(
        Column("row_id", _STRING, "Hash of article_id, fetched_at and content_hash: the id of this row.", nullable=False),
        Column(
            "article_id",
            _STRING,
            "Hash of the canonical URL (of source and guid where there is no link, of the text for a bare document);"
            " the prefix names the version of the rule. The same for every revision.",
            nullable=False,
        ),
        Column("url", _STRING, "Link as the feed gave it, made absolute; file URI of a bare document.", nullable=False),
        Column("canonical_url", _STRING, "The article's one address, without tracking parameters.", nullable=False),
        Column("source", _STRING, "Registrable domain of the feed, or the feed's own id from the feed list.", nullable=False),
        Column("feed_url", _STRING, "Feed that the article came by; null for a bare document."),
        Column("guid", _STRING, "The entry's id within its feed; the record's id where it came from a WARC file."),
        Column("title", _STRING, "Headline without the site's name; null where there is none."),
        Column("authors", pa.list_(_STRING), "People named as authors."),
        Column("language", _STRING, "ISO 639-1 code of the text's language."),
        Column("section", _STRING, "Section of the site, as the page states it."),
        Column("lead", _STRING, "The page's own description or standfirst."),
        Column("text", _STRING, "Article text without boilerplate; paragraphs are parted by one line feed.", nullable=False),
        Column("image_url", _STRING, "Address of the main image."),
        Column(
            "published_at",
            _TIME,
            "When it was published, by the publisher; midnight UTC where published_precision is day or coarser; null if unknown.",
        ),
        Column("published_raw", _STRING, "The date as it was written."),
        Column("published_offset_min", pa.int16(), "Offset from UTC in minutes as stated; null if unstated."),
        Column("published_date", pa.date32(), "Local calendar day of publication."),
        Column("published_precision", _STRING, "year, month, day, minute or second."),
        Column("published_from", _STRING, "Where the date was read: page, feed, url or text. Never the ingest time."),
        Column("fetched_at", _TIME, "When the page (or file) was read.", nullable=False),
        Column("processed_at", _TIME, "When this row was made; a replay makes a later one.", nullable=False),
        Column("word_count", pa.int32(), "Words in text.", nullable=False),
        Column("content_hash", _STRING, "Hash of title and text; changes when a reader would see a change.", nullable=False),
        Column(
            "places",
            pa.list_(_PLACE),
            "Mentions of places. start and end count Unicode code points of title + two line feeds + text (of text alone"
            " where title is null). use: literal, adjectival, metonymic. place_id: gn:<GeoNames id>, m49:<UN M49 code>, pack:<id in a pack>; where GeoNames' id of a division is not known iso:<ISO 3166-2> or gn-adm1:<GeoNames ADM1 code>; fips:<code> for US counties; area:<name> for English counties and landscapes; text:<name> for streets, waters and parks that only the text names (rule feature: country and admin1 are those of the place named beside them).",
        ),
        Column(
            "actors",
            pa.list_(_ACTOR),
            "Actors with their mentions. plover_*: PLOVER country and sectors valid at the article's date."
            " provisional: not in any pack. match: alias, acronym, weak, coref, role, metonym, …",
        ),
        Column("quotes", pa.list_(_QUOTE), "Who said what: speaker, verb and the quoted span."),
        Column("links", pa.list_(_LINK), "Pairs of actor and place in one sentence."),
        Column("countries", pa.list_(_struct(country=_STRING, score=pa.float64())), "Countries the article is about, by share of focus."),
        Column("regions", pa.list_(_struct(region=_STRING, score=pa.float64())), "Watch regions and macro-regions, by share of focus."),
        Column("region", _STRING, "The primary watch region, else the macro-region's slug, else none.", nullable=False),
        Column("story_id", _STRING, "The story that the article belongs to; final once written (see story_links)."),
        Column("near_duplicate_of", _STRING, "article_id of the earlier article that this one repeats."),
        Column("supersedes", _STRING, "row_id of the revision before this one."),
        Column("wire_origin", _STRING, "News agency that the text or its page credits."),
        Column("publisher_family", _STRING, "Owner or group of the publisher, from the feed list, else from the file of publishers."),
        Column("extractor", _STRING, "Extraction path that won, with its library's version.", nullable=False),
        Column("archive_ref", _STRING, "The WARC record that holds the fetched bytes: file#byte:record id, the file under the dataset's folder or a URI."),
        Column("pack_version", _STRING, "Versions of the packs and gazetteer that made the tags.", nullable=False),
        *_MADE_BY,
        Column("tag_rules", _STRING, "Language whose rules made the tags: en, ru, or names where only names of packs and gazetteer were looked for."),
        Column(
            "is_paywalled",
            pa.bool_(),
            "True where the page says that not everybody may read all of it (the text is then often its beginning only),"
            " false where it says that everybody may, null where it says neither.",
        ),
    ),
)  # fmt: skip

FAILURES = Table(
    name="failures",
    doc="One row per thing that could not be done: which stage, why, and what it was.",
    record=records.Failure,
    dated_by="failed_at",
    sort_by=("stage", "reason", "key"),
    same_row=("stage", "key", "attempt", "reason", "CASE WHEN key = feed_url THEN failed_at END"),
    prefer=("failed_at DESC", "message"),
    by_month=True,
    columns=(
        Column("stage", _STRING, "poll, parse, read, fetch, extract or tag.", nullable=False),
        Column("reason", _STRING, "Why, from the closed list of reasons below.", nullable=False),
        Column(
            "key",
            _STRING,
            "Key of the entry or document; the feed's URL for a failed poll; the row_id of a stored article that could"
            " not be tagged anew, or that has the feed's own words as its page could not be had.",
            nullable=False,
        ),
        Column("url", _STRING, "Address of what failed."),
        Column("message", _STRING, "What happened, for a person.", nullable=False),
        Column("failed_at", _TIME, "When.", nullable=False),
        Column("feed_url", _STRING, "Feed that it came by."),
        Column("source", _STRING, "As in articles."),
        Column("attempt", pa.int32(), "1 for the first try.", nullable=False),
        Column("archive_ref", _STRING, "The WARC record that holds the bytes that failed, as in articles."),
        *_MADE_BY,
    ),
)

POLLS = Table(
    name="polls",
    doc="One row per poll of a feed: what was asked, what came, when next and why.",
    record=records.Poll,
    dated_by="polled_at",
    sort_by=("feed_url", "polled_at"),
    same_row=("poll_id",),
    prefer=("polled_at DESC",),
    by_month=True,
    columns=(
        Column("poll_id", _STRING, "Hash of feed_url and due_at.", nullable=False),
        Column("feed_url", _STRING, "The feed.", nullable=False),
        Column("source", _STRING, "As in articles.", nullable=False),
        Column("due_at", _TIME, "When the poll was due.", nullable=False),
        Column("polled_at", _TIME, "When it was done.", nullable=False),
        Column(
            "outcome", _STRING, "new_entries, no_new_entries, not_modified, same_body, empty or failed.", nullable=False
        ),
        Column("reason", _STRING, "Why it failed; null if it did not."),
        Column("http_status", pa.int16(), "HTTP status; null where no answer came."),
        Column("final_url", _STRING, "Address after redirects."),
        Column("entries_seen", pa.int32(), "Entries in the feed's body.", nullable=False),
        Column(
            "entries_new", pa.int32(), "Entries that were new or changed and now wait to be fetched.", nullable=False
        ),
        Column("entries_unchanged", pa.int32(), "Entries seen before, with nothing changed.", nullable=False),
        Column("entries_duplicate", pa.int32(), "Entries that repeat another one's link or id.", nullable=False),
        Column("entries_failed", pa.int32(), "Entries that could not be used.", nullable=False),
        Column("body_bytes", pa.int64(), "Size of the body in bytes.", nullable=False),
        Column("elapsed_ms", pa.int32(), "From request to complete body, in milliseconds.", nullable=False),
        Column("rule", _STRING, "Rule that set next_due_at.", nullable=False),
        Column("next_due_at", _TIME, "When the feed is due next.", nullable=False),
        Column("message", _STRING, "What went wrong, for a person."),
        *_MADE_BY,
    ),
)

STORY_LINKS = Table(
    name="story_links",
    doc="Later merges of stories: the story_id of a written row is final, a merge is a row here.",
    record=records.StoryLink,
    dated_by="linked_at",
    sort_by=("story_id", "joined_story_id"),
    same_row=("story_id", "joined_story_id", "evidence", "linked_at", "pipeline_version", "schema_version"),
    prefer=("linked_at",),
    by_month=True,
    columns=(
        Column("story_id", _STRING, "The story that stays.", nullable=False),
        Column("joined_story_id", _STRING, "The story that turned out to be the same.", nullable=False),
        Column("evidence", _STRING, "What showed it.", nullable=False),
        Column("linked_at", _TIME, "When.", nullable=False),
        *_MADE_BY,
    ),
)

TABLES: Mapping[str, Table] = {t.name: t for t in (ARTICLES, FAILURES, POLLS, STORY_LINKS)}
"""All tables by name, in the order of the documentation."""


def to_arrow(table: Table, rows: Iterable[object]) -> pa.Table:
    """Rows of `table.record` as an Arrow table in the table's schema, sorted.

    Raises:
        pa.ArrowInvalid: A row does not fit the schema.
    """
    records = list(rows)
    columns = [array_of(list(map(attrgetter(field.name), records)), field.type) for field in table.schema]
    return in_order(table, pa.Table.from_arrays(columns, schema=table.schema))


def in_order(table: Table, data: pa.Table) -> pa.Table:
    """Rows by the table's sort columns, and among equal ones by what makes them a row of their own.

    The same rows come out in the same order, whatever order they came in.
    """
    return data.sort_by([(name, "ascending") for name in dict.fromkeys((*table.sort_by, *table.identity))])


def from_plain(record: type, row: Mapping[str, Any]) -> Any:
    """The inverse of writing: a row read back with `to_pylist` as its record (enum fields stay strings)."""
    return record(**{f.name: _nested(f.name, row[f.name]) for f in fields(record) if f.name in row})


_NESTED: Mapping[str, type] = {
    "places": records.Place,
    "actors": records.Actor,
    "mentions": records.ActorMention,
    "quotes": records.Quote,
    "links": records.ActorPlaceLink,
    "countries": records.CountryScore,
    "regions": records.RegionScore,
}


def _nested(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    inner = _NESTED.get(name)
    return tuple(from_plain(inner, item) if inner else item for item in value)
