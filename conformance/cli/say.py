"""One line on the terminal, whatever a page, a server or a file of others put into it."""

from __future__ import annotations

import os
import sys

import click

from conformance.core.one_line import one_line


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(one_line(text), err=err)


def let_go_of_stdout() -> None:
    """Whoever read the output has gone (``| head``): nothing more is printed, and Python must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
