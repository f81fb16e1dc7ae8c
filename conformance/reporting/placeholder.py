"""Reports of a run that has not finished, or that could not be made: they are never a verdict on a server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from conformance import __version__
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.reporting.folder import MODE, RESULTS, clear, is_reported
from conformance.reporting.results import FORMAT, Results, RunInfo, Suite, TargetInfo
from conformance.reporting.verdict import Scope, Verdict
from conformance.reporting.write import write_reports

NOT_FINISHED = "not finished: the run is still going on, or was killed"
INTERRUPTED = "the run was interrupted before anything was tested"
_NOTHING = Contract(operations=(), digest="")


def begin(folder: Path, run_id: str, mode: int = MODE) -> None:
    """Move earlier reports aside and say that this run has not finished; does nothing the second time.

    Raises InputError if that cannot be written.
    """
    if clear(folder, run_id):
        try:
            write_reports(_results(run_id, NOT_FINISHED, unfinished=True), [], _NOTHING, folder, mode=mode)
        except InputError:
            # The others may fail now as they may at the end, when the verdict is printed first.
            if not (folder / RESULTS).exists():
                raise


def report_failure(
    folder: Path, run_id: str, reason: str, *, error: int = 0, interrupted: bool = False, mode: int = MODE
) -> None:
    """Write why nothing could be tested, if the folder can be written to; reports of a verdict of this run stay."""
    try:
        if is_reported(folder, run_id):
            return
        clear(folder, run_id)
        results = _results(run_id, reason, error=error, interrupted=interrupted)
        write_reports(results, [], _NOTHING, folder, mode=mode)
    except InputError:
        # What went wrong first is printed on the terminal; a second reason would hide it.
        return


@contextlib.contextmanager
def reporting(folder: Path, run_id: str, mode: int = MODE) -> Iterator[None]:
    """For as long as a run takes: its reports say so, and why if it ends without a verdict."""
    try:
        begin(folder, run_id, mode)
        yield
    except InputError as error:
        report_failure(folder, run_id, str(error), error=error.exit_status, mode=mode)
        raise
    except KeyboardInterrupt:
        report_failure(folder, run_id, INTERRUPTED, interrupted=True, mode=mode)
        raise


def _results(
    run_id: str, reason: str, *, error: int = 0, unfinished: bool = False, interrupted: bool = False
) -> Results:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Results(
        format=FORMAT,
        suite=Suite(version=__version__, contract_digest=""),
        target=TargetInfo(url="", installation=""),
        run=RunInfo(
            started=now,
            finished=now,
            profile="",
            seed=0,
            requests=0,
            workers=1,
            requests_digest="",
            id=run_id,
            interrupted=interrupted,
            unfinished=unfinished,
            error=error,
        ),
        verdict=Verdict.INCONCLUSIVE,
        reason=reason,
        requirements=(),
        scope=Scope(complete=False, reasons=(reason,)),
    )
