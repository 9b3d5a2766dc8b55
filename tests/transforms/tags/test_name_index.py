"""The index of names against a plain search through all of them."""

from __future__ import annotations

from array import array
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.tags.name_index import NameIndex
from transforms.tags.text import Document

NAMES = sorted(
    (
        "Lima",
        "Lima Norte",
        "Lima-Sur",
        "Limassol",
        "St. John",
        "St. John's",
        "St. John's Wood",
        "Ky.",
        "Reed (North)",
        "U.S.",
        "the Reeds",
        "كابل",
        "كابل شهر",
    )
)


def index_of(names: list[str]) -> NameIndex:
    coded = [name.encode() for name in names]
    starts = array("I", accumulate((len(name) + 1 for name in coded), initial=0))
    return NameIndex(b"\n".join(coded), starts, frozenset(("the",)))


def plain(folded: str, starts: list[int]) -> set[tuple[int, int, str]]:
    """All names that start with a token and end where a word ends."""
    return {
        (start, start + len(name), name)
        for start in starts
        for name in NAMES
        if folded.startswith(name, start) and not folded[start + len(name) : start + len(name) + 1].isalnum()
    }


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*NAMES, "Sur", "x", "U.S.", "the", "and", "(", "'s", ",", ". "]), max_size=8), st.data()
)
def test_all_names_are_found_at_all_tokens(parts: list[str], data: st.DataObject) -> None:
    document = Document(None, "".join(part + data.draw(st.sampled_from([" ", "", "-"])) for part in parts))
    matches = index_of(NAMES).find(document.folded, document.words, range(document.size))
    found = [(start, -end, name) for start, end, name, _, _ in matches]
    assert all(document.covers(start, -end) == range(first, last) for start, end, _, first, last in matches)
    whole = {hit for hit in plain(document.folded, document.words.start) if document.covers(hit[0], hit[1])}
    assert {(start, end, NAMES[name]) for start, end, name in found} >= whole
    assert {(start, end, NAMES[name]) for start, end, name in found} <= plain(document.folded, document.words.start)


def test_a_name_is_told_with_whether_longer_ones_follow() -> None:
    index = index_of(NAMES)
    assert [index.get(text) for text in ("Lima", "Limassol", "St", "Zz", "", "Lim")] == [
        (NAMES.index("Lima"), True),
        (NAMES.index("Limassol"), False),
        (-1, True),
        (-1, False),
        (-1, False),
        (-1, False),
    ]
