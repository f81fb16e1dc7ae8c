"""``conformance diff OLD NEW``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.reporting.run_diff import Diff

EPILOG = "Exit status: 0 nothing fails newly, 1 something does, 2 wrong usage or input."


@click.command(epilog=EPILOG)
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def diff(old: Path, new: Path, as_json: bool) -> int:
    """Show what changed between two runs: what fails newly, what was fixed, what became inconclusive.

    OLD and NEW are results.json files, or folders of reports.

    \b
    conformance diff main/results.json reports/results.json
    conformance diff reports-before reports --json
    """
    import msgspec

    from conformance.reporting.read import read_results
    from conformance.reporting.run_diff import diff as compare

    found = compare(read_results(old), read_results(new))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _print(found)
    return 1 if found.has_new_failures else 0


def _print(found: Diff) -> None:
    from conformance.core.one_line import one_line

    for difference in found.differences:
        click.echo(f"({one_line(difference)})")
    heading = ""
    for entry in found.changes:
        if entry.change != heading:
            heading = entry.change
            count = sum(each.change is entry.change for each in found.changes)
            click.echo(f"\n{heading} ({count})")
        states = " -> ".join(state.value for state in (entry.old, entry.new) if state)
        click.echo(one_line(f"  {entry.id:8} {states}  {entry.title} [{entry.operation}]"))
        if entry.reason:
            click.echo(f"           {one_line(entry.reason)}")
    click.echo(f"{'' if not found.changes else chr(10)}{len(found.changes)} changed, {found.unchanged} as before")
