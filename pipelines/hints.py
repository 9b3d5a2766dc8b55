"""Near names for what a query misspells, where DuckDB itself names none or a poor one."""

from __future__ import annotations

import re
from difflib import get_close_matches

import duckdb

from schemas.views import VIEWS

_COLUMN = re.compile(r'(?:Referenced (?:column|table) |does not have a column named |Column )"([^"]+)"')
_TABLE = re.compile(r"Table with name (\S+) does not exist")


def with_hint(message: str, connection: duckdb.DuckDBPyConnection) -> str:
    """DuckDB's message, with the view or the column that was probably meant."""
    if _TABLE.search(message):
        return f"{message}\nThe views are {', '.join(VIEWS)}."
    column = _COLUMN.search(message)
    hint = _about_column(column[1], connection) if column else None
    return f"{message}\n{hint[1]}" if hint and f'"{hint[0]}"' not in message else message


def _about_column(name: str, connection: duckdb.DuckDBPyConnection) -> tuple[str, str] | None:
    """What was probably meant, and how to say it: the column of another view, or the nearest name in any view."""
    owners: dict[str, list[str]] = {}
    for view, column in connection.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall():
        if view in VIEWS:
            owners.setdefault(column, []).append(view)
    if name.lower() in owners:
        return "", f"{name} is a column of {', '.join(owners[name.lower()])}."
    near = get_close_matches(name.lower(), owners, n=2)
    told = " or ".join(f"{column} (of {', '.join(owners[column])})" for column in near)
    return (near[0], f"Did you mean {told}?") if near else None
