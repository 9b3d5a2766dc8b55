"""Names of packs against a plain search of the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transforms.tags.pack_names import PackNames
from transforms.tags.text import Document

NAMES = (
    "Reeds",
    "Reeds of the North",
    "U.N.",
    "UN",
    "'Ndrala",
    "'s-Veldmark",
    "so-called Reeds",
    "O'Marra League",
    "Reed's Men!",
    "المرصد",
    "Пески",
)
PARTS = st.lists(st.sampled_from((*NAMES, *" .,'-_()", "'s", "x", "the", "of", "Veldmark", "O'Reeds")), max_size=10)


@given(PARTS, st.sampled_from(("", " ")))
def test_names_are_found_where_no_letter_or_digit_touches_them(parts: list[str], joint: str) -> None:
    folded = Document(None, joint.join(parts)).folded
    plain = {
        (start, start + len(name), number)
        for number, name in enumerate(NAMES)
        for start in range(len(folded))
        if folded.startswith(name, start)
        and not folded[max(0, start - 1) : start].isalnum()
        and not folded[start + len(name) : start + len(name) + 1].isalnum()
    }
    found = PackNames(NAMES).find(Document(None, joint.join(parts)))
    assert set(found) == plain
    assert found == sorted(found, key=lambda match: (match[0], -match[1]))


def test_a_name_of_marks_alone_is_never_found() -> None:
    assert PackNames(("???",)).find(Document(None, "Who ??? she")) == []
