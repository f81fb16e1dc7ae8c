"""``conformance report``: the reports of a run again, from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.epilog import EPILOG
from conformance.cli.say import say
from conformance.reporting.folder import FORMATS


@click.command(epilog=EPILOG)
@click.argument("journal", type=click.Path(path_type=Path))
@click.option("--reports", type=click.Path(path_type=Path), metavar="DIR", help="Where they go; beside the journal.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="Only this one; repeatable. Default: all.",
)
def report(journal: Path, reports: Path | None, formats: tuple[str, ...]) -> int:
    """Write the reports of a run again from JOURNAL, a journal.sqlite or the folder of reports that has one.

    It may be the journal of a run that was killed: what was decided until then is in the reports.
    """
    from conformance.journal.reader import JournalReader
    from conformance.reporting.from_journal import JournalReports
    from conformance.reporting.journaling import journal_in, read_record

    path = journal_in(journal)
    with JournalReader(path) as reader:
        made = JournalReports(reader, read_record(reader, path))
        folder = reports or path.parent
        made.write(folder, formats)
    say(f"{folder}: {made.results.sentence}")
    return int(made.results.exit_status)
