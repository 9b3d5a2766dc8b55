"""The file of publishers' families: what it gives, and what it says when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.stories.publishers import PublishersError, family_of, load_families


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "publishers.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_first_known_name_tells_the_family(tmp_path: Path) -> None:
    families = load_families(
        written(tmp_path, '[[family]]\nid = "one"\nname = "One Group"\ndomains = ["A.example", "feed-b"]\n')
    )
    assert family_of(families, [None, "unknown.example", "a.example"]) == "one"
    assert family_of(families, ["feed-b"]) == "one"
    assert family_of(families, ["c.example"]) is None


def test_the_shipped_file_can_be_read() -> None:
    families = load_families()
    assert family_of(families, ["sputniknews.com"]) == family_of(families, ["ria.ru"]) == "rossiya-segodnya"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[family]\n", "cannot be read as TOML"),
        ("[[families]]\n", "unknown table 'families'"),
        ("family = [1]\n", "family 1 is no table"),
        ('[[family]]\nid = "x"\ndomain = "a"\n', "unknown key 'domain'"),
        ('[[family]]\ndomains = ["a"]\n', "id is None"),
        ('[[family]]\nid = "x"\ndomains = "a.example"\n', "give a list of domains"),
        (
            '[[family]]\nid = "x"\ndomains = ["a"]\n[[family]]\nid = "y"\ndomains = ["a"]\n',
            "a is in families 'x' and 'y'",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_name(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PublishersError, match=r"publishers\.toml") as error:
        load_families(path)
    assert told in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PublishersError, match="cannot be read"):
        load_families(tmp_path / "none.toml")
