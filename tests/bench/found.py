"""Engines that are not part of the development environment: where they are, else why a part is left out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def find_prism() -> Path | None:
    """Beam's Prism runner, from NEWSBEAM_PRISM or the PATH."""
    found = os.environ.get("NEWSBEAM_PRISM") or shutil.which("prism")
    if found and Path(found).is_file():
        return Path(found)
    print("left out: no prism; build it by deploy/prism/build.sh and set NEWSBEAM_PRISM to it", flush=True)
    return None


def find_flink() -> Path | None:
    """The folder that deploy/flink/fetch.sh made, from NEWSBEAM_FLINK."""
    folder = os.environ.get("NEWSBEAM_FLINK")
    if not shutil.which("java"):
        print("left out: no java on the PATH; Flink needs a Java 17 runtime", flush=True)
        return None
    if not folder or not (Path(folder) / "boot").is_file():
        print("left out: no Flink; run deploy/flink/fetch.sh and set NEWSBEAM_FLINK to the folder it made", flush=True)
        return None
    return Path(folder).resolve()


def load() -> str:
    """How busy the machine is."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
