"""The ways things end. Every enum is closed: a new ending is a new member with its meaning here."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a failure happened, in the order of the flow."""

    POLL = "poll"
    PARSE = "parse"
    READ = "read"
    FETCH = "fetch"
    EXTRACT = "extract"
    TAG = "tag"


class EntryState(StrEnum):
    """How an entry or document that was seen ended. The closing sum counts these."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    PENDING = "pending"
    FAILED = "failed"


class PollOutcome(StrEnum):
    """What one poll of one feed brought."""

    NEW_ENTRIES = "new_entries"
    NO_NEW_ENTRIES = "no_new_entries"
    NOT_MODIFIED = "not_modified"
    SAME_BODY = "same_body"
    EMPTY = "empty"
    FAILED = "failed"


class Reason(StrEnum):
    """Why something failed. `REASONS` gives each one's meaning for the codebook."""

    # transport
    BAD_URL = "bad_url"
    ADDRESS_REFUSED = "address_refused"
    ROBOTS_DENIED = "robots_denied"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    REDIRECTS = "redirects"
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"
    # answers
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    HTTP_CLIENT_ERROR = "http_client_error"
    HTTP_SERVER_ERROR = "http_server_error"
    UNSUPPORTED_TYPE = "unsupported_type"
    # feeds
    NOT_A_FEED = "not_a_feed"
    MALFORMED_FEED = "malformed_feed"
    ENTRY_WITHOUT_LINK = "entry_without_link"
    # bytes
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    BINARY = "binary"
    BAD_ENCODING = "bad_encoding"
    BROKEN_RECORD = "broken_record"
    # content
    NO_TEXT = "no_text"
    BLOCK_PAGE = "block_page"
    # processing
    DEADLINE = "deadline"
    MEMORY = "memory"
    WORKER_DIED = "worker_died"
    STAGE_ERROR = "stage_error"


REASONS: dict[Reason, str] = {
    Reason.BAD_URL: "The address is not an http or https URL, or is over the length cap.",
    Reason.ADDRESS_REFUSED: "The host resolves to a private, loopback, link-local or metadata address (see --allow-private).",
    Reason.ROBOTS_DENIED: "The site's robots.txt forbids the page to our user agent.",
    Reason.DNS: "The host name could not be resolved.",
    Reason.CONNECT: "The connection could not be made or was lost before an answer.",
    Reason.TLS: "The TLS handshake or the certificate failed.",
    Reason.TIMEOUT: "The request was over its total deadline.",
    Reason.TRUNCATED: "The body ended early, or its compression was broken.",
    Reason.REDIRECTS: "More redirects than allowed, or a loop of them.",
    Reason.TOO_LARGE: "The (decompressed) body or the file is over the size cap.",
    Reason.PROTOCOL: "The answer is not valid HTTP, or its headers are over the cap.",
    Reason.NOT_FOUND: "HTTP 404.",
    Reason.GONE: "HTTP 410.",
    Reason.FORBIDDEN: "HTTP 401, 402, 403 or 451.",
    Reason.RATE_LIMITED: "HTTP 429, or 503 with Retry-After.",
    Reason.HTTP_CLIENT_ERROR: "Another HTTP 4xx.",
    Reason.HTTP_SERVER_ERROR: "HTTP 5xx.",
    Reason.UNSUPPORTED_TYPE: "The body is no HTML, plain text or feed (a PDF, an image …).",
    Reason.NOT_A_FEED: "The body is an HTML page or another thing that is no feed.",
    Reason.MALFORMED_FEED: "The body looks like a feed, but no entry could be read from it.",
    Reason.ENTRY_WITHOUT_LINK: "The feed entry has no usable link and no content of its own.",
    Reason.UNREADABLE: "The file is missing, is no regular file, or may not be read.",
    Reason.EMPTY: "Nothing but white space.",
    Reason.BINARY: "The bytes are no text.",
    Reason.BAD_ENCODING: "The bytes could not be decoded to text without heavy loss.",
    Reason.BROKEN_RECORD: "A record of a WARC file is damaged, cut short, or holds no HTTP answer.",
    Reason.NO_TEXT: "No article text was found in the page.",
    Reason.BLOCK_PAGE: "A consent wall, paywall, login page, bot challenge or soft 404 stands where the article should.",
    Reason.DEADLINE: "Extraction and tagging took over the deadline and were cut off.",
    Reason.MEMORY: "Extraction and tagging needed more memory than a worker may have.",
    Reason.WORKER_DIED: "The worker process died while it extracted or tagged the page.",
    Reason.STAGE_ERROR: "The stage raised an unexpected error; the message names it. Please report it.",
}
"""Meaning of each reason, rendered into the codebook."""
