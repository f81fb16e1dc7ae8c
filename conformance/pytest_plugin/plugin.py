"""pytest plugin: options, markers, collection and execution of requirements, and the verdict.

    pytest --pyargs conformance.requirements --target https://staging.example --auth bearer:env:TOKEN

Loaded in every pytest run of an environment that has conformance installed, so it imports the suite only once a
requirement is collected.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.core.exit_code import ExitCode
from conformance.engine.options.on_pytest import add_options
from conformance.pytest_plugin.collection import ours
from conformance.pytest_plugin.items import InconclusiveError, RequirementItem
from conformance.pytest_plugin.reports import begin, fail, narrow, nothing_sent, report_error
from conformance.pytest_plugin.runs import NO_TARGET, RUN, is_driven, is_worker, run_of, target_of
from conformance.pytest_plugin.xdist import WORKER_REPORT, Controller, Refuser

if TYPE_CHECKING:
    from conformance.engine.worker_reports import WorkerReporter
    from conformance.reporting.results import Results

pytest_plugins = ["conformance.pytest_plugin.collection"]

RESULTS: pytest.StashKey[Results] = pytest.StashKey()


WORKER_REPORTER: pytest.StashKey[WorkerReporter] = pytest.StashKey()
HOME: pytest.StashKey[tempfile.TemporaryDirectory[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``conformance run``; those whose names other plugins use have a prefix."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """The hooks for a command that drives the run."""
    from conformance.pytest_plugin import hookspec

    pluginmanager.add_hookspecs(hookspec)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers: one of every requirement, one of each level, one of each chapter."""
    from conformance.pytest_plugin.markers import CHAPTER_MARKERS, LEVEL_MARKERS, REQUIREMENT_MARKER

    config.addinivalue_line("markers", REQUIREMENT_MARKER)
    for name, text in {**LEVEL_MARKERS, **CHAPTER_MARKERS}.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    if config.getoption("dist", "no") == "no" or is_worker(config):
        return
    config.pluginmanager.register(Refuser(NO_TARGET))
    if target_of(config):
        from conformance.core.errors import InputError

        try:
            begin(config)
            run = run_of(config)
            if run.settings.dry_run:
                raise InputError("--conformance-dry-run sends nothing, so there is nothing to distribute: leave -n out")
            from conformance.reporting.journaling import keep_journal

            keep_journal(run)
        except InputError as error:
            fail(config, error)
        config.pluginmanager.register(Controller(run))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Earlier reports go aside right away where the command line says what is to be tested."""
    option = session.config.option
    only_shows = option.collectonly or getattr(option, "showfixtures", False)
    if not option.target or only_shows or is_worker(session.config) or RUN in session.config.stash:
        return
    from conformance.core.errors import InputError

    try:
        begin(session.config)
    except InputError as error:
        pytest.exit(str(error), returncode=error.exit_status)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Discovery, once something is to be tried."""
    found = ours(session.items)
    if not found or session.config.option.collectonly:
        return None
    from conformance.core.errors import InputError

    run = run_of(session.config)
    run.expect([(item.requirement, item.operation) for item in found])
    if run.settings.dry_run:
        from conformance.core.one_line import one_line
        from conformance.engine.plan import plan_of
        from conformance.reporting.plan_text import plan_lines

        terminal = session.config.get_terminal_writer()
        for line in plan_lines(plan_of(run)):
            terminal.line(one_line(line))
        return True
    if is_worker(session.config):
        # It learns of the operations that it is handed, and the controller writes the reports.
        from conformance.engine.worker_reports import WorkerReporter
        from conformance.reporting.reproduction.commands import with_commands

        name: str = session.config.workerinput["workerid"]  # type: ignore[attr-defined]
        reporter = WorkerReporter(run, name, lambda result: with_commands(run, [result])[0])
        session.config.stash[WORKER_REPORTER] = reporter
        return None
    try:
        if not is_driven(session.config):
            begin(session.config)
        from conformance.reporting.journaling import keep_journal

        keep_journal(run)
        run.discover()
    except InputError as error:
        report_error(session.config, error, run)
        run.close()
        del session.config.stash[RUN]
        session.config.hook.pytest_conformance_error(error=error)
        pytest.exit(str(error), returncode=error.exit_status)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hypothesis keeps its tables for our requirements elsewhere than in the folder that the user is in."""
    if not isinstance(item, RequirementItem):
        return (yield)
    from conformance.engine.hypothesis_home import home

    stash = item.config.stash
    if HOME not in stash:
        stash[HOME] = tempfile.TemporaryDirectory(prefix="conformance-")
    with home(Path(stash[HOME].name)):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Execute a requirement; any other function is left to pytest."""
    if not isinstance(pyfuncitem, RequirementItem):
        return None
    run = run_of(pyfuncitem.config)
    pyfuncitem.execute(run)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An inconclusive requirement is an error in every report that pytest itself writes."""
    report = yield
    result = item.result if isinstance(item, RequirementItem) else None
    if result is not None and call.when == "call":
        report.user_properties.append(("conformance", result.status.value))
        if call.excinfo is not None and call.excinfo.errisinstance(InconclusiveError):
            report.longrepr = f"inconclusive: {call.excinfo.value}"
            # JUnit knows errors only outside the call; there a failure would be the server's.
            report.when = "setup"
    reporter = item.config.stash.get(WORKER_REPORTER, None)
    if result is not None and call.when == "call" and reporter is not None:
        setattr(report, WORKER_REPORT, reporter.report())
    return report


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """Show warnings, observations and inconclusive requirements under their own names."""
    status = dict(getattr(report, "user_properties", ())).get("conformance")
    if not isinstance(report, pytest.TestReport) or report.when == "teardown":
        return None
    shown = {
        "warning": ("warning", "w", "WARNING"),
        "observed": ("observed", "o", "OBSERVED"),
        "inconclusive": ("inconclusive", "I", "INCONCLUSIVE"),
    }
    return shown.get(str(status)) if report.passed or status == "inconclusive" else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
    """Write the reports and set the exit status to the verdict's, also where the run was interrupted."""
    run = session.config.stash.get(RUN, None)
    if session.config.option.collectonly or is_worker(session.config):
        return
    interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
    if run is None or not run.target.sent:
        nothing_sent(session.config, interrupted=interrupted)
        return
    from conformance.core.errors import InputError

    if run.untestable and set(run.operations) <= run.untestable.keys():
        fail(
            session.config,
            InputError(next(iter(run.untestable.values())), exit_status=ExitCode.TARGET_NOT_TESTABLE),
            run,
        )
    from conformance.reporting.conclude import conclude

    interrupted = not narrow(session, run) and interrupted and not run.halted
    results = session.config.stash[RESULTS] = conclude(run, interrupted=interrupted)
    foreign = [item for item in session.items if not isinstance(item, RequirementItem)]
    if not (foreign and exitstatus != pytest.ExitCode.OK):
        session.exitstatus = results.exit_status
    session.config.hook.pytest_conformance_results(results=results)
    if run.unwritten is not None and not is_driven(session.config):
        pytest.exit(f"{results.sentence}; {run.unwritten}", returncode=run.unwritten.exit_status)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The closing table, chapter by chapter."""
    results, run = config.stash.get(RESULTS, None), config.stash.get(RUN, None)
    if results is None or run is None:
        return
    from conformance.core.console import console
    from conformance.reporting.conclude import write_baseline
    from conformance.reporting.terminal import print_closing

    terminalreporter.section("conformance")
    written = write_baseline(run, results)
    print_closing(
        results, console(run.settings.color, terminalreporter._tw._file), run.settings.reports, baseline=written
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the connections, and remove what Hypothesis kept."""
    if HOME in config.stash:
        config.stash[HOME].cleanup()
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()
