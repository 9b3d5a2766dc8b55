"""`newsbeam packs check`, `newsbeam tag --explain` and `--html` as users run them, on the example of docs/packs.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "packs.md").read_text("utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.S)[1]
SENTENCE = re.search(r"echo '(.*?)'", PAGE)[1]


@pytest.fixture
def coast(tmp_path: Path) -> Path:
    path = tmp_path / "coast.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_example_of_the_page_holds(coast: Path) -> None:
    result = CliRunner().invoke(cli, ["packs", "check", str(coast)])
    assert (result.exit_code, result.output) == (0, "0 errors, 0 warnings in 1 files.\n")


def test_findings_are_told_with_file_and_line_errors_first(coast: Path) -> None:
    broken = EXAMPLE.replace('country = "GY"', 'country = "Guyana"', 1).replace('"reed-front"\nal', '"reed"\nal')
    broken = broken.replace('["Mara Velloz"', '["Mara Velloz", "then"')
    coast.write_text(broken, encoding="utf-8")
    result = CliRunner().invoke(cli, ["packs", "check", str(coast)])
    lines = result.output.splitlines()
    assert result.exit_code == 2
    assert lines[0].startswith(f"{coast}:9: error: countries are ISO 3166-1 alpha-2 codes: 'Guyana'")
    assert lines[1].startswith(f"{coast}:27: error: parent of mara-velloz is unknown: 'reed'")
    assert lines[2].startswith(f"{coast}:28: warning: an alias that is a common word")
    assert lines[3:] == ["2 errors, 1 warnings in 1 files."]


def test_an_entry_tells_its_unknown_keys_and_its_wrong_values_at_once(coast: Path) -> None:
    broken = EXAMPLE.replace('country = "GY"', 'nation = "GY"\naliasses = ["R"]\ncountry = "Guyana"', 1)
    coast.write_bytes(b"\xef\xbb\xbf" + broken.encode())  # as editors on Windows write it
    result = CliRunner().invoke(cli, ["packs", "check", str(coast)])
    told = [line.removeprefix(f"{coast}:") for line in result.output.splitlines()]
    assert told[0].startswith("9: error: unknown key in actor: 'nation'; known keys")
    assert told[1].startswith("10: error: unknown key in actor: 'aliasses'; 'aliases' is meant?")
    assert told[2].startswith("11: error: countries are ISO 3166-1 alpha-2 codes: 'Guyana'")
    assert told[3:] == ["3 errors, 0 warnings in 1 files."]


def test_a_line_that_cannot_be_explained_is_named() -> None:
    line = '{"id": "a7", "text": "Rain.", "published_at": "yesterday"}\n'
    result = CliRunner().invoke(cli, ["tag", "--explain"], input=line)
    assert result.output == (
        "== a7: stage_error: ValueError: field 'published_at' is no ISO 8601 date: 'yesterday';"
        " correct it or leave it out\n"
    )


def test_unnamed_actors_are_told_where_they_are_asked_for() -> None:
    line = '{"id": 1, "text": "Rebels met Rosa Tirado in Chad."}\n'
    plain, more = (
        CliRunner().invoke(cli, ["tag", "--explain", *option], input=line).output for option in ([], ["--unnamed"])
    )
    assert "grp:rebels" not in plain
    assert "'Rebels' noun (a noun or a role without a name)" in more


def test_explain_tells_the_tags_of_the_example(coast: Path) -> None:
    command = ["tag", "--packs", str(coast), "--explain"]
    result = CliRunner().invoke(cli, command, input=SENTENCE + "\nnot json\n" + '{"id": 2}\n')
    assert result.exit_code == 0
    assert "Reed Front [reed-front] armed_group, GY, GUY REB, known" in result.output
    assert "[pack:corentyne-river]" in result.output
    assert "== unreadable: line 2 is no JSON" in result.output
    assert "== no_text: " in result.output or "text" in result.output.splitlines()[-1]


def test_html_is_one_page(coast: Path) -> None:
    result = CliRunner().invoke(cli, ["tag", "--packs", str(coast), "--html"], input=SENTENCE + "\n<&\n")
    assert result.exit_code == 0
    assert result.output.startswith("<!doctype html>")
    assert result.output.endswith("</body></html>\n")
    assert "line 2 is no JSON" in result.output


def test_only_and_explain_exclude_each_other() -> None:
    result = CliRunner().invoke(cli, ["tag", "--only", "--html"], input="")
    assert result.exit_code == 2
