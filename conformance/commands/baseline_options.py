"""The options of ``conformance run`` about known failures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def baseline_options(command: _Command) -> _Command:
    """Add them to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Known failures (TOML), each with reason and end date; entries that do not fit any more fail the run.",
    ),
    click.option("--lenient-baseline", is_flag=True, help="Entries that do not fit any more only warn."),
    click.option("--accept-known", is_flag=True, help="Exit status 0 where every failure is in the baseline."),
    click.option("--update-baseline", is_flag=True, help="Write the baseline from this run; reasons are kept."),
)
