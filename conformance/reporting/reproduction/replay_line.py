"""The command that replays a finding, as it works in the folder where the run was started."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from conformance.client.secret_names import holds_mark
from conformance.engine.options.option import REPLAY
from conformance.engine.options.table import options_of
from conformance.engine.run import Run
from conformance.reporting.folder import RESULTS
from conformance.reporting.reproduction.shell_connection import from_here
from conformance.reporting.reproduction.shell_secrets import options
from conformance.reporting.results import REFERENCE

# The run's configuration is in its results; the others are added here in another way.
_NOT_REPEATED = ("target", "auth", "app-token", "config", "schemas", "quiet")


def replay_line(run: Run, finding: str) -> str:
    """The command for a finding of that id.

    Credentials come from the variables that the curl lines name; they go to the target that the command itself names.
    """
    file = shlex.quote(str(from_here(run.settings.reports) / RESULTS))
    return " ".join(["conformance replay", file, shlex.quote(finding), *_options(run)])


def _options(run: Run) -> Iterator[str]:
    settings, target = run.settings, run.target
    if settings.given != REFERENCE:
        yield f"--target {shlex.quote(settings.given or target.redactor.line(target.url))}"
        yield from options(target.credentials, target.app_token)
    if settings.schemas is not None:
        yield f"--schemas {shlex.quote(str(from_here(settings.schemas)))}"
    for option in options_of(REPLAY):
        used = settings.used.get(option.name)
        if used is None or used.origin == "default" or option.name in _NOT_REPEATED:
            continue
        for value in used.value if isinstance(used.value, tuple) else (used.value,):
            if option.kind.is_flag:
                yield from [f"--{option.name}"] if value else []
            elif value is not None and not holds_mark(str(value)):
                shown = from_here(Path(str(value))) if option.kind.is_path else value
                yield f"--{option.name} {shlex.quote(str(shown))}"
