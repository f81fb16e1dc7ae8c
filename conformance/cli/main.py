"""The command ``conformance``: run, serve, faults, derive, requirements.

Exit status 0 conformant, 1 non-conformant, 2 wrong usage, configuration or pages, 3 inconclusive, 4 target not
reachable or its credentials refused before anything was tested.
"""

from __future__ import annotations

import re
import sys

import click

from conformance import __version__
from conformance.cli.commands.config import config
from conformance.cli.commands.derive import derive
from conformance.cli.commands.diff import diff
from conformance.cli.commands.diff_contract import diff_contract
from conformance.cli.commands.explain import explain
from conformance.cli.commands.export import export
from conformance.cli.commands.init import init
from conformance.cli.commands.lint import lint
from conformance.cli.commands.open_report import open_report
from conformance.cli.commands.replay import replay
from conformance.cli.commands.report import report
from conformance.cli.commands.requirements import requirements
from conformance.cli.commands.resume import resume
from conformance.cli.commands.run import run
from conformance.cli.commands.serve import faults, serve, variants
from conformance.cli.epilog import EPILOG
from conformance.cli.reported import report_usage_error
from conformance.cli.say import discard_stdout
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.core.one_line import one_line


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
        discard_stdout()
        status = ExitCode.SUCCESS
    sys.exit(status if isinstance(status, int) else ExitCode.SUCCESS)


def _error(message: str) -> None:
    click.echo(f"conformance: {one_line(message)}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EPILOG)
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Contract and conformance tests for documented web APIs."""


COMMANDS = (
    run,
    resume,
    report,
    replay,
    init,
    config,
    diff,
    open_report,
    requirements,
    explain,
    derive,
    lint,
    diff_contract,
    export,
    serve,
    faults,
    variants,
)
for command in COMMANDS:
    cli.add_command(command)
