"""What a replay changed in the tags of articles, counted by actor and by region, with examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.records import Article

_SHOWN = 20
"""Actors and regions told one by one; the others are summed."""

_EXAMPLES = 2
_TITLE_CHARS = 60
_PROVISIONAL = "(in no pack)"
"""Actors whose ids were made of their names count as one: there may be as many of them as articles."""


@dataclass
class Turnover:
    """How many articles gained or lost one tag, and the headlines of some of them."""

    name: str = ""
    gained: int = 0
    lost: int = 0
    gained_by: list[str] = field(default_factory=list)
    lost_by: list[str] = field(default_factory=list)

    def gain(self, article: Article) -> None:
        """Counts an article that has the tag now."""
        self.gained += 1
        _note(self.gained_by, article)

    def lose(self, article: Article) -> None:
        """Counts an article that had the tag before."""
        self.lost += 1
        _note(self.lost_by, article)

    def line(self, tag: str) -> str:
        """The tag's counts and examples as a person reads them."""
        label = f"{tag}, {self.name}" if self.name and self.name != tag else tag
        examples = [*(f"+ {title}" for title in self.gained_by), *(f"- {title}" for title in self.lost_by)]
        return f"  {label}  +{self.gained} -{self.lost}  {'; '.join(examples)}".rstrip()


@dataclass
class Changes:
    """What a replay of the tags did.

    Attributes:
        retagged: Articles tagged anew.
        changed: Those of them whose tags are others now, in whatever respect.
        current: Articles that had been tagged by these versions already, and were left as they are.
        failed: Articles that could not be tagged; they keep the tags that they have.
    """

    retagged: int = 0
    changed: int = 0
    current: int = 0
    failed: int = 0
    regions: dict[str, Turnover] = field(default_factory=dict)
    actors: dict[str, Turnover] = field(default_factory=dict)

    def compare(self, before: Article, after: Article) -> bool:
        """Counts one article; True where a tag has changed."""
        self.retagged += 1
        same = _tags(before) == _tags(after)
        self.changed += not same
        _turn(self.regions, {before.region: ""}, {after.region: ""}, after)
        _turn(self.actors, _actors(before), _actors(after), after)
        return not same

    def lines(self, pack_version: str, *, dry_run: bool = False) -> list[str]:
        """The changes as a person reads them."""
        did = "would tag" if dry_run else "tagged"
        return [
            f"{did} {self.retagged} articles with {pack_version}: tags of {self.changed} changed;"
            f" {self.current} had these tags already, {self.failed} failed",
            *self.sections(),
        ]

    def sections(self) -> list[str]:
        """The changes by region and by actor."""
        return [
            *_section("regions", "articles that came to each (+) and left it (-)", self.regions),
            *_section("actors", "articles that gained each (+) and lost it (-)", self.actors),
        ]


def _tags(article: Article) -> tuple[object, ...]:
    return (
        article.places,
        article.actors,
        article.quotes,
        article.links,
        article.countries,
        article.regions,
        article.region,
    )


def _actors(article: Article) -> dict[str, str]:
    return {
        _PROVISIONAL if actor.provisional else actor.actor_id: "" if actor.provisional else actor.name
        for actor in article.actors
    }


def _turn(counted: dict[str, Turnover], before: Mapping[str, str], after: Mapping[str, str], article: Article) -> None:
    for tag in after.keys() - before.keys():
        counted.setdefault(tag, Turnover(after[tag])).gain(article)
    for tag in before.keys() - after.keys():
        counted.setdefault(tag, Turnover(before[tag])).lose(article)


def _section(name: str, meaning: str, counted: Mapping[str, Turnover]) -> list[str]:
    ranked = sorted(counted.items(), key=lambda item: (-(item[1].gained + item[1].lost), item[0]))
    if not ranked:
        return [f"{name}: nothing changed"]
    lines = [f"{name}, {meaning}:", *(turnover.line(tag) for tag, turnover in ranked[:_SHOWN])]
    return [*lines, _rest(name, [turnover for _, turnover in ranked[_SHOWN:]])] if len(ranked) > _SHOWN else lines


def _rest(name: str, others: Sequence[Turnover]) -> str:
    return f"  {len(others)} more {name}  +{sum(o.gained for o in others)} -{sum(o.lost for o in others)}"


def _note(examples: list[str], article: Article) -> None:
    if len(examples) < _EXAMPLES:
        title = article.title or article.url
        examples.append(title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1].rstrip() + "…")
