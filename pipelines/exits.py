"""Exit codes of the command line, the one way to end with a message, and silence for the rest."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import click

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_NOTHING_FETCHED = 3
EXIT_LOCKED = 4
EXIT_INTERRUPTED = 130


def fail(message: str, code: int = EXIT_USAGE) -> NoReturn:
    """Ends the command with a message for a person on standard error."""
    click.echo(f"newsbeam: {message}", err=True)
    sys.exit(code)


def quiet_libraries() -> None:
    """Libraries' own log lines are not for our users: what they need to know is in the tables and the closing sum."""
    logging.getLogger().setLevel(logging.CRITICAL)
