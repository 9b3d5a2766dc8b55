"""The fifty rules of a good feed poller, in our own words, with where each is kept; rendered into docs/polling.md."""

from __future__ import annotations

RULES: dict[int, tuple[str, str]] = {
    1: ("ETag and Last-Modified go back byte for byte as they came, quotes and W/ included.", "feeds/state.py"),
    2: ("Both are sent together.", "feeds/state.py"),
    3: ("They are kept only from a body that was parsed; a 304 may refresh them.", "feeds/poll.py"),
    4: ("They belong to the address that gave them and never travel to a redirect's target.", "web/visit.py"),
    5: ("If-Modified-Since is never made from our own clock.", "feeds/state.py"),
    6: ("They outlive a restart.", "pipelines/ledger.py, feeds/shard.py"),
    7: (
        "They are dropped after an upgrade of the parser and for a doubted 304; one full request a day at most.",
        "feeds/poll.py",
    ),
    8: ("A hash of the body, and one of the items for feeds that embed a clock, find what has not changed.", "feeds/poll.py"),
    9: ("An answer with `Expires: 0` gives no validators.", "feeds/poll.py"),
    10: (
        "The next poll is due at the latest of own estimate, max-age less Age, Expires, ttl, sy:update* and Retry-After;"
        " each wish is capped at a day.",
        "feeds/cadence.py",
    ),
    11: ("skipHours and skipDays are kept.", "feeds/cadence.py"),
    12: ("The own interval goes both ways, has a floor, and is estimated after two successes.", "feeds/cadence.py"),
    13: ("Polls are spread by a tenth; ticks that an outage held up ask nobody twice.", "feeds/poll.py, feeds/shard.py"),
    14: ("Sources take turns: one feed of each, then a second of each.", "feeds/shard.py"),
    15: ("A feed has one request under way at most.", "feeds/wiring.py, web/politeness.py"),
    16: (
        "A feed that is not shown to be active is asked once an hour at most. A feed with validators is asked for its"
        " whole body once a day at most beyond what it changes; one without any gives its whole body at each poll, which"
        " cannot be helped, at half an hour or more.",
        "feeds/cadence.py, feeds/poll.py",
    ),
    17: (
        "429 and 503 with Retry-After, in seconds or as a date, capped at a day, close the whole site for that long;"
        " blogs of one hosting company count as sites of their own.",
        "web/politeness.py, feeds/poll.py",
    ),
    18: ("Without Retry-After the waits double, with jitter.", "feeds/cadence.py, web/politeness.py"),
    19: ("Failures have classes, and those of the way to the server weigh half.", "schemas/outcomes.py, feeds/poll.py"),
    20: ("A failing feed is slowed down to once in thirty days, never given up.", "feeds/poll.py"),
    21: ("410 stops the polls, keeps the record and waits for a person.", "feeds/shard.py, pipelines/ingest.py"),
    22: ("404 slows down, and once a week the home page is searched for another feed, which is told, not taken.", "feeds/errands.py"),
    23: ("A refusal by a bot shield is named; who we say we are never changes.", "web/status.py"),
    24: ("A body that is cut short or badly packed is a failure and changes nothing.", "web/body.py, feeds/poll.py"),
    25: ("A 304 after a failure does not end it.", "feeds/poll.py"),
    26: (
        "A permanent redirect is believed after three polls over a day or more that gave the feed, never from https to"
        " http; the old address is kept and comes back when the new one fails.",
        "feeds/poll.py",
    ),
    27: ("A temporary redirect is followed and forgotten.", "web/visit.py"),
    28: ("Five redirects at most, loops found, each hop's address checked.", "web/visit.py"),
    29: (
        "A feed at http is tried over https; the move is believed like a redirect, and a refusal holds for thirty days.",
        "feeds/errands.py",
    ),
    30: ("itunes:new-feed-url and rel=self are shown by `feeds check` and never followed.", "feeds/check.py"),
    31: (
        "Bodies may be packed (gzip, deflate, Brotli); the cap of 20 MiB (10 MiB for a feed) counts unpacked bytes; the deadline"
        " counts the whole request.",
        "web/body.py, web/transport.py",
    ),
    32: ("Private, link-local and metadata addresses are refused after name resolution.", "web/resolver.py"),
    33: ("Only http and https; entities that lie outside or blow up are refused.", "web/addresses.py, feeds/sniff.py"),
    34: ("Certificates are checked, always.", "web/transport.py"),
    35: ("Connections are used again.", "web/client.py"),
    36: ("Conditional requests accept the new items alone (RFC 3229, `A-IM: feed`).", "feeds/state.py"),
    37: ("A stable, honest User-Agent with a contact; an Accept header for feeds; no cookies, Referer or query.", "web/transport.py"),
    38: ("Pages obey robots.txt; a site is asked one thing at a time, spaced, and more slowly the slower it is.", "web/politeness.py"),
    39: ("The parser gets bytes, as only the document knows its encoding.", "feeds/parse.py"),
    40: ("A broken feed is read as far as it goes, and its fault noted.", "feeds/parse.py"),
    41: ("A web page where the feed should be is a class of its own.", "feeds/parse.py"),
    42: ("So is a feed that is rightly empty.", "feeds/poll.py"),
    43: (
        "An item is known by id, else link, else title and date, within its feed; it stays known for as long as it"
        " stands in the feed and sixty days or more after (on one machine for ever).",
        "feeds/entries.py, feeds/shard.py, pipelines/ledger.py",
    ),
    44: ("Relative links and xml:base are resolved.", "feeds/parse.py"),
    45: (
        "Undated, future and very old items are kept; a date is null or as the feed gives it, beside the time of the fetch.",
        "feeds/entries.py",
    ),
    46: (
        "Where no known item is left, that is told (`all_items_new`), the interval is halved, and the feed's next or"
        " archived pages are read, ten at most.",
        "feeds/errands.py",
    ),
    47: ("A feed whose ids all changed is known by its wording and links: no new articles.", "feeds/errands.py, feeds/known.py"),
    48: ("WebSub, with slow polls behind it.", ""),
    49: ("`newsbeam status` shows each feed's health, next poll and the rule that set it.", "pipelines/status.py"),
    50: ("Every poll has one outcome and every item one count, and the counts add up.", "feeds/observe.py, pipelines/summary.py"),
}  # fmt: skip
"""Number -> the rule, and the modules (under transforms/ where no folder of the top is named) that keep it."""

