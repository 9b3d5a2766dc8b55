"""The records that pass from stage to stage: frozen, picklable, plain.

All times are timezone-aware UTC `datetime`s. Offsets count Unicode code points, end exclusive.
Country codes are ISO 3166-1 alpha-2, admin1 codes ISO 3166-2.

No slots: a frozen dataclass with slots pickles by a loop in Python, which was a fifth of a run's work outside the pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from schemas.outcomes import EntryState, PollOutcome, Reason, Stage


@dataclass(frozen=True)
class Problem:
    """Why a function could not do its work; the stage around it makes a `Failure` of it."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Feed:
    """One line of a feed list.

    Attributes:
        url: Address of the feed.
        source: The feed's own id, or the registrable domain of its address.
        every_s: Wished interval between polls in seconds; None lets the poller decide.
        full_text: True where the feed is known to carry whole articles.
    """

    url: str
    source: str
    name: str | None = None
    country: str | None = None
    language: str | None = None
    family: str | None = None
    every_s: float | None = None
    full_text: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeedEntry:
    """One item of a feed, or one document from disk (then `feed_url` is None).

    Attributes:
        key: Stable id of the entry: hash of feed_url and guid (of the file's URI for a document).
        url: Link of the entry, made absolute; a document's file URI; None where a feed gave none.
        content: HTML of the entry's own full content, where the feed carries it.
        fingerprint: Hash of what the feed says of the entry; a page is fetched again only when it changes.
        attempt: Which try this is, from 1.
        archive_ref: The WARC record that holds the page, where it is to be read from there and not to be fetched.
    """

    key: str
    source: str
    url: str | None
    feed_url: str | None = None
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    published_offset_min: int | None = None
    family: str | None = None
    fingerprint: str = ""
    attempt: int = 1
    archive_ref: str | None = None


@dataclass(frozen=True)
class Lost:
    """A page that gave no article: where and why, and the WARC record of what came instead."""

    stage: Stage
    problem: Problem
    archive_ref: str | None = None


@dataclass(frozen=True)
class Page:
    """The bytes behind an entry, as they came.

    Attributes:
        media_type: Lower-case media type without parameters, e.g. `text/html`; `text/plain` for a bare document.
        charset: Charset named by the transport, if any.
        fetched_at: When the answer was complete; kept by replay.
        archive_ref: The WARC record that holds the answer.
        from_feed: `feed-content` or `feed-summary` where the bytes are the feed's own words; becomes `extractor`.
        lost: What happened to the page that such words stand in for.
    """

    entry: FeedEntry
    final_url: str
    body: bytes
    media_type: str
    charset: str | None
    status: int | None
    fetched_at: datetime
    archive_ref: str | None = None
    from_feed: str | None = None
    lost: Lost | None = None


@dataclass(frozen=True)
class Place:
    """One mention of a place in an article.

    Attributes:
        place_id: `gn:<GeoNames id>`, `m49:<code>`, `pack:<id>`, `iso:…`, `gn-adm1:…` `fips:…`, `area:…` or
            `text:…` (see schemas.tables).
        kind: country, admin1, city, macroregion, river, border_crossing, military_site, …
        use: literal, adjectival or metonymic.
        score: Confidence from 0 to 1.
        rule: Name of the rule that made the mention.
    """

    start: int
    end: int
    surface: str
    name: str
    place_id: str
    kind: str
    use: str
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    score: float = 1.0
    rule: str = ""


@dataclass(frozen=True)
class ActorMention:
    """One mention of an actor. `match`: alias, acronym, weak, coref, role, metonym, …"""

    start: int
    end: int
    surface: str
    match: str
    metonym: bool = False


@dataclass(frozen=True)
class Actor:
    """One actor of an article with all its mentions.

    Attributes:
        type: state, government, military, armed_group, igo, ngo, media, person, organisation, …
        plover_country: ISO 3166-1 alpha-3 code, or a PLOVER international code (UNO, IGO, …).
        plover_sectors: PLOVER sector codes (GOV, MIL, REB, …) valid at the article's date.
        provisional: True where no pack knows the actor and the id was made from its name.
    """

    actor_id: str
    name: str
    type: str
    country: str | None = None
    plover_country: str | None = None
    plover_sectors: tuple[str, ...] = ()
    wikidata: str | None = None
    provisional: bool = False
    score: float = 1.0
    mentions: tuple[ActorMention, ...] = ()


@dataclass(frozen=True)
class Quote:
    """Who said what: the speaker, the verb of saying and the quoted span."""

    actor_id: str
    verb: str
    start: int
    end: int


@dataclass(frozen=True)
class ActorPlaceLink:
    """An actor and a place in one sentence, whose span is given."""

    actor_id: str
    place_id: str
    start: int
    end: int


@dataclass(frozen=True)
class CountryScore:
    """Share of an article's focus that lies on one country, from 0 to 1."""

    country: str
    score: float


@dataclass(frozen=True)
class RegionScore:
    """Share of an article's focus that lies on one watch region or macro-region, from 0 to 1."""

    region: str
    score: float


@dataclass(frozen=True)
class Tags:
    """All that is found in one text. `region` is a watch region's id, a macro-region's slug or `none`.

    `tag_rules` is the language whose rules were followed, en or ru, or `names`: names of packs and gazetteer only.
    """

    places: tuple[Place, ...] = ()
    actors: tuple[Actor, ...] = ()
    quotes: tuple[Quote, ...] = ()
    links: tuple[ActorPlaceLink, ...] = ()
    countries: tuple[CountryScore, ...] = ()
    regions: tuple[RegionScore, ...] = ()
    region: str = "none"
    pack_version: str = ""
    tag_rules: str = "en"


