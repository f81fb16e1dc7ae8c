"""``conformance replay RESULTS FINDING``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.named_target import named_target
from conformance.cli.run_options import run_options, taken
from conformance.core.errors import InputError

if TYPE_CHECKING:
    from conformance.engine.result import Finding, RequirementResult
    from conformance.engine.run import Run
    from conformance.reporting.reproduction.replay import ReplayResult
    from conformance.reporting.results import Results

_BODY = 600
EPILOG = (
    "Exit status: 0 not reproduced, 1 reproduced, 2 wrong usage or input, 3 changed or inconclusive, "
    "4 target not testable."
)


@click.command(epilog=EPILOG)
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.argument("finding", metavar="FINDING")
@run_options("replay")
def replay(results: Path, finding: str, **parameters: Any) -> int:
    """Send a finding's requests again, with the seed, profile and configuration of the run, and judge it again.

    RESULTS is a results.json or a folder of reports, FINDING an id in it; the id of a requirement will do where it
    has one finding. Credentials are in no report: give those of the run again. RESULTS may come from others, so it
    does not say where they go: name the target with --target or CONFORMANCE_TARGET.

    \b
    conformance replay reports/results.json SEL-03 --target https://staging.example --auth bearer:env:TOKEN
    """
    import msgspec

    from conformance.core.one_line import one_line
    from conformance.engine.hypothesis_home import temporary_home
    from conformance.engine.run import Run
    from conformance.engine.settings import RunOptions
    from conformance.reporting.read import read_results
    from conformance.reporting.reproduction.replay import replay as try_again
    from conformance.reporting.results import REFERENCE
    from conformance.requirements import load_requirements

    options = RunOptions("replay", taken("replay", parameters))
    record = read_results(results)
    result, one = find(record, finding, str(results))
    # Results may come from somebody else; which operations may be called is for the user's own file to say.
    known = options.config if options.names_config else msgspec.structs.replace(record.run.config.recorded(), reads=())
    target, schemas = named_target(options["target"], record.target), options["schemas"]
    with _served(target, schemas, options["auth"]) as (url, credentials), temporary_home():
        settings = options.settings(
            url,
            given=target if target == REFERENCE or target.startswith("app:") else "",
            auth=credentials,
            installation=record.target.installation,
            operations=(result.operation,),
            # A requirement that judges every exchange needs those who sent the ones that showed the fault.
            requirements=(result.id, *one.asked_by),
            profile=record.run.profile,
            seed=record.run.seed,
        )
        load_requirements()
        run = Run(settings, known)
        with contextlib.closing(run):
            if run.contract.digest != record.suite.contract_digest:
                click.echo("conformance: the contract has changed since that run", err=True)
            if not options["quiet"]:
                # The file names the target that gets the credentials: the user must see which one it is.
                where = f"{result.id} on {result.operation} at {run.target.redactor.text(url)}"
                click.echo(f"{one_line(where)}\n")
            replayed = try_again(run, result.id, result.operation, one)
            return _print_outcome(run, one, replayed, quiet=options["quiet"])


def find(record: Results, name: str, file: str) -> tuple[RequirementResult, Finding]:
    """The finding of that id, or the only one of the requirement of that id. Raises InputError."""
    from conformance.core.suggestions import nearest

    every = {finding.id: (result, finding) for result in record.requirements for finding in result.findings}
    if name in every:
        return every[name]
    of_requirement = [pair for pair in every.values() if pair[0].id == name.upper()]
    if len(of_requirement) == 1:
        return of_requirement[0]
    if of_requirement:
        names = ", ".join(finding.id for _, finding in of_requirement)
        raise InputError(f"FINDING {name}: it has several findings, name one of {names}")
    if not every:
        raise InputError(f"FINDING {name}: {file} has no findings")
    more = f" and {len(every) - 3} more" if len(every) > 3 else ""
    hint = nearest(name, every) or f"; it has {', '.join(list(every)[:3])}{more}"
    raise InputError(f"FINDING {name}: {file} has no such finding{hint}")


@contextlib.contextmanager
def _served(target: str, schemas: Path | None, auth: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The URL to send to and the credentials: of the target itself, or of one that is started as the run did."""
    from conformance.reporting.results import REFERENCE

    if target == REFERENCE:
        from conformance.contract.folder import default_schemas, load
        from conformance.reference import DEMO_AUTH, serve

        with serve(load(schemas or default_schemas())) as server:
            # Of a target that the user did not name: the user's own credentials are not for it.
            yield server.url, DEMO_AUTH
    elif target.startswith("app:"):
        from conformance.client.in_process import serve_application

        with serve_application(target) as url:
            yield url, auth
    else:
        yield target, auth


def _print_outcome(run: Run, before: Finding, replayed: ReplayResult, *, quiet: bool) -> int:
    from conformance.core.one_line import one_line
    from conformance.reporting.text import finding_text

    outcome, result, finding = replayed.outcome, replayed.result, replayed.finding
    why = finding.message if finding else result.reason
    verdict = f"{outcome.value}: {before.id}" + (f": {why}" if why else "")
    if not quiet and finding is not None:
        click.echo(f"{one_line(verdict)}\n")
        if finding.message != before.message:
            click.echo(f"before: {one_line(before.message)}\n")
        click.echo(finding_text(finding, run.target.recorder.evidence, limit=_BODY, terminal=True) + "\n")
    click.echo(one_line(verdict))
    return outcome.exit_status
