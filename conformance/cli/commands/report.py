"""``conformance report``: the reports of a run again, from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.epilog import EPILOG
from conformance.cli.say import say
from conformance.core.errors import InputError
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
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR", help="Contract folder.")
def report(journal: Path, reports: Path | None, formats: tuple[str, ...], schemas: Path | None) -> int:
    """Write the reports of a run again from JOURNAL, a journal.sqlite or the folder of reports that has one.

    It may be the journal of a run that was killed: what was decided until then is in the reports.
    """
    import msgspec

    from conformance.contract.folder import default_schemas, load, load_pages
    from conformance.journal.reader import JournalReader
    from conformance.reporting.from_journal import JournalReports
    from conformance.reporting.journaling import journal_in, read_record

    path = journal_in(journal)
    with JournalReader(path) as reader:
        record = read_record(reader, path)
        recorded = record.run.options.get("schemas")
        named = schemas or (Path(str(recorded.value)) if recorded and recorded.value else default_schemas())
        contract, tried = load(named), {each.operation for each in record.cases}
        if contract.digest != record.suite.contract_digest:
            raise InputError(f"{path}: its contract is not the one in {named}; name its folder with --schemas")
        operations = tuple(each for each in contract.operations if each.operation.id in tried)
        contract = msgspec.structs.replace(contract, operations=operations)
        made = JournalReports(reader, record)
        folder = reports or path.parent
        made.write(folder, contract, load_pages(named, contract), formats)
    say(f"{folder}: {made.results.sentence}")
    return int(made.results.exit_status)