@dataclass(frozen=True)
class Extracted:
    """What the extraction stage finds in one page or text.

    Attributes:
        text: Clean article text; paragraphs are parted by one line feed.
        published_raw: The date as the page gave it.
        published_offset_min: Offset from UTC in minutes, None if unstated.
        published_date: Local calendar day as published.
        published_precision: year, month, day, minute or second.
        published_from: page, feed, url or text.
        extractor: Name of the path that won, with its library's version, e.g. `trafilatura-2.3.1`.
        is_paywalled: True where the page says that not everybody may read all of it, False where it says that everybody
            may, None where it says neither.
        wire_credit: News agency that the page credits outside the text: in byline, markup or a note that was cut off.
    """

    text: str
    extractor: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    section: str | None = None
    lead: str | None = None
    image_url: str | None = None
    canonical_url: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    published_offset_min: int | None = None
    published_date: date | None = None
    published_precision: str | None = None
    published_from: str | None = None
    is_paywalled: bool | None = None
    wire_credit: str | None = None


@dataclass(frozen=True)
class Article:
    """One row of the table `articles`: fields in the order of the columns, which schemas.tables documents."""

    row_id: str
    article_id: str
    url: str
    canonical_url: str
    source: str
    feed_url: str | None
    guid: str | None
    title: str | None
    authors: tuple[str, ...]
    language: str | None
    section: str | None
    lead: str | None
    text: str
    image_url: str | None
    published_at: datetime | None
    published_raw: str | None
    published_offset_min: int | None
    published_date: date | None
    published_precision: str | None
    published_from: str | None
    fetched_at: datetime
    processed_at: datetime
    word_count: int
    content_hash: str
    places: tuple[Place, ...] = ()
    actors: tuple[Actor, ...] = ()
    quotes: tuple[Quote, ...] = ()
    links: tuple[ActorPlaceLink, ...] = ()
    countries: tuple[CountryScore, ...] = ()
    regions: tuple[RegionScore, ...] = ()
    region: str = "none"
    story_id: str | None = None
    near_duplicate_of: str | None = None
    supersedes: str | None = None
    wire_origin: str | None = None
    publisher_family: str | None = None
    extractor: str = ""
    archive_ref: str | None = None
    pack_version: str = ""
    pipeline_version: str = ""
    schema_version: str = ""
    tag_rules: str | None = None
    is_paywalled: bool | None = None


@dataclass(frozen=True)
class Failure:
    """One row of the table `failures`.

    Attributes:
        key: The entry's key; the feed's URL for a failed poll; the row_id of a stored article that could not be tagged
            anew, or that the feed's own words were taken for because its page could not be had.
        attempt: 1 for the first try.
        archive_ref: The WARC record that holds the bytes that failed.
    """

    stage: Stage
    reason: Reason
    key: str
    url: str | None
    message: str
    failed_at: datetime
    feed_url: str | None = None
    source: str | None = None
    attempt: int = 1
    archive_ref: str | None = None
    pipeline_version: str = ""
    schema_version: str = ""


@dataclass(frozen=True)
class Poll:
    """One row of the table `polls`: what was asked, what came, when next and why.

    Attributes:
        poll_id: Hash of the feed's URL and the time the poll was due.
        rule: Name of the rule that set `next_due_at`.
        elapsed_ms: From request to complete body, in milliseconds.
    """

    poll_id: str
    feed_url: str
    source: str
    due_at: datetime
    polled_at: datetime
    outcome: PollOutcome
    reason: Reason | None
    http_status: int | None
    final_url: str | None
    entries_seen: int
    entries_new: int
    entries_unchanged: int
    entries_duplicate: int
    entries_failed: int
    body_bytes: int
    elapsed_ms: int
    rule: str
    next_due_at: datetime
    message: str | None = None
    pipeline_version: str = ""
    schema_version: str = ""


@dataclass(frozen=True)
class StoryLink:
    """One row of the table `story_links`: a later article joined two stories."""

    story_id: str
    joined_story_id: str
    evidence: str
    linked_at: datetime
    pipeline_version: str = ""
    schema_version: str = ""


@dataclass(frozen=True)
class StoryRecord:
    """What the stories stage remembers of a written row: hashes, never text.

    Attributes:
        source: The publisher; a bare document's own address, as nobody knows whose it is.
        n_shingles: Distinct shingles of the text; containment needs it.
        signature: MinHash signature, one byte per slot.
        facts: Sketches of the names, numbers, quotations and the title, packed.
        published_at: By the publisher; None where unknown.
    """

    article_id: str
    row_id: str
    story_id: str
    content_hash: str
    fetched_at: datetime
    source: str
    n_shingles: int
    signature: bytes = b""
    facts: bytes = b""
    published_at: datetime | None = None


@dataclass(frozen=True)
class Settled:
    """How one entry ended, told once its rows are committed; the ledger and the closing sum are made of these.

    Attributes:
        story: What the stories stage shall remember of a written row, with the bands that find it again.
    """

    key: str
    state: EntryState
    reason: str = ""
    article_id: str | None = None
    story: StoryRecord | None = None
    bands: tuple[str, ...] = ()
