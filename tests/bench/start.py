"""Start-up: whole processes, one after the other, beside one that loads Beam alone.

Start-up of a command is all that `newsbeam ingest` takes where there is nothing left to do: imports, options, the
dataset looked at, the ledger opened, the documents compared with it, the closing sum. The lines before and after it say
where the time goes. Each side runs once before it is timed and may write bytecode: a machine that forbids it would time
the compiler, which pip has run where newsbeam is installed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import seconds, spread
from tests.bench.pages import ROOT

ROUNDS = 5
TEXT = "Ferries between the two banks will run twice an hour from Monday, the district's port office said.\n"


def start_up() -> None:
    """Prints what each step of a command adds to loading Beam."""
    with tempfile.TemporaryDirectory() as scratch:
        document = Path(scratch) / "one.txt"
        document.write_text(TEXT * 5)
        python, command = [sys.executable, "-c"], [sys.executable, "-m", "pipelines.cli", "ingest"]
        taken: dict[str, list[float]] = {}
        _run([*python, "import apache_beam"])
        _run([*command, "--documents", str(document), "--output", f"{scratch}/out-warm"])
        for number in range(ROUNDS):
            ingest = [*command, "--documents", str(document), "--output", f"{scratch}/out-{number}"]
            for name, arguments in (
                ("import apache_beam", [*python, "import apache_beam"]),
                ("our modules", [*python, "import pipelines.ingest, pipelines.slices"]),
                ("a command with one document to do", ingest),
                ("a command with nothing to do", ingest),
            ):
                taken.setdefault(name, []).append(seconds(lambda run=arguments: _run(run)))
    beam = taken.pop("import apache_beam")
    print(f"start-up: import apache_beam {spread(beam)} s")
    for name, values in taken.items():
        more = [ours - alone for ours, alone in zip(values, beam, strict=True)]
        asked = " (asked: 0.8 or less)" if name.endswith("nothing to do") else ""
        print(f"start-up: {name}: {spread(more)} s more, {statistics.median(values):.2f} s in all{asked}", flush=True)


def _run(arguments: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT, env=environment)