UNMET: dict[int, str] = {
    48: "a hub must reach its subscriber from outside, and newsbeam listens nowhere; a feed's hub is read, not used",
}
"""Number -> why a rule is not met. Every other rule has a test named by its number."""


_MEASURED = (
    "## A simulated day",
    "",
    "`make bench PART=polling` plays `watch --every 5m` over forty invented feeds on an invented clock: two to a hundred items",
    "a day each, more by day than by night; most give ETags, every second a max-age of 5 to 30 minutes. The decisions and the",
    "turns of hosts are the product's own, after a day in which it learns the feeds' rhythms. As printed:",
    "",
    "```text",
    "simulated day, 40 feeds: 1638 requests for feeds, 7 to 107 a feed, median 39; 842 answered with a body, 796 with 304",
    "new items: 1091 published, 1091 written",
    "all feeds: from published to written, median 12 min, p95 35 min; of it waits for a turn at the host, p95 22 s",
    "feeds with 24 items or more that day: from published to written, median 11 min, p95 29 min; of it waits for a turn at the host, p95 22 s",
    "```",
    "",
    "The wait for a turn is politeness, 5 s between two requests to one publisher; the rest of the time from published to",
    "written is the interval between polls, which rules 10, 12 and 16 set.",
)


def score() -> str:
    """The sum, e.g. `49 of 50`."""
    return f"{len(RULES) - len(UNMET)} of {len(RULES)}"


def document() -> str:
    """docs/polling.md."""
    lines = [
        "# How feeds are polled",
        "",
        f"Fifty rules make a poller polite, restartable and hard to fool. newsbeam meets {score()}. Each rule that is met has",
        "a test under its number in `tests/conformance`, which plays it against a server on 127.0.0.1, with the time given:",
        "`python -m pytest tests/conformance` prints this sum. This page is rendered by `python -m tests.conformance`.",
        "",
        "| rule | | kept in |",
        "|---|---|---|",
    ]
    for number, (rule, where) in RULES.items():
        verdict = f"**not met**: {UNMET[number]}" if number in UNMET else where
        lines.append(f"| {number} | {rule} | {verdict} |")
    return "\n".join([*lines, "", *_MEASURED, ""])
