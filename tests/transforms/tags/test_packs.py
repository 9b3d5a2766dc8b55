"""Packs: what is accepted, what is refused and with which words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from transforms.tags.pack_reader import PackError
from transforms.tags.packs import SHIPPED, load_packs
from transforms.tags.packs_check import check_packs

HEAD = 'format = 1\nname = "test"\nversion = 3\n'
ACTOR = '[[actor]]\nid = "blue"\nname = "Blue"\ntype = "ngo"\naliases = ["Blue Group"]\n'


def write(folder: Path, body: str, head: str = HEAD) -> Path:
    path = folder / "pack.toml"
    path.write_text(head + body, encoding="utf-8")
    return path


def test_shipped_packs_hold() -> None:
    packs = load_packs()
    assert packs.version.startswith("world-1+central-asia-1")
    taliban = next(actor for actor in packs.actors if actor.id == "taliban")
    assert [(phase.start, phase.sectors) for phase in taliban.phases] == [
        (None, ("REB",)),
        (date(2021, 8, 15), ("GOV",)),
    ]
    assert any(region.id == "tajik-afghan-border" and region.borders == (("AF", "TJ"),) for region in packs.regions)


def test_digest_follows_content(tmp_path: Path) -> None:
    first = load_packs([write(tmp_path, ACTOR)]).digest
    second = load_packs([write(tmp_path, ACTOR + 'country = "TJ"\n')]).digest
    assert first != second


def test_constant_and_absent_sectors(tmp_path: Path) -> None:
    constant = load_packs([write(tmp_path, ACTOR + 'plover = ["TJK", "GOV"]\n')]).actors[0]
    assert (constant.plover_country, constant.phases[0].sectors) == ("TJK", ("GOV",))
    absent = load_packs([write(tmp_path, ACTOR + 'country = "XK"\n')]).actors[0]
    assert (absent.plover_country, absent.phases) == ("XKX", ())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (ACTOR + "aliasses = []\n", ["unknown key", "aliasses", "known keys"]),
        (ACTOR.replace('"ngo"', '"club"'), ["pack.toml:7", "unknown type", "club"]),
        (ACTOR.replace("blue", "Blue Id"), ["pack.toml:5", "hyphens", "Blue Id", "rename"]),
        (ACTOR.replace("Blue Group", "BG"), ["pack.toml:8", "BG", "acronyms"]),
        (ACTOR + 'country = "UK"\n', ["pack.toml:9", "alpha-2", "UK"]),
        (ACTOR + 'plover = ["TJ", "GOV"]\n', ["pack.toml:9", "plover", "TJ"]),
        (ACTOR + 'plover = ["TJK", "ARMY"]\n', ["pack.toml:9", "sector", "ARMY"]),
        (ACTOR + 'wikidata = "42"\n', ["pack.toml:9", "Wikidata", "42"]),
        (ACTOR + 'parent = "red"\n', ["pack.toml:9", "parent of blue", "red"]),
        (ACTOR + ACTOR, ["pack.toml:10", "share an id", "blue"]),
        (ACTOR + ACTOR.replace('"blue"', '"azure"'), ["pack.toml:13", "share an alias", "Blue Group", "weak"]),
        (ACTOR.replace('aliases = ["Blue Group"]\n', ""), ["at least one alias"]),
        (ACTOR.replace('["Blue Group"]', '"Blue Group"'), ["list of non-empty strings"]),
        (
            ACTOR + '[[actor.phase]]\nfrom = 2021-01-01\nuntil = 2020-01-01\nplover = ["TJK", "GOV"]\n',
            ["pack.toml:11", "ends before it starts"],
        ),
        (
            ACTOR
            + "".join(f'[[actor.phase]]\nfrom = {year}-01-01\nplover = ["TJK", "GOV"]\n' for year in (2020, 2021)),
            ["pack.toml:13", "overlap"],
        ),
        ('[[place]]\nid = "p"\nname = "P"\nkind = "river"\nlat = 91.0\n', ["lat", "90 degrees"]),
        ('[[place]]\nid = "p"\nname = "P"\nkind = "river"\nadmin1 = "TJ-XX"\n', ["ISO 3166-2", "TJ-XX"]),
        ('[[place]]\nid = "p"\nname = "P"\n', ["kind"]),
        ('[[region]]\nid = "r"\nname = "R"\nborders = ["AF", "TJ"]\n', ["pairs"]),
        ('[[region]]\nid = "r"\nname = "R"\nplaces = ["nowhere"]\n', ["place of region r", "nowhere"]),
        ("[[actor]\n", ["not valid TOML", "line 4"]),
        ("other = 1\n", ["unknown key in file", "other"]),
        ('unnamed = "yes"\n', ["unnamed is true or false", "yes"]),
    ],
)
def test_errors_name_place_rule_value_and_remedy(tmp_path: Path, body: str, words: list[str]) -> None:
    with pytest.raises(PackError) as caught:
        load_packs([write(tmp_path, body)])
    message = str(caught.value)
    assert "pack.toml" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "head", ["", 'format = 2\nname = "test"\nversion = 1\n', 'format = 1\nname = "T"\nversion = 1\n']
)
def test_head_is_checked(tmp_path: Path, head: str) -> None:
    with pytest.raises(PackError):
        load_packs([write(tmp_path, "", head)])


def test_check_finds_all_at_once_with_lines(tmp_path: Path) -> None:
    body = (
        ACTOR
        + 'country = "UK"\n'
        + ACTOR.replace('"blue"', '"azure"').replace('"Blue Group"', '"Azure Group", "March"')
        + 'context = ["sea"]\n'
        + ACTOR.replace('"blue"', '"red"').replace("Blue Group", "RG")
        + ACTOR.replace('"blue"', '"green"').replace("Blue Group", "Azure Group")
        + '[[region]]\nid = "empty"\nname = "Empty"\n'
    )
    path = write(tmp_path, body)
    found = [(f.line, f.is_error, f.message.split(":")[0]) for f in check_packs([path])]
    assert found == [
        (9, True, "countries are ISO 3166-1 alpha-2 codes"),
        (14, False, "an alias that is a common word is found where it means another thing"),
        (15, False, "context is for weak aliases only, and there are none"),
        (20, True, "an alias has more than three letters and digits"),
        (25, True, "two actors share an alias"),
        (27, False, "a region without members is never chosen"),
    ]


def test_check_sees_conflicts_between_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = write(tmp_path / "a", ACTOR), write(tmp_path / "b", ACTOR.replace('"blue"', '"azure"'))
    assert [str(finding) for finding in check_packs([one, other])] == [
        f"{other}:8: error: two actors share an alias: 'Blue Group'; keep it in blue or azure, or make it weak in both"
    ]


def test_check_of_a_file_that_is_no_toml(tmp_path: Path) -> None:
    finding = check_packs([write(tmp_path, "[[actor]\n")])[0]
    assert (finding.line, finding.is_error) == (4, True)


def test_nothing_is_found_in_the_shipped_packs() -> None:
    assert check_packs(SHIPPED) == []


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"none\.toml.*check the path"):
        load_packs([tmp_path / "none.toml"])
