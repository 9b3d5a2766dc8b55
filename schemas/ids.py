"""Stable ids: the same input gives the same id on every machine, in every run, in every engine."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import UTC, datetime

from schemas.records import Article
from schemas.versions import HASH_VERSION, ID_VERSION

_SEPARATOR = "\x1f"


def stable_hash(*parts: str) -> str:
    """First 128 bits of SHA-256 over the parts, as 32 hex digits. The parts cannot run into each other."""
    return hashlib.sha256(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def article_id_of_url(identity: str) -> str:
    """Id of the article that is known by what all its addresses share (transforms.articles.variants)."""
    return f"{ID_VERSION}-{stable_hash('url', identity)}"


def article_id_of_guid(source: str, guid: str) -> str:
    """Id of an article that has no link, from its feed's source and its guid there."""
    return f"{ID_VERSION}-{stable_hash('guid', source, guid)}"


def article_id_of_text(text: str) -> str:
    """Id of a bare document, from its cleaned text."""
    return f"{ID_VERSION}-{stable_hash('text', normalise_for_hash(text))}"


def normalise_for_hash(text: str) -> str:
    """Text as it is hashed: NFC, runs of white space made one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def content_hash(title: str | None, text: str) -> str:
    """Hash of the cleaned title and text; equal hashes mean that nothing a reader sees has changed."""
    return f"{HASH_VERSION}-{stable_hash(normalise_for_hash(title or ''), normalise_for_hash(text))}"


def row_id(article_id: str, fetched_at: datetime, content: str) -> str:
    """Id of one row of `articles`: one article as fetched once with one content."""
    return stable_hash(article_id, fetched_at.astimezone(UTC).isoformat(timespec="microseconds"), content)


def entry_key(feed_url: str, guid: str) -> str:
    """Key of a feed entry: its guid is unique within its feed only."""
    return stable_hash("entry", feed_url, guid)


def document_key(uri: str) -> str:
    """Key of a document from disk, by its URI, and of a record of a WARC file, by its id."""
    return stable_hash("document", uri)


def key_of_article(article: Article) -> str:
    """Key of the entry or document that an article came from."""
    if article.feed_url is None:
        return document_key(article.guid or article.url)
    return entry_key(article.feed_url, article.guid or "")


def poll_id(feed_url: str, due_at: datetime) -> str:
    """Id of one due poll of one feed; a retry of the same poll has the same id."""
    return stable_hash("poll", feed_url, due_at.astimezone(UTC).isoformat(timespec="microseconds"))
