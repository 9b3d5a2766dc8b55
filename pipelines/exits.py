"""Exit codes of the command line, the one way to end with a message, and silence for the rest."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_NOTHING_FETCHED = 3
EXIT_LOCKED = 4
EXIT_INTERRUPTED = 130


class UnknownOption(Exception):
    """An option that neither newsbeam nor Beam knows, or that this version cannot serve."""


@contextmanager
def errors_told() -> Iterator[None]:
    """Ends the command with the message and the exit code of what a person can mend; other errors pass."""
    from pipelines.lock import DatasetLocked
    from transforms.feeds.lists import FeedListError
    from transforms.storage.dataset import CannotWrite, DatasetError
    from transforms.stories.publishers import PublishersError
    from transforms.tags.pack_reader import PackError

    try:
        yield
    except CannotWrite as error:
        fail(str(error), EXIT_WRONG)
    except (UnknownOption, FeedListError, DatasetError, PackError, PublishersError) as error:
        fail(str(error))
    except DatasetLocked as error:
        fail(str(error), EXIT_LOCKED)


def fail(message: str, code: int = EXIT_USAGE) -> NoReturn:
    """Ends the command with a message for a person on standard error."""
    click.echo(f"newsbeam: {message}", err=True)
    sys.exit(code)


def quiet_libraries() -> None:
    """Libraries' own log lines are not for our users: what they need to know is in the tables and the closing sum."""
    logging.getLogger().setLevel(logging.CRITICAL)


_REFUSED = re.compile(
    r"(?:(?:CannotWrite|ArchiveRefused): (?P<store>.+?)"
    r"|OperationalError: (?P<ledger>[^\n]*(?:full|I/O|readonly|open database)[^\n]*?))"
    r"(?: \[while running|\\n|\n|$)"
)


_DAMAGED = re.compile(r"DatabaseError: (file is not a database|database disk image is malformed)")


def refusal_in(error: BaseException) -> str | None:
    """What a person is told where a disk or a store refused to take something; None where the error is another one.

    A runner gives the errors of its stages as text only, with their traces.
    """
    told = f"{type(error).__name__}: {error}"
    if damaged := _DAMAGED.search(told):
        return (
            f"the ledger in _state/ is damaged: {damaged[1]}. newsbeam state rebuild DIR makes it anew from the tables."
        )
    found = _REFUSED.search(told)
    if found is None:
        return None
    return found["store"] or (
        f"the ledger in _state/ cannot be written: {found['ledger']}. Nothing is lost: free space or mend the rights,"
        " and start the same command again."
    )
