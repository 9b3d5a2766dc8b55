"""Russian word forms, by pymorphy3; its dictionary is loaded when the first Russian text comes (about 30 MB)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

_CASES = frozenset(("nomn", "gent", "datv", "accs", "ablt", "loct"))


@cache
def _analyzer() -> Any:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=65536)
def parses(word: str) -> tuple[Any, ...]:
    """All readings of a word form, the likeliest first."""
    return tuple(_analyzer().parse(word))


@lru_cache(maxsize=65536)
def lemmas(word: str) -> frozenset[str]:
    """Dictionary forms that a word form may belong to, ё written as е."""
    return frozenset(parse.normal_form.replace("ё", "е") for parse in parses(word))


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """The likeliest dictionary form, ё written as е."""
    return str(parses(word)[0].normal_form).replace("ё", "е")


@lru_cache(maxsize=65536)
def marks(word: str) -> frozenset[str]:
    """Grammemes of all readings of a word form: Name, Surn, Patr, Geox, NOUN, …"""
    return frozenset(mark for parse in parses(word) for mark in (*parse.tag.grammemes,))


@lru_cache(maxsize=65536)
def likely(word: str, mark: str) -> bool:
    """Whether the likeliest reading has a grammeme and stands in the dictionary."""
    first = parses(word)[0]
    return bool(first.is_known) and mark in first.tag


def nominative(word: str, mark: str, gender: str | None) -> str:
    """A part of a person's name as a dictionary would give it, in its gender; the form itself where none is known."""
    readings = [parse for parse in parses(word) if mark in parse.tag] or list(parses(word)[:1])
    fitting = [parse for parse in readings if gender is None or gender in parse.tag or "ms-f" in parse.tag] or readings
    best = fitting[0]
    found = best.inflect({"nomn", "sing"} | ({gender} if gender and gender in best.tag else set()))
    text = str(found.word if found is not None else best.normal_form)
    return "-".join(part.capitalize() for part in text.split("-"))


def gender_of(word: str) -> str | None:
    """masc or femn of a given name or patronymic, None where both may be."""
    genders = {
        parse.tag.gender for parse in parses(word) if ("Name" in parse.tag or "Patr" in parse.tag) and parse.tag.gender
    }
    return str(genders.pop()) if len(genders) == 1 else None


def is_genitive(word: str) -> bool:
    """Whether a word form may be a genitive."""
    return "gent" in marks(word)
