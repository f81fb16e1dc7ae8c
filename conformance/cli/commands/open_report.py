"""``conformance open [REPORTS]``."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.core.errors import InputError


@click.command("open")
@click.argument("reports", type=click.Path(path_type=Path), default=Path("reports"), metavar="[REPORTS]")
def open_report(reports: Path) -> int:
    """Open the report in the browser. REPORTS is the folder that a run wrote (default: reports)."""
    import webbrowser

    page = reports / "index.html" if reports.is_dir() else reports
    if not page.is_file():
        raise InputError(f"{page}: no such report; make one with: conformance run TARGET --reports {reports}")
    if not webbrowser.open(page.resolve().as_uri()):
        raise InputError(f"no browser could be started; open {page} yourself")
    click.echo(f"opened {page}")
    return 0
