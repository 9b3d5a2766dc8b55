"""The same targets without atheris: inputs that once broke one, and some hundred that hypothesis thinks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import INPUTS, NAMES
from tests.fuzz.targets import TARGETS

KEPT = sorted(INPUTS.glob("*/*"))
PIECES = (
    "<rss version='2.0'>", "<channel>", "<item>", "<link>", "</item>", "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>", "<![CDATA[", "]]>", "&#x0;", "&nbsp;", "<html>", "<body>", "<p>", "</p>", "<script>", "{", "[",
    '"items"', "User-agent: *", "Disallow:", "Crawl-delay: 1e400", "\n", "http://", "xn--", "[::1]", ":99999", "%00",
    "%", "//", "Mon, 31 Nov 2026 25:61:61 +9999", "max-age=", "9" * 30, "0000-00-00", "١٤٠٥", "charset=", "\x00",
    "\ud800", "é",
)  # fmt: skip
MARKUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=30).map(
    lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
)


def test_every_target_is_run() -> None:
    assert set(NAMES) == set(TARGETS)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | MARKUP)
def test_no_bytes_break_a_target(name: str, data: bytes) -> None:
    TARGETS[name](data)
