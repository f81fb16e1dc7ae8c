"""``conformance explain ID``: one requirement, with an exchange that passes and one that fails, from real runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import complete
from conformance.core.one_line import one_line

if TYPE_CHECKING:
    from conformance.client.exchange import RedactedExchange
    from conformance.contract.model import Contract
    from conformance.engine.requirement import Requirement
    from conformance.reporting.results import Results

_BODY = 600


@click.command()
@click.argument("id", metavar="ID", shell_complete=complete.requirements)
@click.option("--also", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Custom requirements.")
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR", help="Contract folder.")
@click.option("--no-exchanges", is_flag=True, help="Only what is known without a run.")
def explain(id: str, also: tuple[Path, ...], schemas: Path | None, no_exchanges: bool) -> int:
    """Explain a requirement: what it says, why, what is sent, how it is judged, what makes it inconclusive.

    The two exchanges come from runs against the embedded reference server, as it is and with the fault that the
    requirement is there to find.

    \b
    conformance explain SEL-03
    """
    from conformance.contract.folder import default_schemas, load
    from conformance.core.errors import InputError
    from conformance.core.suggestions import nearest
    from conformance.engine.custom_requirements import load_custom_requirements
    from conformance.engine.explanation import LEVELS, defined_at, inconclusive_because
    from conformance.requirements import load_requirements

    load_requirements()
    load_custom_requirements(also)
    known = load_requirements()
    requirement = known.get(id.upper())
    if requirement is None:
        raise InputError(f"{id}: there is no such requirement{nearest(id, known)}")
    folder = schemas or default_schemas()
    contract = load(folder)
    operation = contract.operations[0].operation
    place = requirement.source.locate(operation)
    click.echo(f"{requirement.id}  {requirement.title}\n")
    click.echo(f"Level        {requirement.level.value}: {LEVELS[requirement.level]}")
    click.echo(f"Chapter      {requirement.chapter}")
    click.echo(f"Code         {defined_at(requirement)}")
    where = f" (line {place.line} of {place.page})" if place and place.line else ""
    click.echo(f"Source       {requirement.source.section}{where}")
    said = _line(folder, operation.id, place.line) if place and place.line else ""
    if said:
        click.echo(f"             {one_line(said)}")
    click.echo(f"Judged       {' '.join(requirement.doc.split())}")
    click.echo(f"Requests     {', '.join(requirement.draws) or 'the same each time'}{_drawn(requirement)}")
    click.echo("Inconclusive " + "\n             ".join(f"- {each}" for each in inconclusive_because(requirement)))
    click.echo(f"Faults       {', '.join(requirement.faults) or 'none'}")
    if not no_exchanges:
        _print_exchanges(requirement, contract, operation.id)
    return 0


def _drawn(requirement: Requirement) -> str:
    if requirement.observes_all:
        return " (sends nothing of its own: judges every exchange of the run)"
    return " drawn by Hypothesis" if requirement.draws else ""


def _line(folder: Path, operation: str, number: int) -> str:
    from conformance.contract.folder import PAGES
    from conformance.core.files import read_text

    page = folder / PAGES / f"{operation}.md"
    lines = read_text(page).split("\n") if page.is_file() else []
    return lines[number - 1].strip() if number <= len(lines) else ""


def _print_exchanges(requirement: Requirement, contract: Contract, operation: str) -> None:
    results, exchanges = _run(requirement, contract, operation, [])
    status = next(each.status.value for each in results.requirements if each.id == requirement.id)
    title = f"On the reference server: {status}"
    if not requirement.faults:
        # A custom requirement, or one that only a variant shows.
        _print_one(title, _counterpart(requirement, exchanges, []))
        return
    faulty, evidence = _run(requirement, contract, operation, [requirement.faults[0]])
    result = next(each for each in faulty.requirements if each.id == requirement.id)
    blamed = [evidence[number] for finding in result.findings[:1] for number in finding.exchanges[-1:]]
    _print_one(title, _counterpart(requirement, exchanges, blamed))
    title = f"With the fault {requirement.faults[0]}: {result.status.value}"
    _print_one(f"{title}: {result.reason}" if result.reason else title, blamed)
    for finding in result.findings[:1]:
        click.echo(f"\nexpected   {one_line(finding.expected)}\nactual     {one_line(finding.actual)}")


def _counterpart(
    requirement: Requirement, exchanges: list[RedactedExchange], blamed: list[RedactedExchange]
) -> list[RedactedExchange]:
    """The exchange of the run that passes which did what the blamed one of the other run did."""
    for names in ("requirement purpose request", "requirement purpose", "purpose"):
        for wanted in blamed:
            for each in exchanges:
                if all(_of(each, name) == _of(wanted, name) for name in names.split()):
                    return [each]
    return ([each for each in exchanges if each.requirement == requirement.id] or exchanges)[-1:]


def _of(exchange: RedactedExchange, name: str) -> object:
    if name == "request":
        return exchange.request.method, exchange.request.target, exchange.request.headers, exchange.request.body
    return getattr(exchange, name)


def _run(
    requirement: Requirement, contract: Contract, operation: str, faults: list[str]
) -> tuple[Results, list[RedactedExchange]]:
    """Alone; where a requirement needs what others send, or another installation, with all of them."""
    from conformance.cli.reference_run import run_reference

    options: dict[str, Any] = {"faults": faults, "online": requirement.installation == "online"}
    if not requirement.observes_all:
        return run_reference(contract, operation, requirements=[requirement.id], **options)
    return run_reference(contract, operation, **options)


def _print_one(title: str, exchanges: list[RedactedExchange]) -> None:
    from conformance.reporting.text import exchange_text

    click.echo(f"\n{one_line(title)}\n")
    for each in exchanges:
        click.echo("\n".join(f"  {line}" for line in exchange_text(each, _BODY, terminal=True).split("\n")))
