"""The tagger alone: texts of 3,000 characters in a second of one core, time by length, load and memory.

News text, of TR-News in the bench material, so that there is as much to find as there is in news.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.measure import processor_seconds, spread
from tests.bench.pages import ROOT, bench_dir

SIZE = 3_000
ROUNDS = 5
LONGER = (10_000, 100_000, 1_000_000)
LOAD = """
import resource, time
begin = time.perf_counter()
from transforms.tags.tagger import Tagger
tagger = Tagger.load()
taken = time.perf_counter() - begin
resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
print(f"imports, gazetteer and packs {taken:.2f} s; memory {resident:.0f} MB,", end=" ")
# Not ru_maxrss: a child's begins with the memory of the process that started it.
peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024 / 1e6
print(f"at most {peak:.0f} MB while loading (asked: 120)")
"""


def news() -> str:
    """All texts of TR-News, one after the other."""
    with (bench_dir() / "gold" / "places_trnews.jsonl").open(encoding="utf-8") as lines:
        return "\n".join(json.loads(line)["text"] for line in lines)


def tagger() -> None:
    """Prints the tagger's rate, how its time grows with a text's length, and what loading takes."""
    from transforms.tags.tagger import Tagger

    text, shared = news(), Tagger.load()
    pieces = [text[start : start + SIZE] for start in range(0, len(text) - SIZE, SIZE)]
    rates = []
    for _ in range(ROUNDS):
        begin = processor_seconds()
        for piece in pieces:
            shared.tag(None, piece)
        rates.append(len(pieces) / (processor_seconds() - begin))
    print(f"tagger: {spread(rates)} texts of {SIZE} characters in a second of one core (asked: 500)")
    repeated = text * (LONGER[-1] // len(text) + 1)
    for size in LONGER:
        begin = processor_seconds()
        shared.tag(None, repeated[:size])
        print(f"tagger: {size} characters in {processor_seconds() - begin:.3f} s", flush=True)
    subprocess.run([sys.executable, "-c", LOAD], check=True, cwd=ROOT)
