"""The command ``conformance``: run, serve, faults, derive, requirements.

Exit status 0 conformant, 1 non-conformant, 2 wrong usage, configuration or pages, 3 inconclusive, 4 target not
reachable or its credentials refused before anything was tested.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from conformance import __version__
from conformance.cli import complete
from conformance.cli.commands.config import config
from conformance.cli.commands.derive import derive
from conformance.cli.commands.diff import diff
from conformance.cli.commands.diff_contract import diff_contract
from conformance.cli.commands.dry_run import dry_run
from conformance.cli.commands.explain import explain
from conformance.cli.commands.export import export
from conformance.cli.commands.init import init
from conformance.cli.commands.lint import lint
from conformance.cli.commands.open_report import open_report
from conformance.cli.commands.replay import replay
from conformance.cli.commands.requirements import requirements
from conformance.cli.reported import report_usage_error, reported
from conformance.cli.run_options import run_options, taken
from conformance.core import signals
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.core.one_line import one_line

EPILOG = "Exit status: 0 conformant, 1 non-conformant, 2 wrong usage or input, 3 inconclusive, 4 target not testable."


def main() -> None:
    """Run the command; every error that a user can cause is one line."""
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        status = ExitCode.USAGE_ERROR
    except click.ClickException as error:
        hint = "" if isinstance(error, click.exceptions.FileError) else " (see --help)"
        message = " ".join(error.format_message().split())
        # What is too much may be a credential that lacks its --auth: it is not repeated.
        message = re.sub(
            r"^Got unexpected extra arguments? \(.*\)",
            "Got an argument too many; is an --auth missing before it?",
            message,
        )
        _error(message + hint)
        if sys.argv[1:2] == ["run"]:
            report_usage_error(run, sys.argv[2:], message)
        status = ExitCode.USAGE_ERROR
    except InputError as error:
        _error(str(error))
        status = error.exit_status
    except (click.Abort, KeyboardInterrupt):
        _error("interrupted")
        status = ExitCode.INCONCLUSIVE
    except BrokenPipeError:
        # The reader of a list (head, less) has gone; nothing is left to say, and Python must not say it either.
        _let_go_of_stdout()
        status = ExitCode.SUCCESS
    sys.exit(status if isinstance(status, int) else ExitCode.SUCCESS)


def _let_go_of_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _error(message: str) -> None:
    click.echo(f"conformance: {one_line(message)}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EPILOG)
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Contract and conformance tests for documented web APIs."""


@cli.command(epilog=EPILOG)
@run_options("run")
@reported
def run(*, run_id: str, **parameters: Any) -> int:
    """Test TARGET, a base URL or app:package.module:name (WSGI); without one, the embedded reference server.

    \b
    conformance run https://staging.example --auth bearer:env:TOKEN
    conformance run app:myproject.web:application --auth basic:demo:file:password.txt
    """
    from conformance.engine.custom_requirements import load_custom_requirements
    from conformance.engine.run import Session
    from conformance.engine.settings import RunOptions

    options = RunOptions("run", taken("run", parameters))
    target: str | None = options["target"]
    own = load_custom_requirements(options["also"])
    if options["dry-run"]:
        return dry_run(options)
    with (
        signals.interruptible() as interrupted,
        _target(target, options["auth"], options["schemas"], options.config) as (url, credentials, config),
    ):
        given = "reference" if target is None else target if target.startswith("app:") else ""
        settings = options.settings(url, given=given, auth=credentials, run_id=run_id)
        return _run(Session(settings, config), interrupted, own, quiet=options["quiet"])


