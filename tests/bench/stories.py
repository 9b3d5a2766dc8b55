"""Fingerprint and look-up of a text among many, beside datasketch's MinHashLSH doing the same."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.words import vocabulary
from transforms.stories.facts import QUOTE_KEYS
from transforms.stories.fingerprint import RUN_KEYS, SLOTS, fingerprint
from transforms.stories.index import SqliteIndex, create_tables

DOCUMENTS = int(os.environ.get("NEWSBEAM_BENCH_DOCUMENTS", "1000000"))
"""How many documents the index holds."""
ASKED = 2_000
WORDS = 500
SENTENCE = 20
"""Words of a sentence: it has a name and a number; one sentence of the text is quoted."""
ROUNDS = 3
SLOTS_OF_RIVAL = 128
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
_CHUNK = 10_000

Measure = Callable[[], dict[str, float]]


def stories(scratch: Path) -> None:
    """Prints documents per second of one core, and memory, in rounds that take turns."""
    index = scratch / "index.sqlite"
    subprocess.run([*_COMMAND, "fill", str(index)], check=True)
    print(f"{DOCUMENTS} documents in the index: {index.stat().st_size / 1e6:,.0f} MB on disk", flush=True)
    with _Side("ours", index) as ours, _Side("datasketch", index) as rival:
        ratios = []
        for number in range(1, ROUNDS + 1):
            one, other = ours.measure(), rival.measure()
            ratios.append(one["rate"] / other["rate"])
            print(
                f"round {number}: fingerprint and look-up {one['rate']:,.0f} documents of {WORDS} words per second of"
                f" one core ({one['sign']:.2f} + {one['find']:.2f} ms), {one['memory']:,.0f} MB of memory;"
                f" datasketch {other['rate']:,.0f} ({other['sign']:.2f} + {other['find']:.2f} ms),"
                f" {other['memory']:,.0f} MB; ratio {ratios[-1]:.1f}",
                flush=True,
            )
    print(f"newsbeam / datasketch, median of {ROUNDS}: {sorted(ratios)[ROUNDS // 2]:.1f}")


_COMMAND = (sys.executable, "-m", "tests.bench.stories")


class _Side:
    """A process that holds its index and measures itself once for each line that it is sent."""

    def __init__(self, name: str, index: Path) -> None:
        command = [*_COMMAND, name, str(index)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> _Side:
        self.measure()  # its index stands, and the caches are warm
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def measure(self) -> dict[str, float]:
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        asked.write("go\n")
        asked.flush()
        measured: dict[str, float] = json.loads(told.readline())
        return measured


def _texts() -> list[str]:
    return [_text(random.Random(number)) for number in range(ASKED)]


def _text(chance: random.Random) -> str:
    words = chance.choices(vocabulary(), k=WORDS)
    for first in range(0, WORDS, SENTENCE):
        name, number = chance.sample(range(first + 1, first + SENTENCE - 1), 2)
        words[first], words[name] = words[first].capitalize(), words[name].capitalize()
        words[number] = str(chance.randint(2, 2000))
        words[first + SENTENCE - 1] += "."
    words[SENTENCE], words[2 * SENTENCE - 1] = f"“{words[SENTENCE]}", f"{words[2 * SENTENCE - 1]}”"
    return " ".join(words)


def _measured(sign_one: Callable[[str], Any], find_one: Callable[[Any], object], texts: list[str]) -> dict[str, float]:
    begin = time.process_time()
    signed = [sign_one(text) for text in texts]
    middle = time.process_time()
    for one in signed:
        find_one(one)
    end = time.process_time()
    return {
        "sign": (middle - begin) / ASKED * 1e3,
        "find": (end - middle) / ASKED * 1e3,
        "rate": ASKED / (end - begin),
        "memory": _peak_mb(),
    }


def _peak_mb() -> float:
    """Greatest resident memory of this process since its program was loaded, which that of its rusage is not."""
    told = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return int(told[1]) / 1e3 if told else 0.0


def _ours(path: Path) -> Measure:
    index, texts = SqliteIndex(sqlite3.connect(path)), _texts()
    since = _FETCHED - timedelta(days=7)
    return lambda: _measured(lambda text: fingerprint(text)[1], lambda bands: index.candidates(bands, since), texts)


def _datasketch(_: Path) -> Measure:
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=0.5, num_perm=SLOTS_OF_RIVAL)
    scheme = MinHash(num_perm=SLOTS_OF_RIVAL).scheme
    chance = np.random.default_rng(1)
    for number in range(DOCUMENTS):
        values = chance.integers(0, 1 << 32, SLOTS_OF_RIVAL, dtype=np.uint64)
        lsh.insert(number, MinHash(num_perm=SLOTS_OF_RIVAL, hashvalues=values, scheme=scheme), check_duplication=False)

    def sign_one(text: str) -> MinHash:
        words = text.lower().split()
        made = MinHash(num_perm=SLOTS_OF_RIVAL)
        made.update_batch({" ".join(run).encode() for run in zip(words, words[1:], words[2:], strict=False)})
        return made

    texts = _texts()
    return lambda: _measured(sign_one, lsh.query, texts)


def _fill(path: Path) -> None:
    """Rows as a run leaves them; the keys in order, which makes the same table sooner."""
    per_row = RUN_KEYS + QUOTE_KEYS // 2
    keys = np.random.default_rng(1).integers(-(1 << 63), 1 << 63, (DOCUMENTS, per_row), dtype=np.int64)
    connection = sqlite3.connect(path)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    create_tables(connection)
    connection.executemany("INSERT INTO story_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)", _rows(keys))
    connection.executemany("INSERT INTO story_keys VALUES (?, ?, ?)", _filed(keys))
    connection.commit()
    connection.close()


def _rows(keys: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Iterator[tuple[object, ...]]:
    micros = (_FETCHED - _EPOCH) // timedelta(microseconds=1)
    signature, facts = bytes(SLOTS), bytes(100)
    for n, row in enumerate(keys):
        hashed, source = f"{n:032x}", f"paper{n % 200}.example.org"
        ids = (n, f"a2-{hashed}", hashed, f"s1-{hashed}", f"c1-{hashed}")
        yield (*ids, micros, source, 480, signature, facts, row.tobytes())


def _filed(keys: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Iterator[tuple[int, ...]]:
    micros = (_FETCHED - _EPOCH) // timedelta(microseconds=1)
    order = np.argsort(keys, axis=None)
    for first in range(0, order.size, _CHUNK):
        part = order[first : first + _CHUNK]
        rows = (part // keys.shape[1]).tolist()
        yield from ((key, row, micros) for key, row in zip(keys.flat[part].tolist(), rows, strict=True))


def _serve(measure: Measure) -> None:
    for _ in sys.stdin:
        print(json.dumps(measure()), flush=True)


if __name__ == "__main__":
    part, place = sys.argv[1], Path(sys.argv[2])
    if part == "fill":
        _fill(place)
    else:
        _serve({"ours": _ours, "datasketch": _datasketch}[part](place))
