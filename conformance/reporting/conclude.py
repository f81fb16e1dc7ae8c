"""The end of a run in the process that made it: its results, its reports, its baseline file."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime

from conformance.core import signals
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
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
from conformance.reporting.run_reports import RunReports
from conformance.requirements import load_requirements


def conclude(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """Decide the verdict and write every report; what was not tried is entered as inconclusive.

    ``error`` is why nothing could be tested.
    """
    with signals.ignored():
        ended = datetime.now(UTC)
        record = take_record(run, finished=ended, interrupted=interrupted, error=error)
        journal, problem = end_journal(run, record)
        if problem:
            # Now it says so.
            record = take_record(run, finished=ended, interrupted=interrupted, error=error)
        results: Results | None = None
        try:
            with contextlib.ExitStack() as stack:
                if journal is None:
                    reports = reports_of(run, record)
                else:
                    # Also if not all could be recorded: what is not in the journal was not decided.
                    reports = JournalReports(stack.enter_context(JournalReader(journal)), record)
                results = reports.results
                reports.write(run.settings.reports)
            append_summary(results, os.environ)
            if problem:
                raise InputError(problem, exit_status=ExitCode(results.exit_status))
        except InputError as error:
            # The verdict comes first: the caller reports this after it.
            run.unwritten = InputError(problem, exit_status=error.exit_status) if problem else error
    return results or assemble(record, with_commands(run, run.results))


def reports_of(run: Run, record: RunRecord) -> RunReports:
    """The reports of a run that writes no journal."""
    return RunReports(
        record,
        with_commands(run, run.results),
        run.target.recorder.evidence,
        run.contract,
        run.pages,
        {operation: probe.facts for operation, probe in run.probes.items()},
    )


def results_of(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """The results of a run without a journal that ends now, without secrets."""
    record = take_record(run, finished=datetime.now(UTC), interrupted=interrupted, error=error)
    return reports_of(run, record).results


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
