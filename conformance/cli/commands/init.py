"""``conformance init``: ask a target what it knows, and write that down as a conformance.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.run_options import run_options, taken
from conformance.core.exit_code import ExitCode

if TYPE_CHECKING:
    from conformance.engine.run import Run

_NAME = "conformance.toml"


@click.command()
@run_options("init")
@click.option("--out", type=click.Path(path_type=Path), default=Path(_NAME), show_default=True, metavar="FILE")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def init(out: Path, force: bool, **parameters: Any) -> int:
    """Probe TARGET with the requests of discovery, and write a commented conformance.toml.

    What is missing is asked for where standard input is a terminal. Only what reads is sent; no credential is written.

    \b
    conformance init https://staging.example --auth bearer:env:TOKEN
    """
    from conformance.core.errors import InputError
    from conformance.core.files import write_text
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions
    from conformance.requirements import load_requirements

    if out.exists() and not force:
        raise InputError(f"{out}: is there already; --force writes over it, --out names another file")
    options = RunOptions("init", taken("init", parameters))
    target = options["target"] or _asked("Base URL of the target", "name the target: conformance init URL")
    auth = options["auth"] or tuple(filter(None, [_optional("Credential (bearer:env:TOKEN, empty for none)")]))
    settings = options.settings(target, auth=auth, requirements=("OP-01",), seed=0)
    load_requirements()
    run = Run(settings, options.config)
    try:
        run.discover()
        for operation in run.operations:
            run.discover_operation(operation)
        failure = next(iter(run.probes.values())).facts.baseline_failure
        if failure:
            raise InputError(
                f"target {run.target.url}: {failure}, so nothing could be learned",
                exit_status=ExitCode.TARGET_NOT_TESTABLE,
            )
        write_text(out, _written(run))
        click.echo(f"{out}: written after {run.target.sent} requests; next: conformance run {target} --config {out}")
    finally:
        run.close()
    return 0


def _asked(question: str, otherwise: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(otherwise)
    answer: str = click.prompt(question)
    return answer


def _optional(question: str) -> str:
    if not sys.stdin.isatty():
        return ""
    answer: str = click.prompt(question, default="", show_default=False)
    return answer


def _written(run: Run) -> str:
    """The configuration as TOML, each entry with where it comes from."""
    ask = next(iter(run.probes.values()))
    known = ask.facts
    document = [f"# What is known of {ask.target.redactor.text(ask.target.url)}; see the README of conformance.", ""]
    line = ask.target.redactor.line
    document += [f"# {name}: {' '.join(line(value).split())}" for name, value, _ in known.notes]
    document += ["", "# Ids that have data: those asked for first."]
    document.append(_line("ids", list(known.known_ids)))
    document += ["", "# Languages (Accept-Language) that change texts, each in its own way."]
    document.append(_line("languages", list(known.languages)))
    document += ["", "# States that data was seen in."]
    # A state that repeats a credential, or that a terminal would obey, is not written.
    document.append(_line("states", [state for state in known.known_states if line(state) == state]))
    document += [
        "",
        "# Codes of time zones that the target converts by, and the IANA zone that each one means.",
        "[time_zones]",
    ]
    document += [f"{_quoted(code)} = {_quoted(zone.key)}" for code, zone in known.zones.items()]
    document += [
        "",
        "# What this installation can never decide, and why; every report prints it.",
        "[accept_undecided]",
    ]
    document.append('# "LANG-02" = "the test database holds no multi-language text"')
    return "\n".join([*document, ""])


def _line(name: str, values: list[int] | list[str]) -> str:
    written = f"{name} = [{', '.join(str(each) if isinstance(each, int) else _quoted(each) for each in values)}]"
    return written if values else f"# {name} = []"


def _quoted(text: str) -> str:
    import tomlkit

    return tomlkit.string(text).as_string()
