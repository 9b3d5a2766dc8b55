"""Host shards: a fixed number of keys over which an unbounded graph spreads publishers, each whole on one of them.

All that is asked of one publisher is asked by one key, so its spacing can be kept and its state be in one cell.
"""

from __future__ import annotations

from typing import Final

from yarl import URL

from schemas.ids import stable_hash
from transforms.web.addresses import parse_url, registrable_domain

_LONGEST: Final = 8192

NOWHERE: Final = "nowhere"
"""Stands for the domain of an address that is none; it fails when it is asked for."""


def shard_of(url: str | None, shards: int) -> str:
    """Key of the shard that asks for an address: the same on every machine and in every version.

    Args:
        shards: How many there are. A job that was started with one number cannot be updated to another.
    """
    address = parse_url(url or "", max_length=_LONGEST)
    domain = registrable_domain(address) if isinstance(address, URL) else NOWHERE
    return _name(int(stable_hash("shard", domain)[:8], 16) % shards)


def all_shards(shards: int) -> tuple[str, ...]:
    """Keys of all shards.

    Raises:
        ValueError: `shards` is not from 1 to 999.
    """
    if not 1 <= shards <= 999:
        raise ValueError(f"{shards} shards; give a number from 1 to 999")
    return tuple(_name(number) for number in range(shards))


def _name(number: int) -> str:
    return f"shard-{number:03}"
