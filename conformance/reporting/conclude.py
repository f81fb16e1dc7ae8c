"""The end of a run in the process that made it: its results, its reports, its baseline file."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from conformance.core import signals
from conformance.core.errors import InputError
from conformance.engine.baseline.update import update_baseline
from conformance.engine.run import Run
from conformance.journal.reader import JournalReader
from conformance.reporting.assemble import assemble
from conformance.reporting.from_journal import JournalReports
from conformance.reporting.github import append_summary
from conformance.reporting.journaling import end_journal
from conformance.reporting.record import RunRecord, take_record
from conformance.reporting.reproduction.commands import with_commands
from conformance.reporting.results import Results
from conformance.reporting.write import write_reports
from conformance.requirements import load_requirements


def conclude(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """Decide the verdict and write every report; what was not tried is entered as inconclusive.

    ``error`` is why nothing could be tested.
    """
    with signals.ignored():
        record = take_record(run, finished=datetime.now(UTC), interrupted=interrupted, error=error)
        journal, problem = end_journal(run, record)
        results: Results | None = None
        try:
            if journal is None or problem:
                results = _results(run, record)
                _write_from_memory(run, results)
            else:
                with JournalReader(journal) as reader:
                    reports = JournalReports(reader, record)
                    results = reports.results
                    reports.write(run.settings.reports)
            append_summary(results, os.environ)
            if problem:
                raise InputError(problem)
        except InputError as error:
            # The verdict comes first: the caller reports this after it.
            run.unwritten = error
    return results or _results(run, record)


def _write_from_memory(run: Run, results: Results) -> None:
    shown = [number for result in results.requirements for finding in result.findings for number in finding.exchanges]
    write_reports(
        results,
        run.target.recorder.redacted(run.target.redactor, shown),
        run.contract,
        run.settings.reports,
        run.pages,
        facts={operation: probe.facts for operation, probe in run.probes.items()},
        mode=run.settings.reports_mode,
    )


def results_of(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """The results of a run that ends now, without secrets."""
    return _results(run, take_record(run, finished=datetime.now(UTC), interrupted=interrupted, error=error))


def _results(run: Run, record: RunRecord) -> Results:
    run.close_gaps()
    return assemble(record, with_commands(run, run.results))


def write_baseline(run: Run, results: Results) -> str:
    """Write the baseline from this run if that was asked for; returns what to print, empty if it was not."""
    path = run.settings.baseline
    if path is None or not run.settings.update_baseline:
        return ""
    if results.run.interrupted:
        return f"{path} is left as it was: the run was interrupted"
    update = update_baseline(
        path,
        run.known_failures,
        results.requirements,
        run.started.date(),
        every=list(load_requirements()),
        narrowed=run.narrowed,
    )
    return f"{path}: {update}"
