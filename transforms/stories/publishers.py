"""Which publishers belong together: read from a TOML file that users edit, so that independent ones can be counted.

The file holds tables `[[family]]`, each with an `id`, a `name` (optional) and `domains`, a list of registrable domains
or of feeds' own ids.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("publishers.toml")
_KEYS = {"id", "name", "domains"}


class PublishersError(ValueError):
    """A file of publishers breaks a rule of the format; the message gives file, rule, value and remedy."""


@lru_cache(maxsize=4)
def load_families(path: Path | None = None) -> Mapping[str, str]:
    """Family by domain; of the shipped file where none is named.

    Raises:
        PublishersError: The file cannot be read, or breaks a rule.
    """
    path = path or SHIPPED
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PublishersError(f"{path}: cannot be read as TOML ({error}); correct it") from error
    if unknown := set(table) - {"family"}:
        raise PublishersError(f"{path}: unknown table {min(unknown)!r}; only [[family]] is known")
    families: dict[str, str] = {}
    for place, family in enumerate(table.get("family", []), 1):
        id, domains = _family(path, place, family)
        for domain in domains:
            if families.setdefault(domain, id) != id:
                raise PublishersError(f"{path}: {domain} is in families {families[domain]!r} and {id!r}; keep one")
    return families


def _family(path: Path, place: int, family: Any) -> tuple[str, list[str]]:
    where = f"{path}: family {place}"
    if not isinstance(family, dict):
        raise PublishersError(f"{where} is no table; write [[family]] over each")
    if unknown := set(family) - _KEYS:
        raise PublishersError(f"{where}: unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    id, domains = family.get("id"), family.get("domains")
    if not isinstance(id, str) or not id.strip():
        raise PublishersError(f"{where}: id is {id!r}; give a short lasting name in quotes")
    if not isinstance(domains, list) or not all(isinstance(domain, str) and domain for domain in domains):
        raise PublishersError(f"{where} ({id}): domains is {domains!r}; give a list of domains in quotes")
    return id, [domain.casefold() for domain in domains]


def family_of(families: Mapping[str, str], names: Iterable[str | None]) -> str | None:
    """The family of the first of a publisher's names (domains, a feed's id) that the file knows."""
    return next((families[name.casefold()] for name in names if name and name.casefold() in families), None)
