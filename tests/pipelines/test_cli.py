"""The command line as a shell sees it: help, exit codes, refusals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from filelock import FileLock

from pipelines.cli import cli

ROOT = Path(__file__).resolve().parents[2]


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    for name, command in group.commands.items():
        here = (*path, name)
        found += commands(command, here) if isinstance(command, click.Group) else [(here, command)]
    return found


def newsbeam(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as users run it."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize(("path", "command"), commands(), ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_every_command_has_help_with_an_example_and_every_option_says_what_it_does(path, command):
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert f"newsbeam {' '.join(path)}" in result.output.split("Example", 1)[1]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            assert parameter.help, f"{path}: {parameter.name}"


def test_help_names_the_exit_codes():
    output = CliRunner().invoke(cli, ["--help"]).output
    assert all(code in output for code in ("0 done", "1 the sum", "2 usage", "3 nothing", "4 the dataset", "130"))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("ingest", "--output", "out"), "nothing to ingest"),
        (("ingest", "--documents", "nowhere", "--output", "out"), "nowhere"),
        (("query", "nowhere", "SELECT 1"), "is no newsbeam dataset"),
        (("query", "nowhere", "SELECT 1", "--format", "parquet"), "--to FILE"),
        (("query", "nowhere", "SELECT 1", "--as-of", "yesterday"), "ISO 8601"),
        (("query", "nowhere", "SELECT 1", "--as-of", "2026-11-22", "--tz", "Mars/Olympus"), "no such time zone"),
        (("export", "nowhere", "--to", "out"), "is no newsbeam dataset"),
        (("schema", "--table", "nothing"), "articles"),
        (("quary",), "query"),
    ],
)
def test_wrong_use_is_exit_code_2_with_a_message(args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--runer=DirectRunner", "Did you mean --runner?"),
        ("--no-such-thing", "no such option"),
        ("--runner=FlinkRunner", "for this machine"),
    ],
)
def test_options_unknown_to_us_and_to_beam_are_refused(option, message, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("text")
    result = CliRunner().invoke(cli, ["ingest", "--documents", str(text), "--output", str(tmp_path / "out"), option])
    assert result.exit_code == 2
    assert message in result.output


def test_a_bad_feed_list_names_file_and_line(tmp_path):
    bad = tmp_path / "feeds.txt"
    bad.write_text("https://example.org/feed\nnot a url\n")
    result = CliRunner().invoke(cli, ["ingest", "--feeds", str(bad), "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "feeds.txt" in result.output
    assert "2" in result.output


@pytest.mark.slow
def test_the_commands_pipe_into_each_other(tmp_path):
    body = (
        "<p>Guards from Tajikistan and Afghanistan met at the bridge on Monday to speak about customs and trade.</p>"
        * 2
    )
    line = json.dumps(
        {"id": 1, "html": f"<html lang=en><title>Bridge</title><body><article>{body}</article></body></html>"}
    )
    extracted = newsbeam("extract", stdin=line + "\n")
    assert extracted.returncode == 0, extracted.stderr
    tagged = newsbeam("tag", "--only", stdin=extracted.stdout)
    assert {c["country"] for c in json.loads(tagged.stdout)["countries"]} == {"TJ", "AF"}


@pytest.mark.slow
def test_documents_several_at_once_then_the_query(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(
            f"A report on {name}\n\nOfficials in Dushanbe spoke of the {name} plan for the valley."
        )
    out = str(tmp_path / "out")
    done = newsbeam("ingest", "--documents", str(tmp_path / "one.txt"), str(tmp_path / "two.txt"), "--output", out)
    assert (done.returncode, done.stdout) == (
        0, "seen 2 = written 2 + unchanged 0 + duplicate 0 + pending 0 + failed 0\n"
    )  # fmt: skip
    assert done.stderr == ""
    counted = newsbeam("query", out, "SELECT count(*) AS n FROM articles", "--format", "csv")
    assert counted.stdout == "n\n2\n"
    with FileLock(tmp_path / "out" / "_state" / "lock"):
        refused = newsbeam("ingest", "--documents", str(tmp_path), "--output", out)
    assert refused.returncode == 4
    assert "is being written by another newsbeam" in refused.stderr


@pytest.mark.slow
def test_ctrl_c_is_exit_code_130_and_the_next_run_goes_on(tmp_path):
    folder, out = tmp_path / "texts", tmp_path / "out"
    folder.mkdir()
    for n in range(400):
        (folder / f"{n}.txt").write_text(
            f"Report {n}\n\n" + f"Officials in Dushanbe spoke of plan {n} for the valley. " * 40
        )
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--documents", str(folder), "--output", str(out)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True
    )
    while not slice_has_started(out / "_state" / "ledger.sqlite"):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    message = "newsbeam: interrupted; nothing is lost: start the same command again to go on."
    assert process.communicate(timeout=60)[1].strip() == message
    assert process.returncode == 130
    again = newsbeam("ingest", "--documents", str(folder), "--output", str(out))
    assert again.stdout == "seen 400 = written 400 + unchanged 0 + duplicate 0 + pending 0 + failed 0\n"


def slice_has_started(ledger: Path) -> bool:
    if not ledger.exists():
        return False
    with (
        contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db,
        contextlib.suppress(sqlite3.Error),
    ):
        return bool(db.execute("SELECT count(slice_started_at) FROM runs").fetchone()[0])
    return False


@pytest.mark.slow
def test_nothing_fetched_is_exit_code_3(tmp_path):
    feeds = tmp_path / "feeds.txt"
    feeds.write_text("http://127.0.0.1:1/feed\n")
    out = str(tmp_path / "out")
    refused = newsbeam("ingest", "--feeds", str(feeds), "--output", out)
    assert refused.returncode == 3
    assert "address_refused" in refused.stdout or "--allow-private" in refused.stdout
