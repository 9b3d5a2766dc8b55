"""Version stamps that every row carries, so that each can be explained later."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

FIRST_SCHEMA_VERSION = "1"
"""The earliest version of the tables' columns that a dataset may hold."""

SCHEMA_VERSION = "3"
"""Version of the tables' columns. Raised when a column is added; none is ever renamed or retyped."""

ID_VERSION = "a2"
"""Prefix of every article_id: names the canonicalisation and the hash it was made with."""

HASH_VERSION = "h1"
"""Prefix of every content_hash: names the normalisation of the text that is hashed."""


def pipeline_version() -> str:
    """Version of the installed newsbeam, or `0+unknown` when run from a bare tree."""
    try:
        return version("newsbeam")
    except PackageNotFoundError:
        return "0+unknown"
