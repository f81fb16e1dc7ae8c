"""``conformance requirements``: the catalogue, and what of a page it covers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.say import say
from conformance.core.text import truncate

if TYPE_CHECKING:
    from conformance.reporting.coverage import Covered
    from conformance.reporting.results import Results


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--also", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Custom requirements.")
@click.option("--coverage", "covered", is_flag=True, help="Show every part of the page with its requirements.")
@click.option(
    "--results", type=click.Path(path_type=Path), metavar="FILE", help="The run that exercised them; else one is made."
)
@click.option("--schemas", type=click.Path(path_type=Path), metavar="DIR", help="Contract folder.")
@click.option("--operation", metavar="ID", help="The operation whose page is meant; else the first.")
def requirements(
    as_json: bool,
    also: tuple[Path, ...],
    covered: bool,
    results: Path | None,
    schemas: Path | None,
    operation: str | None,
) -> int:
    """List the requirements: id, level, statement.

    With --coverage, every row, cell and sentence of the page with the requirements that are based on it, or the
    reason why none can. Only what a run exercised counts: the run of --results, or one against the reference server.
    Exit status 1 where a part of the page is uncovered.

    \b
    conformance requirements --coverage --results reports
    """
    from conformance.engine.custom_requirements import load_custom_requirements
    from conformance.requirements import load_requirements

    load_requirements()
    load_custom_requirements(also)
    if covered:
        return _coverage(as_json, results, schemas, operation)

    listed = list(load_requirements().values())
    if as_json:
        _print_json([_record(each) for each in listed])
        return 0
    chapter = ""
    for each in listed:
        if each.chapter != chapter:
            chapter = each.chapter
            click.echo(f"\n{chapter}")
        click.echo(f"  {each.id:8} {each.level.value:7} {each.title}")
    return 0


def _record(each: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "level": each.level.value,
        "title": each.title,
        "chapter": each.chapter,
        "source": each.source.section,
        "judged": " ".join(each.doc.split()),
        "faults": list(each.faults),
        "smoke": each.smoke,
    }


def _coverage(as_json: bool, results: Path | None, schemas: Path | None, operation: str | None) -> int:
    from conformance.contract.folder import PAGES, default_schemas, load
    from conformance.core.errors import InputError
    from conformance.core.files import read_text
    from conformance.core.suggestions import nearest
    from conformance.reporting.coverage import as_record, coverage, summary
    from conformance.reporting.read import read_results
    from conformance.requirements import load_requirements

    folder = schemas or default_schemas()
    contract = load(folder)
    known = {each.operation.id: each for each in contract.operations}
    name = operation or next(iter(known))
    if name not in known:
        raise InputError(f"--operation {name}: there is no such operation{nearest(name, known)}")
    page = folder / PAGES / f"{name}.md"
    run = read_results(results) if results else _run(contract, name)
    found = {each.id: each for each in run.requirements if each.operation == name}
    if not found:
        raise InputError(f"--results {results}: holds nothing of {name}; run it with --operation {name}")
    parts = coverage(known[name], read_text(page), load_requirements().values(), found, _unseen(run, name))
    if as_json:
        _print_json([as_record(part) for part in parts])
    else:
        for part in parts:
            _print_part(part)
        click.echo(", ".join(f"{count} {state}" for state, count in sorted(summary(parts).items())))
    return 1 if any(part.state == "uncovered" for part in parts) else 0


def _print_part(part: Covered) -> None:
    rests = ", ".join(part.requirements) or part.reason or "nothing"
    say(f"{part.line:4} {part.part:11} {part.state:13} {truncate(part.text, 60)}")
    if part.state != "untestable" or not part.reason.startswith("gives the page"):
        say(f"{'':31}{rests}{f' ({part.reason})' if part.requirements and part.reason else ''}")


def _unseen(run: Results, operation: str) -> list[str]:
    from conformance.comparison.target_facts import FactName

    notes = [each for each in run.learned if each.operation == operation]
    listed = next((each.value for each in notes if each.name == FactName.NEVER_WITH_VALUE), "")
    return [name.strip() for name in listed.split(",") if name.strip()]


def _run(contract: Any, operation: str) -> Results:
    """A run against the embedded reference server."""
    from conformance.cli.reference_run import run_reference

    return run_reference(contract, operation)[0]


def _print_json(content: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
