"""The reports of a run under pytest, from the first moment to the exit status.

The suite is imported inside functions: pytest loads this in every run of an environment with this package.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from conformance.core.errors import InputError
    from conformance.engine.run import Run

RUN_ID: pytest.StashKey[str] = pytest.StashKey()
_BEGUN: pytest.StashKey[Path] = pytest.StashKey()
_SELECTING = (("keyword", "-k"), ("markexpr", "-m"), ("deselect", "--deselect"))


def run_id(config: pytest.Config) -> str:
    """The id of this run: the controller's, in a worker of pytest-xdist."""
    given = getattr(config, "workerinput", {})
    return str(config.stash.setdefault(RUN_ID, given.get("conformance_run") or uuid.uuid4().hex))


def begin(config: pytest.Config) -> None:
    """Earlier reports go aside, this run's say that it has not finished. Raises InputError."""
    from conformance.engine.options.on_pytest import taken
    from conformance.engine.settings import only_planned
    from conformance.reporting.placeholder import begin as begin_reports

    if only_planned("pytest", taken(config)):
        return
    folder, mode = _where(config)
    config.stash[_BEGUN] = folder
    begin_reports(folder, run_id(config), mode)


def fail(config: pytest.Config, error: InputError, run: Run | None = None) -> NoReturn:
    """End pytest because nothing can be tested; the reports say why."""
    report_error(config, error, run)
    pytest.exit(str(error), returncode=error.exit_status)


def report_error(config: pytest.Config, error: InputError, run: Run | None = None) -> None:
    """Have the reports say why nothing can be tested, with the evidence where something was sent."""
    if config.option.collectonly or hasattr(config, "workerinput"):
        return
    from conformance.reporting.conclude import conclude
    from conformance.reporting.placeholder import report_failure

    if run is not None:
        conclude(run, error=error)
    else:
        folder, mode = _where(config)
        report_failure(folder, run_id(config), str(error), error=error.exit_status, mode=mode)


def nothing_sent(config: pytest.Config, *, interrupted: bool) -> None:
    """The run ends, and nothing was tested: the reports must not say that it is still going on."""
    from conformance.reporting.placeholder import INTERRUPTED, report_failure

    if _BEGUN in config.stash:
        why = INTERRUPTED if interrupted else "no requirement was tried"
        report_failure(config.stash[_BEGUN], run_id(config), why, interrupted=interrupted, mode=_where(config)[1])


def narrow(session: pytest.Session, run: Run) -> bool:
    """Note which options of pytest's own left something out; True where ``-x`` or ``--maxfail`` ended the run."""
    option = session.config.option
    run.selected_by = []
    if len(run.expected) < len(run.cases()):
        for name, shown in _SELECTING:
            given = getattr(option, name, None)
            for value in [given] if isinstance(given, str) else given or []:
                run.selected_by += [f"{shown} {value}"] if value else []
        run.selected_by += ["--lf"] if getattr(option, "lf", False) else []
        if not run.selected_by:
            run.selected_by = [f"{len(run.expected)} of {len(run.cases())} tests were named"]
    most = getattr(option, "maxfail", 0)
    tried = {(result.id, result.operation) for result in run.results}
    untried = any((requirement.id, operation) not in tried for requirement, operation in run.expected)
    ended = bool(most and session.testsfailed >= most and untried)
    if ended:
        run.target.budget.note("-x" if most == 1 else f"--maxfail {most}")
    return ended


def aside(config: pytest.Config, path: Path | None) -> Path | None:
    """Where a report is that an option names, now that earlier ones are kept aside."""
    from conformance.reporting.folder import kept_aside

    return kept_aside(path, config.stash[_BEGUN]) if path is not None and _BEGUN in config.stash else path


def _where(config: pytest.Config) -> tuple[Path, int]:
    """Folder and mode of the reports."""
    from conformance.engine.options.on_pytest import taken
    from conformance.engine.settings import reports_of

    return reports_of("pytest", taken(config))
