"""The demo, in its own process as a user runs it: fast, offline, plain when piped, and its three commands work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.runs import rows

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def newsbeam(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_demo_shows_what_it_made_and_names_commands_that_work(tmp_path):
    done = newsbeam("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = done.stdout
    assert "first pass: seen 12 = written 9 + unchanged 0 + duplicate 1 + pending 0 + failed 2" in out
    assert "second pass: seen 6 = written 1 + unchanged 5 + duplicate 0 + pending 0 + failed 0" in out
    assert "\x1b" not in out, "no terminal codes where the output is piped"
    assert "(copy)" in out
    assert "(revised)" in out
    assert len(re.findall(r"tajik-afghan-border", out)) >= 5
    sample = re.search(r"```text\n(first pass.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)[1]
    sums = [line for line in sample.splitlines() if "pass:" in line]
    assert [line for line in out.splitlines() if "pass:" in line] == sums, "the README shows another output"
    commands = re.findall(r"^  \S+ (query .*)$", out, re.M)
    assert len(commands) == 3
    for command in commands:
        shown = newsbeam(*shlex.split(command), cwd=tmp_path)
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.count("\n") > 5
    again = newsbeam("demo", cwd=tmp_path)
    assert "first pass: seen 12 = written 9" in again.stdout, "a second demo begins afresh"


def test_the_demos_archive_read_in_its_order_gives_the_same_stories(tmp_path):
    assert newsbeam("demo", cwd=tmp_path).returncode == 0
    archive = [str(path) for path in (tmp_path / "newsbeam-demo" / "_archive").rglob("*.warc.gz")]
    again = newsbeam("ingest", "--warc", *archive, "--output", "again", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    sql = "SELECT url, story_id, supersedes IS NULL, near_duplicate_of FROM articles ORDER BY ALL"
    live, replayed = (rows(tmp_path / name, sql) for name in ("newsbeam-demo", "again"))
    assert len({story for _, story, *_ in live}) < len(live), "the demo has a copy and a revision"
    assert replayed == live


def test_the_demo_spares_a_folder_that_is_not_its_own(tmp_path):
    (tmp_path / "thesis.doc").write_text("important")
    done = newsbeam("demo", "--output", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert "Choose another --output" in done.stderr
    assert (tmp_path / "thesis.doc").read_text() == "important"


def test_the_demo_spares_a_dataset_of_the_users_own(tmp_path):
    (tmp_path / "text.txt").write_text("Officials in Dushanbe spoke of a plan for the valley and its roads on Monday.")
    assert newsbeam("ingest", "--documents", "text.txt", "--output", "news", cwd=tmp_path).returncode == 0
    done = newsbeam("demo", "--output", "news", cwd=tmp_path)
    assert done.returncode == 2
    assert "no demo made it" in done.stderr
    kept = newsbeam("query", "news", "SELECT count(*) AS n FROM articles", "--format", "csv", cwd=tmp_path)
    assert kept.stdout == "n\n1\n"
