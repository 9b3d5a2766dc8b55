"""What is wrong, and what looks wrong, with some pack files: all of it at once, each with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.tags.lexicon import STOP_CAPITALS
from transforms.tags.pack_reader import PackError, PackReader
from transforms.tags.packs import PackActor, PackPlace, Source, WatchRegion, read_sources
from transforms.tags.text import fold_name


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. A pack with an error is refused; with a warning it is taken."""

    path: Path
    line: int | None
    message: str
    is_error: bool

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {'error' if self.is_error else 'warning'}: {self.message}"


def check_packs(paths: Sequence[Path]) -> list[Finding]:
    """Findings in the order of the files and their lines; the files are checked as one set, as they would be loaded."""
    findings: list[Finding] = []

    def note(error: PackError, *, is_error: bool = True) -> None:
        findings.append(Finding(error.path, error.line, error.message, is_error))

    readers = []
    for path in paths:
        try:
            readers.append(PackReader(Path(path)))
        except PackError as error:
            note(error)
    for source in read_sources(readers, note):
        for warning in _warnings(source):
            note(warning, is_error=False)
    order = {Path(path): number for number, path in enumerate(paths)}
    return sorted(findings, key=lambda f: (order[f.path], f.line or 0, not f.is_error))


def _warnings(source: Source) -> Iterator[PackError]:
    entry = source.entry
    if isinstance(entry, PackActor):
        yield from _actor_warnings(source, entry)
    elif isinstance(entry, PackPlace):
        if not entry.aliases:
            yield source.error("a place without aliases is never found", entry.id, "add aliases")
    elif isinstance(entry, WatchRegion) and not (entry.countries or entry.admin1 or entry.places or entry.borders):
        yield source.error(
            "a region without members is never chosen", entry.id, "add countries, admin1, places or borders"
        )


def _actor_warnings(source: Source, actor: PackActor) -> Iterator[PackError]:
    seen: set[str] = set()
    for alias in actor.aliases + actor.acronyms + actor.weak:
        folded = fold_name(alias)
        if folded in seen:
            yield source.error(f"{actor.id} has an alias twice (marks and quotes are folded)", alias, "leave one out")
        seen.add(folded)
    for alias in actor.aliases:
        if alias in STOP_CAPITALS or (alias.isascii() and alias.isalpha() and alias.islower()):
            remedy = "put it into weak, with context"
            yield source.error("an alias that is a common word is found where it means another thing", alias, remedy)
    if actor.weak and not (actor.context or actor.aliases or actor.acronyms):
        remedy = "add context, or an alias"
        yield source.error("weak aliases without context and without another alias are never found", actor.id, remedy)
    if actor.context and not actor.weak:
        yield source.error("context is for weak aliases only, and there are none", actor.id, "leave it out", "context")
