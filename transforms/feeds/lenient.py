"""feedparser reads what can be read of a feed, however broken.

Its sanitiser and its rewriting of links within HTML are off, which cost half of its time and change what the publisher
wrote.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import feedparser

from transforms.feeds.reading import Reading


def read_leniently(readable: bytes, headers: Mapping[str, str], base_url: str) -> Reading:
    """Reads any document.

    Args:
        readable: As for `read_strictly`, and so the others.
        headers: `content-type`, and `content-language` where it is known.
        base_url: Absolute http or https URL against which links are resolved.
    """
    parsed = feedparser.parse(
        io.BytesIO(readable),  # never bare bytes: feedparser would try them as the name of a file
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={**headers, "content-location": base_url},
    )
    bozo = f"{type(parsed['bozo_exception']).__name__}: {parsed['bozo_exception']}" if parsed["bozo"] else None
    return Reading(str(parsed["version"]), parsed["feed"], parsed["entries"], bozo)
