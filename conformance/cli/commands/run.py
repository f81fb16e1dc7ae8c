"""``conformance run``: pytest runs the suite, and the command prints the progress and the verdict."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.commands.dry_run import dry_run
from conformance.cli.epilog import EPILOG
from conformance.cli.reported import reported
from conformance.cli.run_options import run_options, taken
from conformance.cli.say import discard_stdout
from conformance.core.errors import InputError
from conformance.core.signals import interruptible

if TYPE_CHECKING:
    import pytest

    from conformance.engine.config import Config
    from conformance.engine.events import Event
    from conformance.engine.run import Run
    from conformance.reporting.results import Results
    from conformance.reporting.terminal import Progress

_NOT_LOADED = ("unraisableexception", "terminal", "cacheprovider", "logging")
"""pytest's own plugins that the command replaces or does not need."""


@click.command(epilog=EPILOG)
@run_options("run")
@reported
def run(*, run_id: str, **parameters: Any) -> int:
    """Test TARGET, a base URL or app:package.module:name (WSGI); without one, the embedded reference server.

    \b
    conformance run https://staging.example --auth bearer:env:TOKEN
    conformance run app:myproject.web:application --auth basic:demo:file:password.txt
    """
    from conformance.engine.custom_requirements import load_custom_requirements
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions
    from conformance.requirements import load_requirements

    options = RunOptions("run", taken("run", parameters))
    target: str | None = options["target"]
    load_requirements()
    custom = load_custom_requirements(options["also"])
    if options["dry-run"]:
        return dry_run(options)
    with (
        interruptible() as interrupted,
        target_of(target, options["auth"], options["schemas"], options.config) as (url, credentials, config),
    ):
        given = "reference" if target is None else target if target.startswith("app:") else ""
        settings = options.settings(url, given=given, auth=credentials, run_id=run_id)
        return execute(Run(settings, config), interrupted, custom, quiet=options["quiet"])


def execute(run: Run, interrupted: threading.Event, custom: Sequence[Path], *, quiet: bool) -> int:
    """Let pytest run the suite, with our own words on the terminal."""
    import pytest
    from rich.console import Console

    from conformance.core.console import color_of
    from conformance.reporting.conclude import write_baseline
    from conformance.reporting.terminal import Progress, print_closing

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """The reader has gone (``| head``); the run goes on, and its exit status is still the verdict."""
            self.quiet = True
            discard_stdout()

    console = Terminal(quiet=quiet, highlight=False, **color_of(run.settings.color))
    driver = _Driver(run, Progress(console, quiet=quiet), interrupted)
    # The user's own pytest configuration and plugins are for the user's own tests.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    suite = Path(__file__).parents[2] / "requirements"
    quiet_pytest = ["--capture=no", "--assert=plain", *(f"-pno:{name}" for name in _NOT_LOADED)]
    own = ["-c", str(suite / "pytest.ini"), "--rootdir", str(suite), "-p", "conformance.pytest_plugin.plugin"]
    own += [str(suite), *map(str, custom)]
    try:
        code = pytest.main([*quiet_pytest, *own], plugins=[driver])
    finally:
        driver.progress.stop()
    if driver.error is not None:
        raise driver.error
    if driver.results is None and interrupted.is_set():
        raise KeyboardInterrupt
    if driver.results is None:
        raise InputError(f"the suite could not be run (pytest ended with {int(code)})")
    written = write_baseline(run, driver.results)
    print_closing(driver.results, console, run.settings.reports, baseline=written)
    if run.unwritten is not None:
        raise run.unwritten
    return int(driver.results.exit_status)


class _Driver:
    """A pytest plugin that brings the run, shows the progress and takes the results."""

    def __init__(self, run: Run, progress: Progress, interrupted: threading.Event) -> None:
        self.run = run
        self.interrupted = interrupted
        self.progress = progress
        self.results: Results | None = None
        self.error: InputError | None = None
        run.listeners.append(self._show)

    def _show(self, event: Event) -> None:
        from conformance.engine.events import RequirementFinished

        if isinstance(event, RequirementFinished):
            self.progress.requirement_done(event.result, event.requests)

    def pytest_conformance_run(self) -> Run:
        return self.run

    def pytest_conformance_error(self, error: InputError) -> bool:
        self.error = error
        return True

    def pytest_conformance_results(self, results: Results) -> None:
        self.results = results

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.progress.start(len(session.items))

    def pytest_runtest_setup(self) -> None:
        if self.interrupted.is_set():
            raise KeyboardInterrupt


@contextlib.contextmanager
def target_of(
    target: str | None, auth: tuple[str, ...], schemas: Path | None, config: Config
) -> Iterator[tuple[str, tuple[str, ...], Config]]:
    """The URL to test, the credentials and what is known: of the target named, or of one started for this run."""
    if target is None:
        import msgspec

        from conformance.contract.folder import default_schemas, load
        from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve

        with serve(load(schemas or default_schemas())) as server:
            known = config if config.time_zones else msgspec.structs.replace(config, time_zones=DEMO_TIME_ZONES)
            yield server.url, auth or DEMO_AUTH, known
    elif target.startswith("app:"):
        from conformance.client.in_process import serve_application

        with serve_application(target) as url:
            yield url, auth, config
    else:
        yield target, auth, config
