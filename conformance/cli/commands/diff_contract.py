"""``conformance diff-contract``: what changed between two versions of a documentation."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.say import say

if TYPE_CHECKING:
    from conformance.contract.change import Change
    from conformance.contract.model import Contract


@click.command("diff-contract")
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--wording/--no-wording", default=True, help="List changes of wording too.", show_default=True)
def diff_contract(old: Path, new: Path, name: str, wording: bool) -> int:
    """Show what changed from OLD to NEW, contract folders or folders of pages.

    Each change is breaking, compatible or wording only. Requirements that are based on a changed line are named.
    Exit status: 0 nothing breaking, 1 something breaking, 2 a folder that cannot be used.

    \b
    conformance diff-contract docs-2021 docs-2023
    """
    import msgspec

    from conformance.contract.change import Effect
    from conformance.contract.contract_diff import contract_diff

    before, after = _contract(old), _contract(new)
    changes = [each for each in contract_diff(before, after) if wording or each.effect is not Effect.WORDING]
    by_line = _requirements_by_line(after)
    if name == "json":
        listed = [{**msgspec.to_builtins(each), "requirements": _named(each, by_line)} for each in changes]
        content = {"format": "conformance-contract-diff/1", "changes": listed}
        click.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
    else:
        _print(changes, by_line)
    return 1 if any(each.effect is Effect.BREAKING for each in changes) else 0


def _print(changes: list[Change], by_line: dict[str, dict[int, list[str]]]) -> None:
    operation = ""
    for each in changes:
        if each.operation != operation:
            operation = each.operation
            say(operation)
        lines = f" (line {each.old_line or '-'} -> {each.new_line or '-'})" if each.old_line or each.new_line else ""
        named = _named(each, by_line)
        based = f"; requirements based on it: {', '.join(named)}" if named else ""
        say(f"  {each.effect.value:10} {each.about}: {each.message}{lines}{based}")
    counted = Counter(each.effect.value for each in changes)
    words = [f"{counted[effect]} {effect}" for effect in ("breaking", "compatible", "wording") if counted[effect]]
    operations = len({each.operation for each in changes})
    click.echo(f"{', '.join(words)} in {operations} operations" if changes else "no changes")


def _named(change: Change, by_line: dict[str, dict[int, list[str]]]) -> list[str]:
    return by_line.get(change.operation, {}).get(change.new_line, []) if change.new_line else []


def _requirements_by_line(contract: Contract) -> dict[str, dict[int, list[str]]]:
    """The requirements by operation and the line that they are based on."""
    from conformance.requirements import load_requirements

    found: dict[str, dict[int, list[str]]] = {}
    for each in contract.operations:
        lines: dict[int, list[str]] = {}
        for requirement in load_requirements().values() if each.operation.effect == "reads" else ():
            place: Any = requirement.source.locate(each.operation)
            if place and place.line:
                lines.setdefault(place.line, []).append(requirement.id)
        found[each.operation.id] = lines
    return found


def _contract(path: Path) -> Contract:
    """The contract in a contract folder, or the one of the pages in any other folder."""
    from conformance.contract.folder import OPERATION, load
    from conformance.core.errors import InputError
    from conformance.pages.compile import derive_pages

    if not path.exists():
        raise InputError(f"{path}: no such folder; name a contract folder or a folder of pages")
    if path.is_dir() and any(path.glob(f"*/{OPERATION}")):
        return load(path)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        report = derive_pages([path], Path(folder))
        if report.errors:
            more = f" (and {len(report.errors) - 1} more)" if len(report.errors) > 1 else ""
            raise InputError(f"{report.errors[0]}{more}")
        return load(Path(folder))
