"""``conformance config``: the value that every option of a run has, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from conformance.cli.run_options import run_options, taken
from conformance.cli.say import say
from conformance.engine.options.option import CONFIG

if TYPE_CHECKING:
    from conformance.engine.options.effective import UsedOption


@click.command()
@run_options(CONFIG)
def config(**parameters: Any) -> int:
    """Print every option of ``conformance run`` with its value and origin; send nothing, print no secret.

    Command line comes before environment (CONFORMANCE_NAME), environment before the file of --config, that before the
    default.

    \b
    conformance config --config conformance.toml --rate 5
    """
    from conformance.engine.settings import RunOptions, used_of

    used = used_of(RunOptions(CONFIG, taken(CONFIG, parameters)).effective)
    rows = [(name, _shown(each), _origin(each)) for name, each in used.items()]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, origin in rows:
        say(f"{name:{first}}  {value:{second}}  {origin}")
    return 0


def _shown(used: UsedOption) -> str:
    if isinstance(used.value, bool):
        return "yes" if used.value else "no"
    if isinstance(used.value, tuple):
        return ", ".join(map(_one_line, used.value)) or "-"
    return "-" if used.value in (None, "") else _one_line(used.value)


def _one_line(value: Any) -> str:
    """Values of the environment may hold what a terminal obeys."""
    text = str(value)
    return text if text.isprintable() else ascii(text)[1:-1]


def _origin(used: UsedOption) -> str:
    kind = {"file": "", "default": "default"}.get(used.origin, used.origin)
    return " ".join(filter(None, [kind, used.place]))
