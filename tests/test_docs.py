"""The README tells the truth: its commands run, its options exist, its list of dependencies is the real one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipelines.cli import cli
from tests.servers import Site
from tests.warcs import gzipped, http, record

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shell_lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("newsbeam ")]


def run_line(line: str, folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of a line of shell. What runs for ever is interrupted once it has printed its first sum."""
    process = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if "newsbeam watch" not in line:
        told = process.communicate()[0]
        return process.returncode, told
    told = ""
    while process.poll() is None and "seen " not in told:
        told += process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    told += process.communicate()[0]
    return 0 if process.returncode == 130 else process.returncode, told


def test_every_command_is_named():
    assert all(f"newsbeam {name}" in README for name in cli.commands)


def test_every_dependency_is_named_with_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.search(r"## Dependencies\n(.*?)\n## ", README, re.S)[1]
    for requirement in project["dependencies"]:
        name = re.match(r"[a-z0-9-]+", requirement)[0]
        assert re.search(rf"\b{name}\b", named), name


def test_every_dependency_is_pinned_without_an_address():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [r for extra in project["optional-dependencies"].values() for r in extra]
    readers = (ROOT / "tests" / "readers" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for requirement in [*wanted, *(line for line in readers if not line.startswith("#"))]:
        assert re.search(rf"^{re.match(r'[a-z0-9-]+', requirement)[0]}==", pins, re.M), requirement


@pytest.mark.slow
def test_the_commands_of_the_readme_run(tmp_path):
    page = "<html lang=en><title>Bridge</title><body><article>{}</article></body></html>"
    text = "<p>Guards of Tajikistan and the Taliban met on the Tajik-Afghan border to speak about customs.</p>" * 2
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.html").write_text(page.format(text))
    (tmp_path / "crawl.warc.gz").write_bytes(gzipped([record(http(page.format(text * 2).encode()))]))
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    runner = bin_dir / "newsbeam"
    runner.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipelines.cli "$@"\n')
    runner.chmod(0o755)
    env = {**os.environ, "PATH": f"{bin_dir}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    with Site() as site:
        link = site.put("/bridge", page.format(text + "<p>It was the first such meeting of the year.</p>"))
        item = f"<item><title>Bridge</title><link>{link}</link></item>"
        feed = site.put("/rss", f"<rss version='2.0'><channel>{item}</channel></rss>", "application/rss+xml")
        (tmp_path / "feeds.toml").write_text(f'[[feed]]\nurl = "{feed}"\nid = "local"\n')
        (tmp_path / "feed.xml").write_bytes(site.pages["/rss"][1])
        for line in shell_lines():
            # The README's addresses are public; the test's are on this machine, and are refused unless allowed.
            line = re.sub(r"newsbeam (feeds check|ingest|watch|fetch)\b", r"newsbeam \1 --allow-private", line)
            code, told = run_line(line, tmp_path, env)
            assert code == 0, f"{line}\n{told}"
    assert "taliban" not in (tmp_path / "taliban.csv").read_text().splitlines()[0]
    assert len((tmp_path / "taliban.csv").read_text().splitlines()) > 2
    assert '"region":"tajik-afghan-border"' in (tmp_path / "tagged.jsonl").read_text()
