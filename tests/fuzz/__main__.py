"""Fuzzes each target for some seconds by atheris, guided by what it reaches: python -m tests.fuzz [SECONDS] [TARGET…]

Each target runs in a process of its own, as atheris ends the process that it runs in. It begins with the inputs that
are kept in tests/fuzz/inputs. What breaks a target is left in out/fuzz; mended, it is kept among the inputs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INPUTS = Path(__file__).with_name("inputs")
NAMES = ("feed", "url", "robots", "headers", "body", "page", "dates")
SECONDS = 20
ONE_INPUT_S = 10  # over this one input counts as a hang


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["one"]:
        _fuzz(arguments[1], arguments[2:])
        return
    seconds = int(arguments.pop(0)) if arguments[:1] and arguments[0].isdigit() else SECONDS
    broken = [name for name in arguments or NAMES if not _run(name, seconds)]
    if broken:
        sys.exit(f"broken: {', '.join(broken)}; the inputs that did it are in {ROOT / 'out' / 'fuzz'}")


def _run(name: str, seconds: int) -> bool:
    found = ROOT / "out" / "fuzz"
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "corpus"
        corpus.mkdir()
        for kept in INPUTS.glob(f"{name}/*"):
            shutil.copy(kept, corpus)
        limits = [f"-max_total_time={seconds}", f"-timeout={ONE_INPUT_S}", "-rss_limit_mb=3000", "-verbosity=0"]
        command = [sys.executable, "-m", "tests.fuzz", "one", name, *limits, f"-artifact_prefix={found}/{name}-"]
        done = subprocess.run([*command, str(corpus)], cwd=ROOT, capture_output=True, text=True, check=False)
        kept_now = len(list(corpus.iterdir()))
    print(f"{name}: {'no fault' if done.returncode == 0 else 'FAULT'} in {seconds} s, {kept_now} inputs reach new code")
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
    return done.returncode == 0


def _fuzz(name: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["transforms", "feedparser", "protego"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
