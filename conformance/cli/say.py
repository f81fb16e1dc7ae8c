"""One line on the terminal, whatever a page, a server or a file of others put into it."""

from __future__ import annotations

import click

from conformance.core.one_line import one_line


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(one_line(text), err=err)
