"""Which part of a page holds its running text."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from transforms.articles.region import find_region

SENTENCE = "The bridge over the Vess was opened to traffic again on Monday, a month before the day that was planned. "
PARAGRAPH = f"<p>{SENTENCE * 3}</p>"


def test_the_part_is_copied_within_its_surroundings() -> None:
    page = document_fromstring(
        f'<html><body class="b"><div id="menu"><a>Home</a></div><div class="story" style="x"><h1>T</h1>'
        f"{PARAGRAPH * 6}</div><div><p>{SENTENCE}</p></div></body></html>"
    )
    before = page.text_content()
    region = find_region(page)
    assert region.tree is not None
    story = region.tree.find("body/div")
    assert [node.tag for node in region.tree.iter()][:3] == ["html", "body", "div"]
    assert (region.tree.find("body").get("class"), story.get("class"), story.find("h1").text) == ("b", "story", "T")
    assert "Home" not in region.tree.text_content()
    assert region.chars == region.paragraph_chars
    assert page.text_content() == before


def test_text_parted_by_line_breaks_counts() -> None:
    page = document_fromstring(
        f"<html><body><p>{SENTENCE}</p><table><tr><td>{(SENTENCE + '<br>') * 20}</td></tr></table></body></html>"
    )
    region = find_region(page)
    assert region.tree is not None
    assert region.tree.text_content().count("Vess") == 20
    assert region.chars > region.paragraph_chars > 0


DATA = "<table><tbody><tr><th>Gauge</th><td>Low</td></tr></tbody></table>"


def test_a_table_that_lays_the_page_out_becomes_divisions_and_one_of_data_stays() -> None:
    row = f"<tr><td>Menu</td><td>{DATA}<table><tr><td>{(SENTENCE + '<br>') * 20}</td></tr></table></td></tr>"
    page = document_fromstring(f"<html><body><table><thead></thead><tbody>{row}</tbody></table>{DATA}</body></html>")
    text = page.text_content()
    find_region(page)
    kept = ["table", "tbody", "tr", "th", "td"]
    assert [node.tag for node in page.iter("table", "thead", "tbody", "tr", "th", "td")] == 2 * kept
    assert page.text_content() == text


def test_cells_of_some_text_are_data() -> None:
    page = document_fromstring(
        f"<html><body><table>{f'<tr><td>{SENTENCE * 2}</td><td>{SENTENCE * 2}</td></tr>' * 9}</table></body></html>"
    )
    find_region(page)
    assert len(page.findall(".//td")) == 18


def test_little_text_or_text_all_over_the_page_gives_no_part() -> None:
    small = find_region(document_fromstring(f"<html><body><div>{PARAGRAPH}</div></body></html>"))
    spread = find_region(
        document_fromstring(f"<html><body><div>{PARAGRAPH * 4}</div><div>{PARAGRAPH * 4}</div></body></html>")
    )
    assert (small.tree, spread.tree) == (None, None)
    assert spread.chars > small.chars > 0


@pytest.mark.parametrize(
    ("lead", "kept"),
    [
        (PARAGRAPH, True),
        (f"<p>{SENTENCE}</p>", False),
        (f"<p><a>{SENTENCE * 3}</a></p>", False),
        (PARAGRAPH * 7, False),
    ],
)
def test_the_first_paragraphs_stay_where_they_are_set_apart(lead: str, kept: bool) -> None:
    page = document_fromstring(
        f"<html><body><main><h1>T</h1><div class='lead'>{lead}</div><div class='body'>{PARAGRAPH * 80}</div>"
        f"<div class='more'>{PARAGRAPH}</div></main></body></html>"
    )
    region = find_region(page)
    assert region.tree is not None
    assert (region.tree.find("body/main/div[@class='lead']") is not None) is kept


def test_margins_do_not_weigh() -> None:
    page = document_fromstring(
        f"<html><body><main>{PARAGRAPH * 5}</main><footer>{PARAGRAPH * 9}</footer></body></html>"
    )
    region = find_region(page)
    assert region.tree is not None
    assert region.tree.find("body/footer") is None
