"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


class _Duration(click.ParamType[float]):
    """Seconds, written as 90s, 15m, 1.5h or 1d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from transforms.feeds.lists import parse_duration

        seconds = value if isinstance(value, float) else parse_duration(value)
        if seconds is None:
            self.fail(f"{value!r} is no duration; write a number with s, m, h or d, e.g. 90s or 15m.", param, ctx)
        return seconds


DURATION = _Duration()

_FETCH_OPTIONS = (
    click.option("--contact", metavar="URL_OR_MAIL", help="Who runs this, for the User-Agent that publishers see."),
    click.option("--spacing", type=float, default=5.0, show_default=True, help="Seconds between requests to a site."),
    click.option("--allow-private", is_flag=True, help="Also fetch from private and loopback addresses."),
    click.option("--ignore-robots", is_flag=True, help="Do not ask robots.txt (for your own servers)."),
)


def state_option(command: _F) -> _F:
    """Adds the option that says where the ledger lies; the command takes it as `state`."""
    return click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the ledger and the writer's lock: usually _state/ in the dataset, and for one in an object"
        " store a folder of its own under ~/.local/state/newsbeam.",
    )(command)


def publishers_option(command: _F) -> _F:
    """Adds the option that names the file of publishers' families; the command takes it as `publishers`."""
    return click.option(
        "--publishers",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="TOML file of publishers that belong together, instead of the shipped one; for a cluster a path in the"
        " workers' image.",
    )(command)


def fetch_options(command: _F) -> _F:
    """Adds the options that say how to behave towards publishers; the command takes them as keyword arguments."""
    for option in reversed(_FETCH_OPTIONS):
        command = option(command)
    return command


_ARCHIVE_OPTIONS = (
    click.option("--no-archive", is_flag=True, help="Do not keep what is fetched; replay can then not extract anew."),
    click.option(
        "--archive-keep",
        type=DURATION,
        default="90d",
        show_default=True,
        help="How long what is fetched is kept in DIR/_archive.",
    ),
)


def archive_options(command: _F) -> _F:
    """Adds the options of the archive; the command takes them as keyword arguments."""
    for option in reversed(_ARCHIVE_OPTIONS):
        command = option(command)
    return command


def archive_keep_of(no_archive: bool, archive_keep: float) -> timedelta | None:
    """How long answers are kept; None where they are not."""
    return None if no_archive else timedelta(seconds=archive_keep)