def _run(session: Any, interrupted: threading.Event, own_files: Sequence[Path], *, quiet: bool) -> int:
    """Let pytest run the suite, with our own words on the terminal."""
    import pytest
    from rich.console import Console

    from conformance.core.console import color_of
    from conformance.reporting.assemble import write_baseline
    from conformance.reporting.terminal import Progress, print_closing

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """The reader has gone (``| head``); the run goes on, and its exit status still tells the verdict."""
            self.quiet = True
            _let_go_of_stdout()

    console = Terminal(quiet=quiet, highlight=False, **color_of(session.settings.color))
    driver = _Driver(session, Progress(console, quiet=quiet), interrupted)
    # The user's own pytest configuration and plugins are for the user's own tests.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    suite = Path(__file__).parents[1] / "requirements"
    quiet_pytest = [
        "-p",
        "no:unraisableexception",
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:logging",
        "--capture=no",
        "--assert=plain",
    ]
    own = [
        "-c",
        str(suite / "pytest.ini"),
        "--rootdir",
        str(suite),
        "-p",
        "conformance.pytest_plugin.plugin",
        str(suite),
    ]
    own += [str(suite), *map(str, own_files)]
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
    written = write_baseline(session, driver.results)
    print_closing(driver.results, console, session.settings.reports, baseline=written)
    if session.unwritten is not None:
        raise session.unwritten
    return int(driver.results.exit_status)


class _Driver:
    """A pytest plugin that brings the session, shows the progress and takes the results."""

    def __init__(self, session: Any, progress: Any, interrupted: threading.Event) -> None:
        self.session = session
        self.interrupted = interrupted
        self.progress = progress
        self.results: Any = None
        self.error: InputError | None = None

    def pytest_configure(self, config: Any) -> None:
        from conformance.pytest_plugin.plugin import ON_ERROR, SESSION

        config.stash[SESSION] = self.session
        config.stash[ON_ERROR] = self._fail

    def _fail(self, error: InputError) -> None:
        self.error = error

    def pytest_collection_finish(self, session: Any) -> None:
        self.progress.start(len(session.items))
        self.session.on_result = lambda result: self.progress.requirement_done(result, self.session.target.sent)

    def pytest_runtest_setup(self) -> None:
        if self.interrupted.is_set():
            raise KeyboardInterrupt

    def pytest_unconfigure(self, config: Any) -> None:
        from conformance.pytest_plugin.plugin import RESULTS

        self.results = config.stash.get(RESULTS, None)


@contextlib.contextmanager
def _target(
    target: str | None, auth: tuple[str, ...], schemas: Path | None, config: Any
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
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


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, metavar="P")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="ID",
    help="A mistake to make; see conformance faults.",
    shell_complete=complete.faults,
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="ID",
    help="Lawfully unlike; see conformance variants.",
    shell_complete=complete.variants,
)
@click.option("--installation", type=click.Choice(["onsite", "online"]), default="onsite", show_default=True)
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR")
def serve(
    port: int,
    faults: Sequence[str],
    variants: Sequence[str],
    installation: Literal["onsite", "online"],
    schemas: Path | None,
) -> int:
    """Serve the reference server until Ctrl-C."""
    from conformance.contract.folder import default_schemas, load
    from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH
    from conformance.reference import serve as serve_reference

    contract = load(schemas or default_schemas())
    options: dict[str, Any] = {"faults": faults, "variants": variants, "installation": installation}
    with serve_reference(contract, port=port, **options) as server:
        click.echo(f"serving {server.url}")
        click.echo("with credentials: " + " ".join(f"--auth '{auth}'" for auth in DEMO_AUTH))
        click.echo(f"and application token: --app-token {DEMO_APP_TOKEN}")
        with contextlib.suppress(KeyboardInterrupt), signals.interruptible():
            server.wait()
    return 0


@cli.command()
def faults() -> int:
    """List the faults that the reference server can be made to have, and the requirements that each one breaks."""
    from conformance.engine.run import load_requirements
    from conformance.reference import FAULTS

    breaks = {fault: r.id for r in load_requirements().values() for fault in r.faults}
    for fault in FAULTS.values():
        click.echo(f"{fault.id:32} {breaks.get(fault.id, ''):9} {fault.title}")
    return 0


@cli.command()
def variants() -> int:
    """List the lawful ways in which the reference server can be unlike itself."""
    from conformance.reference import VARIANTS

    for variant in VARIANTS.values():
        click.echo(f"{variant.id:26} {variant.title}")
    return 0


for command in (init, config, requirements, explain, derive, lint, diff_contract, export, diff, open_report, replay):
    cli.add_command(command)
