"""Fixtures of whole jobs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="session")
def prism() -> Path:
    """Beam's Prism runner, a Go program that `deploy/prism/build.sh` builds.

    Looked for in NEWSBEAM_PRISM, else on the PATH. Where it is absent the test is skipped.
    """
    found = os.environ.get("NEWSBEAM_PRISM") or shutil.which("prism")
    if not found:
        pytest.skip("no prism: build it by deploy/prism/build.sh and set NEWSBEAM_PRISM to it, or put it on the PATH")
    return Path(found)


@pytest.fixture(scope="session")
def worker_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an empty environment into which the lock and the wheel were installed, as deploy/Dockerfile does it.

    NEWSBEAM_WORKER_PYTHON names one that was made from this checkout already; else it is made here, by pip, which takes
    a minute or two.
    """
    if given := os.environ.get("NEWSBEAM_WORKER_PYTHON"):
        return Path(given)
    folder = tmp_path_factory.mktemp("worker")
    sources = folder / "sources"  # a build in the checkout would leave its folders there, and take up stale ones
    for room in ("schemas", "transforms", "pipelines"):
        shutil.copytree(ROOT / room, sources / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, sources)
    _run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(sources))
    (wheel,) = folder.glob("*.whl")
    _run(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    pip = (str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    _run(*pip, "-c", str(ROOT / "constraints.txt"), f"{wheel}[dataflow]")
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
