"""pytest plugin: options, markers, collection and execution of requirements, and the verdict.

    pytest --pyargs conformance.requirements --target https://staging.example --auth bearer:env:TOKEN

Loaded in every pytest run of an environment that has conformance installed, so it imports the suite only once a
requirement is collected.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.core.exit_code import ExitCode
from conformance.engine.options.on_pytest import add_options, taken
from conformance.pytest_plugin.items import InconclusiveError, RequirementItem, items_of
from conformance.pytest_plugin.reports import aside, begin, fail, narrow, nothing_sent, run_id, tell
from conformance.pytest_plugin.xdist import NO_OPERATION, WORKER_REPORT, Controller, Refuser

if TYPE_CHECKING:
    from conformance.core.errors import InputError
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions, Settings
    from conformance.engine.worker_reports import WorkerReporter
    from conformance.reporting.results import Results

RUN: pytest.StashKey[Run] = pytest.StashKey()
RESULTS: pytest.StashKey[Results] = pytest.StashKey()


WORKER_REPORTER: pytest.StashKey[WorkerReporter] = pytest.StashKey()
UNUSABLE: pytest.StashKey[InputError] = pytest.StashKey()
HOME: pytest.StashKey[tempfile.TemporaryDirectory[str]] = pytest.StashKey()
DRIVEN: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a command brought the run: it has begun the reports, and it reports errors itself."""


NO_TARGET = "--target is missing: give the base URL of the server under test"


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
    if config.getoption("dist", "no") == "no" or _is_worker(config):
        return
    config.pluginmanager.register(Refuser(NO_TARGET))
    if _target(config):
        from conformance.core.errors import InputError

        try:
            begin(config)
            run = _run(config)
            if run.settings.dry_run:
                raise InputError("--conformance-dry-run sends nothing, so there is nothing to distribute: leave -n out")
        except InputError as error:
            fail(config, error)
        config.pluginmanager.register(Controller(run))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Earlier reports go aside right away where the command line says what is to be tested."""
    option = session.config.option
    only_shows = option.collectonly or getattr(option, "showfixtures", False)
    if not option.target or only_shows or _is_worker(session.config) or RUN in session.config.stash:
        return
    from conformance.core.errors import InputError

    try:
        begin(session.config)
    except InputError as error:
        pytest.exit(str(error), returncode=error.exit_status)


def pytest_plugin_registered(plugin: object) -> None:
    """A plugin or ``conftest.py`` may bring requirements by the hook ``conformance_requirements``."""
    if hasattr(plugin, "conformance_requirements"):
        from conformance.engine.custom_requirements import HOOKS

        HOOKS.register(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Where the suite is collected, the requirements of installed packages and of hooks are, too."""
    config = session.config
    if "conformance.requirements" not in config.invocation_params.args or not _target(config):
        return
    from conformance.core.errors import InputError
    from conformance.engine.custom_requirements import load_installed
    from conformance.requirements import load_requirements

    load_requirements()
    try:
        config.args += map(str, load_installed())
    except InputError as error:
        fail(config, error)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A module of custom requirements that was imported already is not imported again."""
    custom = sys.modules.get("conformance.engine.custom_requirements")
    loaded = custom.LOADED.get(module_path.resolve()) if custom else None
    if loaded is None:
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=module_path)
    module.obj = loaded
    return module


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, obj: object) -> list[pytest.Item] | None:
    """One item for each operation, if the object is a requirement's function."""
    registry = sys.modules.get("conformance.engine.registry")
    requirement = registry.requirement_of(obj) if registry else None
    if requirement is None:
        return None
    from conformance.core.errors import InputError

    config = collector.config
    try:
        operations = list(_run(config).probes)
    except InputError as error:
        # Raised here, it would be an error of each module; the whole run ends with it, once.
        config.stash[UNUSABLE] = error
        operations = [NO_OPERATION]
    return items_of(collector, requirement, operations)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the options ask for; run-wide checks come last."""
    ours = _ours(items)
    if not ours:
        return
    if UNUSABLE in config.stash:
        if _is_worker(config):
            # The controller sees it by the name, and reports it once.
            return
        fail(config, config.stash[UNUSABLE])
    run = _run(config)
    place = {(each.id, operation): position for position, (each, operation) in enumerate(run.cases())}
    dropped = [item for item in ours if item.case not in place]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    others = [item for item in items if not isinstance(item, RequirementItem)]
    kept = [item for item in ours if item.case in place]
    items[:] = [*others, *sorted(kept, key=lambda item: place[item.case])]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Discovery, once something is to be tried."""
    ours = _ours(session.items)
    if not ours or session.config.option.collectonly:
        return None
    from conformance.core.errors import InputError

    run = _run(session.config)
    run.expect([(item.requirement, item.operation) for item in ours])
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
        if not _is_driven(session.config):
            begin(session.config)
        run.discover()
    except InputError as error:
        tell(session.config, error, run)
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
    run = _run(pyfuncitem.config)
    if _is_worker(pyfuncitem.config):
        run.discover_operation(pyfuncitem.operation)
    pyfuncitem.execute(run)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An undecided requirement is an error in every report that pytest itself writes."""
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
    run = session.config.stash.get(RUN, None)
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
    foreign = [item for item in session.items if not isinstance(item, RequirementItem)]
    if not (foreign and exitstatus != pytest.ExitCode.OK):
        session.exitstatus = results.exit_status
    session.config.hook.pytest_conformance_results(results=results)
    if run.unwritten is not None and not _is_driven(session.config):
        pytest.exit(f"{results.sentence}; {run.unwritten}", returncode=run.unwritten.exit_status)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The closing table, chapter by chapter."""
    results, run = config.stash.get(RESULTS, None), config.stash.get(RUN, None)
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
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()


def _run(config: pytest.Config) -> Run:
    """The run, made from pytest's options unless a command brought its own. Raises InputError."""
    if RUN not in config.stash:
        brought = config.hook.pytest_conformance_run()
        config.stash[DRIVEN] = brought is not None
        config.stash[RUN] = brought or _run_of_options(config)
    return config.stash[RUN]


def _run_of_options(config: pytest.Config) -> Run:
    from conformance.engine.run import Run
    from conformance.requirements import load_requirements

    load_requirements()
    options = _options(config)
    return Run(_settings(config, options), options.config)


def _is_driven(config: pytest.Config) -> bool:
    return config.stash.get(DRIVEN, False)


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


def _ours(items: Sequence[pytest.Item]) -> list[RequirementItem]:
    return [item for item in items if isinstance(item, RequirementItem)]
