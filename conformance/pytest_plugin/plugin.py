"""pytest plugin: options, the ``ask`` fixture, the requirement marker, collection, and the verdict.

    pytest --pyargs conformance.requirements --target https://staging.example --auth bearer:env:TOKEN

Loaded in every pytest run of an environment that has conformance installed, so it imports the suite only once a
requirement is collected.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.core.exit_code import ExitCode
from conformance.engine.options.on_pytest import add_options, taken
from conformance.pytest_plugin.reports import aside, begin, fail, narrow, nothing_sent, run_id, tell
from conformance.pytest_plugin.xdist import NO_OPERATION, WORKER_REPORT, Controller, Refuser

if TYPE_CHECKING:
    from conformance.core.errors import InputError
    from conformance.engine.probe import Probe
    from conformance.engine.requirement import Requirement
    from conformance.engine.result import RequirementResult
    from conformance.engine.run import Session
    from conformance.engine.settings import RunOptions, Settings
    from conformance.engine.worker_reports import WorkerReporter
    from conformance.reporting.results import Results

SESSION: pytest.StashKey[Session] = pytest.StashKey()
RESULTS: pytest.StashKey[Results] = pytest.StashKey()
RESULT: pytest.StashKey[RequirementResult] = pytest.StashKey()


WORKER_REPORTER: pytest.StashKey[WorkerReporter] = pytest.StashKey()
UNUSABLE: pytest.StashKey[InputError] = pytest.StashKey()
HOME: pytest.StashKey[tempfile.TemporaryDirectory[str]] = pytest.StashKey()
ON_ERROR: pytest.StashKey[Callable[[InputError], None]] = pytest.StashKey()


NO_TARGET = "--target is missing: give the base URL of the server under test"


class InconclusiveError(Exception):
    """A requirement that applies was not decided; pytest shows it as an error, never as a skip."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``conformance run``; those whose names other plugins use have a prefix."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers: one of every requirement, one of each level, one of each chapter."""
    from conformance.engine.markers import CHAPTER_MARKERS, LEVEL_MARKERS

    config.addinivalue_line(
        "markers", "requirement(id, level): what the documentation or a standard asks of the server (MUST, SHOULD, MAY)"
    )
    for name, text in {**LEVEL_MARKERS, **CHAPTER_MARKERS}.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    if config.getoption("dist", "no") == "no" or _is_worker(config):
        return
    config.pluginmanager.register(Refuser(NO_TARGET))
    if _target(config):
        from conformance.core.errors import InputError

        try:
            begin(config)
            run = _session(config)
            if run.settings.dry_run:
                raise InputError("--conformance-dry-run sends nothing, so there is nothing to distribute: leave -n out")
        except InputError as error:
            fail(config, error)
        config.pluginmanager.register(Controller(run))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Earlier reports go aside right away where the command line says what is to be tested."""
    option = session.config.option
    only_shows = option.collectonly or getattr(option, "showfixtures", False)
    if not option.target or only_shows or _is_worker(session.config) or SESSION in session.config.stash:
        return
    from conformance.core.errors import InputError

    try:
        begin(session.config)
    except InputError as error:
        pytest.exit(str(error), returncode=error.exit_status)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each requirement and operation."""
    if getattr(metafunc.function, "record", None) is None:
        return
    from conformance.core.errors import InputError

    try:
        operations = list(_session(metafunc.config).asks)
    except InputError as error:
        # Raised here, it would be an error of each module; the whole run ends with it, once.
        metafunc.config.stash[UNUSABLE] = error
        operations = [NO_OPERATION]
    metafunc.parametrize("ask", operations, indirect=True)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the options ask for; those that judge every exchange come last."""
    ours = [item for item in items if _record(item) is not None]
    if not ours:
        return
    if UNUSABLE in config.stash:
        if _is_worker(config):
            # The controller sees by the name, and says so once.
            return
        fail(config, config.stash[UNUSABLE])
    for item in ours:
        # ``-k SEL-04`` as well as the name of the test.
        item.extra_keyword_matches.add(_case(item)[0])
    run = _session(config)
    cases = {(requirement.id, operation) for requirement, operation in run.cases()}
    dropped = [item for item in ours if _case(item) not in cases]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    kept = [item for item in items if item not in dropped]
    place = {requirement.id: position for position, (requirement, _) in enumerate(run.cases())}
    items[:] = sorted(kept, key=lambda item: place[_case(item)[0]] if _record(item) is not None else -1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Discovery, once something is to be tried."""
    ours = [item for item in session.items if _record(item) is not None]
    if not ours or session.config.option.collectonly:
        return None
    from conformance.core.errors import InputError

    run = _session(session.config)
    run.expect([(record, operation) for record, operation in map(_pair, ours)])
    if run.settings.dry_run:
        from conformance.core.one_line import one_line
        from conformance.engine.plan import plan_of
        from conformance.reporting.plan_text import plan_lines

        terminal = session.config.get_terminal_writer()
        for line in plan_lines(plan_of(run)):
            terminal.line(one_line(line))
        return True
    if _is_worker(session.config):
        # It learns of the operations that it is handed, and the controller writes the reports.
        from conformance.engine.worker_reports import WorkerReporter

        session.config.stash[WORKER_REPORTER] = WorkerReporter(run)
        return None
    try:
        if ON_ERROR not in session.config.stash:
            begin(session.config)
        run.learn()
    except InputError as error:
        tell(session.config, error, run)
        run.close()
        del session.config.stash[SESSION]
        session.config.stash.get(ON_ERROR, lambda _: None)(error)
        pytest.exit(str(error), returncode=error.exit_status)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hypothesis keeps its tables for our requirements elsewhere than in the folder that the user is in."""
    if _record(item) is None:
        return (yield)
    from conformance.engine.hypothesis_home import home

    stash = item.config.stash
    if HOME not in stash:
        stash[HOME] = tempfile.TemporaryDirectory(prefix="conformance-")
    with home(Path(stash[HOME].name)):
        return (yield)


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Probe:
    """A requirement's only contact to the world: sends requests about one operation, checks, keeps the score."""
    run = _session(request.config)
    one = run.asks[request.param]
    if _is_worker(request.config):
        run.discover_operation(request.param)
    one.on_execute = lambda requirement, ask: _raise(run.execute(requirement, ask), run, request.node)
    return one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An undecided requirement is an error in every report that pytest itself writes."""
    report = yield
    result = item.stash.get(RESULT, None)
    if result is not None and call.when == "call":
        report.user_properties.append(("conformance", result.status.value))
        if call.excinfo is not None and call.excinfo.errisinstance(InconclusiveError):
            report.longrepr = f"inconclusive: {call.excinfo.value}"
            # JUnit knows errors only outside the call; there a failure would be the server's.
            report.when = "setup"
    reporter = item.config.stash.get(WORKER_REPORTER, None)
    if result is not None and call.when == "call" and reporter is not None:
        setattr(report, WORKER_REPORT, reporter.tell())
    return report


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """Show warnings, observations and the undecided under their own names."""
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
    run = session.config.stash.get(SESSION, None)
    if session.config.option.collectonly or _is_worker(session.config):
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
    from conformance.reporting.assemble import conclude

    interrupted = not narrow(session, run) and interrupted and not run.halted
    results = session.config.stash[RESULTS] = conclude(run, interrupted=interrupted)
    foreign = [item for item in session.items if _record(item) is None]
    if not (foreign and exitstatus != pytest.ExitCode.OK):
        session.exitstatus = results.exit_status
    if run.unwritten is not None and ON_ERROR not in session.config.stash:
        pytest.exit(f"{results.sentence}; {run.unwritten}", returncode=run.unwritten.exit_status)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The closing table, chapter by chapter."""
    results, run = config.stash.get(RESULTS, None), config.stash.get(SESSION, None)
    if results is None or run is None:
        return
    from conformance.core.console import console
    from conformance.reporting.assemble import write_baseline
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
    run = config.stash.get(SESSION, None)
    if run is not None:
        run.close()


def _session(config: pytest.Config) -> Session:
    """The run, made from pytest's options unless the command brought its own. Raises InputError."""
    if SESSION not in config.stash:
        from conformance.engine.run import Session

        options = _options(config)
        config.stash[SESSION] = Session(_settings(config, options), options.config)
    return config.stash[SESSION]


def _options(config: pytest.Config) -> RunOptions:
    from conformance.engine.settings import RunOptions

    return RunOptions("pytest", taken(config))


def _settings(config: pytest.Config, options: RunOptions) -> Settings:
    """The settings of this process; workers share the limits out. Raises InputError."""
    from conformance.core.errors import InputError

    if not options["target"]:
        raise InputError(NO_TARGET)
    given = getattr(config, "workerinput", {})
    share, rate, most = given.get("conformance_share", 1), options["rate"], options["max-requests"]
    return options.settings(
        options["target"],
        run_id=run_id(config),
        since=aside(config, options["since"]),
        seed=given.get("conformance_seed", options["seed"]),
        rate=rate and rate / share,
        max_requests=most and max(1, most // share),
        shared=Path(given["conformance_shared"]) if "conformance_shared" in given else None,
    )


def _target(config: pytest.Config) -> str | None:
    import os

    return config.getoption("--target") or os.environ.get("CONFORMANCE_TARGET")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _raise(result: RequirementResult, run: Session, node: pytest.Item) -> None:
    """Tell pytest what became of a requirement, in its own words."""
    from conformance.core.one_line import one_line
    from conformance.engine.result import Status
    from conformance.reporting.reproduction.commands import with_commands
    from conformance.reporting.status_presentation import state
    from conformance.reporting.text import finding_text

    node.stash[RESULT] = result
    broken = result.status is Status.FAILED or (result.status is Status.WARNING and run.settings.strict)
    if broken:
        shown = [number for finding in result.findings for number in finding.exchanges]
        exchanges = run.target.recorder.redacted(run.target.redactor, shown, only_shown=True)
        (result,) = with_commands(run, [result])
        pytest.fail("\n\n".join(finding_text(f, exchanges, terminal=True) for f in result.findings), pytrace=False)
    reason = one_line(result.reason)
    if result.status is Status.INCONCLUSIVE:
        raise InconclusiveError(f"{state(result)}: {reason}" if result.unstable else reason)
    if result.status is Status.SKIPPED and result.checks and node.config.getoption("lf", False):
        # A skip would make pytest forget that it failed last time.
        raise InconclusiveError(reason)
    if result.status is Status.SKIPPED:
        pytest.skip(reason)


def _record(item: pytest.Item) -> Requirement | None:
    return getattr(getattr(item, "function", None), "record", None)


def _pair(item: pytest.Item) -> tuple[Requirement, str]:
    record = _record(item)
    assert record is not None
    return record, item.callspec.params["ask"]  # type: ignore[attr-defined]


def _case(item: pytest.Item) -> tuple[str, str]:
    record, operation = _pair(item)
    return record.id, operation
