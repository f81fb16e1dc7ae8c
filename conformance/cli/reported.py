"""What a command that makes a run does around it: from its first moment on, the reports are of this run."""

from __future__ import annotations

import contextlib
import functools
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click


def reported(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command with the option ``--reports`` a run id; where it ends without a verdict, the reports say why."""

    @functools.wraps(command)
    def run(**options: Any) -> int:
        from conformance.engine.options.table import options_of
        from conformance.engine.settings import only_planned, reports_of
        from conformance.reporting.folder import clear, kept_aside

        run_id = uuid.uuid4().hex
        given = {each.name: options.get(each.parameter) for each in options_of("run")}
        if only_planned("run", given):
            return command(run_id=run_id, **options)
        folder, mode = reports_of("run", given)
        # Before anything that takes long to load: from here on, no earlier report can be mistaken for one of this run.
        clear(folder, run_id)
        if options.get("since") is not None:
            options["since"] = str(kept_aside(Path(options["since"]), folder))
        from conformance.reporting.placeholder import reporting

        with reporting(folder, run_id, mode):
            return command(run_id=run_id, **options)

    return run


def report_usage_error(command: click.Command, arguments: Sequence[str], why: str) -> None:
    """Have the reports say that the command line was not understood, as far as it says where they are."""
    lenient: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True}
    with contextlib.suppress(click.ClickException, click.exceptions.Exit, click.Abort):
        context = command.make_context(command.name, list(arguments), resilient_parsing=True, **lenient)
        if any(word in context.help_option_names for word in arguments):
            return
        from conformance.engine.options.table import options_of
        from conformance.engine.settings import reports_of
        from conformance.reporting.placeholder import report_failure

        given = {each.name: context.params.get(each.parameter) for each in options_of("run")}
        folder, mode = reports_of("run", given)
        report_failure(folder, uuid.uuid4().hex, why, error=2, mode=mode)
