"""One line on the terminal, whatever a page, a server or a file of others put into it."""

from __future__ import annotations

import os
import sys

import click

from conformance.core.one_line import one_line


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(one_line(text), err=err)


def discard_stdout() -> None:
    """The reader of the output has gone (``| head``): print nothing more, and let Python not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
