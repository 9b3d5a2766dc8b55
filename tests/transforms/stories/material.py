"""Real texts to measure on, read where they lie: of the bench, and what extractors make of its pages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Hashable, Mapping
from datetime import datetime
from itertools import combinations
from pathlib import Path

from transforms.stories.hashing import hash_words, join_runs

Document = tuple[str, str | None, str, str | None, datetime | None]

_GOLD = ("places_lgl", "places_trnews", "actors_re3d", "entities_msnbc-updated", "nerel_dev", "dups_ccm1000")
_LEAST_WORDS = 60
_LEAST_SHARED = 0.5


def bench_texts(bench: Path) -> dict[str, tuple[str | None, str]]:
    """Title and text of all news texts of the bench, by collection and id."""
    found = {key: (title, text) for key, (title, text, _) in bench_pages(bench).items()}
    for name in _GOLD:
        for line in (bench / "gold" / f"{name}.jsonl").read_bytes().splitlines():
            row = json.loads(line)
            found[f"{name}:{row['id']}"] = (row.get("title"), row["text"])
    return found


def bench_pages(bench: Path) -> dict[str, tuple[str | None, str, Path]]:
    """Title, gold text and HTML file of all pages of the bench."""
    found: dict[str, tuple[str | None, str, Path]] = {}
    for key, page in json.loads((bench / "aeb" / "ground-truth.json").read_text("utf-8")).items():
        found[f"aeb:{key}"] = (None, page["articleBody"], bench / "aeb" / "html" / f"{key}.html.gz")
    html = {path.name.partition(".")[0]: path for path in (bench / "wcxb" / "dev").rglob("*.html*")}
    for path in sorted((bench / "wcxb" / "dev").rglob("*.json")):
        gold = json.loads(path.read_text("utf-8"))
        gold = gold.get("ground_truth", gold)
        found[f"wcxb:{path.stem}"] = (gold.get("title"), gold.get("main_content") or "", html[path.stem])
    return found


def noisy_variants(bench: Path) -> tuple[list[Document], dict[str, str]]:
    """Each page's text as its gold and five ways of extraction give it, each from an outlet of its own.

    Paragraphs are lost and boilerplate is added; the last way takes the whole page. Left out is what shares less than
    half with the gold text, which is another text, and what is shorter than 60 words.

    Returns:
        The documents, and the page of each.
    """
    documents: list[Document] = []
    page_of: dict[str, str] = {}
    for key, (title, gold, path) in bench_pages(bench).items():
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for number, text in enumerate((gold, *_extracted(body.decode("utf-8", "replace")))):
            if len(text.split()) >= _LEAST_WORDS and _shared(gold, text) >= _LEAST_SHARED:
                name = f"{key} {number}"
                documents.append((name, title or " ".join(gold.split()[:8]), text, f"outlet{number}.example", None))
                page_of[name] = key
    return documents, page_of


def _extracted(html: str) -> list[str]:
    from trafilatura import baseline, extract, html2txt

    made = (
        extract(html, include_comments=False),
        extract(html, include_comments=False, favor_precision=True),
        extract(html, include_comments=True, favor_recall=True),
        baseline(html)[1],
        html2txt(html),
    )
    return [text or "" for text in made]


def _shared(one: str, other: str) -> float:
    ours, theirs = runs_of_three(one), runs_of_three(other)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def runs_of_three(text: str) -> set[int]:
    """Hashes of a text's runs of three words."""
    words = hash_words(text).hashes
    return set(join_runs(join_runs(words, 1, words), 2, join_runs(words, 1, words)).tolist())


def pairs_of(label_of: Mapping[str, Hashable]) -> set[tuple[str, ...]]:
    """All pairs of keys that have one label."""
    members: dict[Hashable, list[str]] = {}
    for key, label in label_of.items():
        members.setdefault(label, []).append(key)
    return {pair for group in members.values() for pair in combinations(sorted(group), 2)}
