"""Fingerprint and look-up of a text among many, beside datasketch's MinHashLSH doing the same."""

from __future__ import annotations

import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.invented import vocabulary
from transforms.stories.facts import QUOTE_KEYS
from transforms.stories.fingerprint import RUN_KEYS, SLOTS, fingerprint
from transforms.stories.index import SqliteIndex, create_tables

DOCUMENTS = int(os.environ.get("NEWSBEAM_BENCH_DOCUMENTS", "1000000"))
"""How many documents the index holds."""
ASKED = 2_000
WORDS = 500
ROUNDS = 3
SLOTS_OF_RIVAL = 128
_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def stories(scratch: Path) -> None:
    """Prints documents per second of one core, and memory, in rounds that take turns."""
    index = scratch / "index.sqlite"
    _child("fill", index)
    print(f"{DOCUMENTS} documents in the index: {index.stat().st_size / 1e6:,.0f} MB on disk", flush=True)
    ratios = []
    for number in range(1, ROUNDS + 1):
        ours, rival = _child("ours", index), _child("datasketch", index)
        ratios.append(ours["rate"] / rival["rate"])
        print(
            f"round {number}: fingerprint and look-up {ours['rate']:,.0f} documents of {WORDS} words per second of one"
            f" core ({ours['sign']:.2f} + {ours['find']:.2f} ms), {ours['memory']:,.0f} MB of memory;"
            f" datasketch {rival['rate']:,.0f} ({rival['sign']:.2f} + {rival['find']:.2f} ms),"
            f" {rival['memory']:,.0f} MB; ratio {ratios[-1]:.1f}",
            flush=True,
        )
    print(f"newsbeam / datasketch, median of {ROUNDS}: {sorted(ratios)[ROUNDS // 2]:.1f}")


def _child(part: str, index: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.stories", part, str(index)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def _texts() -> list[str]:
    words = vocabulary()
    return [" ".join(random.Random(n).choices(words, k=WORDS)) for n in range(ASKED)]


def _measured(sign_one: Callable[[str], Any], find_one: Callable[[Any], object]) -> dict[str, float]:
    texts = _texts()
    for text in texts[:50]:
        find_one(sign_one(text))
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
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _ours(path: Path) -> dict[str, float]:
    with closing(sqlite3.connect(path)) as connection:
        index = SqliteIndex(connection)
        return _measured(lambda text: fingerprint(text)[1], lambda bands: index.candidates(bands, _THEN))


def _datasketch(_: Path) -> dict[str, float]:
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

    return _measured(sign_one, lsh.query)


def _fill(path: Path) -> dict[str, float]:
    """Rows as a run leaves them; the keys in order, which makes the same table sooner."""
    chance = np.random.default_rng(1)
    per_row = RUN_KEYS + QUOTE_KEYS // 2
    keys = chance.integers(-(1 << 63), 1 << 63, DOCUMENTS * per_row, dtype=np.int64)
    order = np.argsort(keys)
    micros = (datetime(2026, 11, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * 86_400_000_000
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        create_tables(connection)
        connection.executemany(
            "INSERT INTO story_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)", _rows(per_row, keys, micros)
        )
        connection.executemany(
            "INSERT INTO story_keys VALUES (?, ?, ?)",
            ((int(keys[at]), int(at) // per_row, micros) for at in order),
        )
        connection.commit()
    return {}


def _rows(per_row: int, keys: Iterable[int], micros: int) -> Iterator[tuple[object, ...]]:
    packed = np.asarray(keys).astype("<i8").tobytes()
    for n in range(DOCUMENTS):
        hashed = f"{n:032x}"
        bands = packed[n * per_row * 8 : (n + 1) * per_row * 8]
        source = f"paper{n % 200}.example.org"
        yield (
            n,
            f"a2-{hashed}",
            hashed,
            f"s1-{hashed}",
            f"c1-{hashed}",
            micros,
            source,
            480,
            bytes(SLOTS),
            bytes(100),
            bands,
        )


if __name__ == "__main__":
    print(json.dumps({"fill": _fill, "ours": _ours, "datasketch": _datasketch}[sys.argv[1]](Path(sys.argv[2]))))
