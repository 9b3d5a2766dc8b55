"""The tagger as a whole: shape, robustness, determinism, cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Tags
from transforms.tags.tagger import Tagger

ROOT = Path(__file__).resolve().parents[3]
PIECES = (
    "Kabul",
    "Tajik",
    "U.S.",
    "said",
    "Ministry of",
    "Mr",
    "Ivan Petrov",
    "Chad",
    "Main Street",
    "(CSTO)",
    "border",
    "’s ",
    "\n",
    " ",
    ", ",
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


def check_offsets(title: str | None, text: str, tags: Tags) -> None:
    whole = f"{title}\n\n{text}" if title else text
    spans = [(place.start, place.end, place.surface) for place in tags.places]
    spans += [(m.start, m.end, m.surface) for actor in tags.actors for m in actor.mentions]
    for start, end, surface in spans:
        assert 0 <= start < end <= len(whole)
        assert whole[start:end] == surface


@settings(max_examples=150, deadline=None)
@given(title=st.one_of(st.none(), st.text(max_size=40)), text=TEXTS)
def test_any_text_is_tagged(tagger: Tagger, title: str | None, text: str) -> None:
    check_offsets(title, text, tagger.tag(title, text))


@pytest.mark.parametrize("text", ["\ud800", "\x00", "İİİİ ŞŞŞŞ KABUL", "ß" * 50, "🏔️ Panj River 🏔️", "ﬁ ﬂ ŉ KABUL"])
def test_odd_characters(tagger: Tagger, text: str) -> None:
    check_offsets(None, text, tagger.tag(None, text))


@pytest.mark.parametrize("text", ["They met in Chad ", "They met on Main Street ", "the army of Chad "])
def test_a_text_may_end_with_a_blank(tagger: Tagger, text: str) -> None:
    assert tagger.tag(None, text).places == tagger.tag(None, text.rstrip()).places


def test_mentions_of_places_do_not_overlap(tagger: Tagger) -> None:
    places = tagger.tag(None, "New York City, New York, York, Islamic Republic of Afghanistan, Shir Khan Bandar").places
    assert all(one.end <= other.start for one, other in pairwise(places))


def test_pack_version(tagger: Tagger) -> None:
    assert re.fullmatch(r"world-\d+\+central-asia-\d+-[0-9a-f]{8}", tagger.pack_version)
    assert tagger.tag(None, "Kabul").pack_version == tagger.pack_version


SCRIPT = """
from transforms.tags.tagger import Tagger
text = ("Moscow said Tajik border guards and the Taliban met near Kunduz. Ivan Petrov of the Blue Hill Institute (BHI) "
        "told AFP in Paris that Georgia, Jordan and Lebanon would join. Petrov left for Springfield, Illinois.\\n") * 3
print(repr(Tagger.load().tag("A title on Dushanbe", text)))
"""


@pytest.mark.slow
def test_same_tags_in_every_process() -> None:
    seen = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, check=True)
        seen.add(run.stdout)
    assert len(seen) == 1
    assert b"gov:TJ-border-guards" in seen.pop()


def lines_run(tagger: Tagger, text: str) -> int:
    """How many lines of Python the tagging of a text takes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        tagger.tag(None, text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow
@pytest.mark.parametrize(
    "sentence",
    [
        "Ivan P{0}ov told the Tajik army in Kabul, near the Panj River border, that Mr P{0}ov of P{0} Street agreed. ",
        "P{0}, ",
        "Clay, Otter Tail and Paris counties; Georgia P{0}; ",
        "KABUL Kunduz P{0} PARIS, Texas. ",
        "Counties ",
        "Street-",
    ],
)
def test_work_grows_with_the_text(tagger: Tagger, sentence: str) -> None:
    numbered = (sentence.format("abcdefghij"[i % 10] + "klmnopqrst"[i // 10 % 10]) for i in range(20_000))
    text = "".join(numbered)
    tagger.tag(None, text[:20_000])
    assert lines_run(tagger, text[:80_000]) < 4.5 * lines_run(tagger, text[:20_000])


@pytest.mark.slow
def test_a_megabyte_is_no_trouble(tagger: Tagger) -> None:
    sentence = "Ivan P{0}ov told the Tajik army in Kabul, near the Panj River border, that Mr P{0}ov agreed. "
    text = "".join(sentence.format("abcdefghij"[i % 10] + "klmnopqrst"[i // 10 % 10]) for i in range(11_000))
    tags = tagger.tag(None, text[:1_000_000])
    assert len(tags.places) > 20_000
    assert sum(len(actor.mentions) for actor in tags.actors) > 20_000
