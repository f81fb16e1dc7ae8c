"""``conformance resume``: a run that was killed or interrupted goes on where it stopped."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.commands.run import execute, target_of
from conformance.cli.epilog import EPILOG
from conformance.cli.named_target import named_target
from conformance.cli.run_options import run_options, taken
from conformance.core.errors import InputError
from conformance.core.signals import interruptible

if TYPE_CHECKING:
    from conformance.engine.options.effective import UsedOption
    from conformance.engine.run import Run
    from conformance.journal.reader import JournalReader
    from conformance.reporting.record import RunRecord

_AGAIN = ("also", "insecure")
"""Options that decide which code runs and who may read what is sent: no file chooses these."""


@click.command(epilog=EPILOG)
@click.argument("reports", type=click.Path(path_type=Path))
@run_options("resume")
def resume(*, reports: Path, **parameters: Any) -> int:
    """Continue the run in REPORTS (the folder) after it was killed or interrupted.

    What was decided is kept; a requirement that was being tried starts again. The options are those of the run. Only
    the target, what may be secret, --also and --insecure are given again: the journal has no secrets, and does not
    choose where they are sent or which code runs.

    \b
    conformance resume reports --target https://staging.example --auth bearer:env:TOKEN
    """
    from conformance.engine.custom_requirements import load_custom_requirements
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions
    from conformance.journal.reader import JournalReader
    from conformance.reporting.journaling import journal_in
    from conformance.reporting.results import REFERENCE
    from conformance.requirements import load_requirements

    given = taken("resume", parameters)
    path = journal_in(reports)
    with JournalReader(path) as journal:
        record = _record(journal, path)
        options = RunOptions("run", {**_recorded(record.run.options), **{k: v for k, v in given.items() if v}})
        load_requirements()
        custom = load_custom_requirements(options["also"])
        target = named_target(options["target"], record.target)
        named = None if target == REFERENCE else target
        with (
            interruptible() as interrupted,
            target_of(named, options["auth"], options["schemas"], options.config) as (url, credentials, config),
        ):
            settings = options.settings(
                url,
                given=record.target.given,
                auth=credentials,
                run_id=record.run.id,
                seed=record.run.seed,
                reports=path.parent,
            )
            run = Run(settings, config)
            with contextlib.ExitStack() as stack:
                stack.callback(run.close)
                _check(run, record, path)
                _take_over(run, record, journal)
                stack.pop_all()
            journal.close()
            return execute(run, interrupted, custom, quiet=options["quiet"])


def _record(journal: JournalReader, path: Path) -> RunRecord:
    from conformance.reporting.journaling import read_record

    record = read_record(journal, path)
    if record.finished is not None and not (record.run.interrupted or record.run.stopped or record.limits_reached):
        raise InputError(f"{path}: the run has ended; write its reports again with: conformance report {path.parent}")
    return record


def _recorded(options: dict[str, UsedOption]) -> dict[str, Any]:
    """The options of the run as they would be written, without those that are given again."""
    from conformance.engine.options.table import option

    found: dict[str, Any] = {}
    for name, used in options.items():
        if used.origin == "default" or used.value is None or name in _AGAIN or option(name).secret:
            continue
        if isinstance(used.value, bool):
            found[name] = used.value
        else:
            found[name] = tuple(map(str, used.value)) if isinstance(used.value, tuple) else str(used.value)
    return found


def _check(run: Run, record: RunRecord, path: Path) -> None:
    """Raises InputError if what is the same in one run has changed meanwhile."""
    from conformance import __version__

    changes = {
        f"conformance is {__version__}, and the run began with {record.suite.version}": (
            __version__ != record.suite.version
        ),
        f"the target is {run.target.url}, and the run was against {record.target.url}": (
            not record.target.given and run.target.url != record.target.url
        ),
        "the contract has changed": run.contract.digest != record.suite.contract_digest,
        "conformance.toml has changed": run.config.recorded() != record.run.config,
    }
    changed = [text for text, has_changed in changes.items() if has_changed]
    if changed:
        raise InputError(f"{path}: {'; '.join(changed)}: this run cannot go on; start a new one with: conformance run")


def _take_over(run: Run, record: RunRecord, journal: JournalReader) -> None:
    """Keep what was decided, and answer from the record what was sent for it."""
    from datetime import datetime

    import msgspec

    from conformance.client.playback import Playback
    from conformance.engine.result import RequirementResult

    results = [msgspec.json.decode(each, type=RequirementResult) for each in journal.results()]
    cases = {(each.requirement, each.operation) for each in record.cases}
    run.expect([case for case in run.cases() if (case[0].id, case[1]) in cases])
    run.kept = {(each.id, each.operation): each for each in results}
    run.started_again = {(each.requirement, each.operation): each.last for each in record.started_again}
    run.started_again |= dict.fromkeys(journal.interrupted(), journal.exchanges().next_number - 1)
    run.target.resume(Playback(journal.exchanges(), run.kept, run.target.redactor, run.started_again))
    run.started = datetime.fromisoformat(record.run.started)
