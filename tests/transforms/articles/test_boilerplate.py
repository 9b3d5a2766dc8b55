"""Single lines: prompts, marked teasers, headlines told by their capitals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.boilerplate import is_cased_teaser, is_marked_teaser, is_prompt, is_title_cased


@pytest.mark.parametrize(
    "line",
    ["Share", "Share on Facebook", "12 comments", "Leave a Reply", "Read more", "Advertisement",
     "Click here to subscribe",
     "Facebook Twitter WhatsApp", "Sign up for our newsletter", "Skip to content", "Related articles", "Поделиться",
     "Читайте также", "Комментарии (4)", "بیشتر بخوانید", "© 2024 Valley News. All rights reserved.",
     "Enter your e-mail address to join our mailing list", "View the full article"],
)  # fmt: skip
def test_prompts(line: str) -> None:
    assert is_prompt(line)


@pytest.mark.parametrize(
    "line",
    ["", " / \\ ", "The shares fell by 3 percent on Friday.", "Comments by the minister were reported widely.",
     "Related to this, the court ruled that the vote was valid.", "Sign up costs rose to 20 euros a month.",
     "Share this information, please, with your neighbours in the valley!",
     "Police shared the e-mail with prosecutors, who consented to a search of the third party's office in Vess.",
     "The newsletter reported it first."],
)  # fmt: skip
def test_sentences_are_no_prompts(line: str) -> None:
    assert not is_prompt(line)


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("READ MORE: Storm closes port", True),
        ("Related story: Storm closes port", True),
        (">> Read next: Storm closes port", True),
        ("JUST IN:\u00a0Storm closes port", True),
        ("Storm closes port [LATEST]", True),
        ("Storm closes port (VIDEO)", True),
        ("Storm closes port [DIARY]", True),
        ("Talks of the ministers of the alliance (NATO)", False),
        ("BREAKING: The storm has closed the port.", False),
        ("“Read more: that is my advice,” she said.", False),
        ("The storm closed the port (video of it was shown).", False),
        ("The port [of Vess] closed.", False),
    ],
)
def test_marked_teasers(line: str, marked: bool) -> None:
    assert is_marked_teaser(line) is marked


@pytest.mark.parametrize(
    ("line", "cased"),
    [
        ("Why The Old Harbour Town Needs A New Pier", True),
        ("Storm Closes the Port of Vess as Crews Go on Strike", True),
        ("Why the old harbour town needs a new pier", False),
        ("The Port of Vess", False),
        ("The United Nations and the World Bank agreed on Monday", False),
    ],
)
def test_title_case(line: str, cased: bool) -> None:
    assert is_title_cased(line) is cased


def test_a_stop_acquits_a_title_cased_line_but_a_question_does_not() -> None:
    assert not is_cased_teaser("Why The Old Harbour Town Needs A New Pier.")
    assert is_cased_teaser("Does The Old Harbour Town Need A New Pier?")


@given(st.text(max_size=500))
def test_never_raises(line: str) -> None:
    assert isinstance(is_prompt(line) or is_marked_teaser(line) or is_cased_teaser(line), bool)
