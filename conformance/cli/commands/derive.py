"""``conformance derive``: documentation pages become a contract folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.progress import progress
from conformance.cli.say import say

if TYPE_CHECKING:
    from conformance.pages.compile import DeriveReport


@click.command()
@click.argument("pages", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PAGE_OR_DIR...")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the contract goes.")
@click.option("--check", is_flag=True, help="Write nothing; fail where DIR is not what the pages give.")
@click.option("--prune", is_flag=True, help="Remove operations that no page documents any more.")
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes that read pages; one a core without it."
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def derive(pages: Sequence[Path], out: Path, check: bool, prune: bool, workers: int | None, quiet: bool) -> int:
    """Derive operations and JSON Schemas from documentation pages.

    Pages that did not change since are left alone. A page that cannot be used gives one line and does not stop the
    others; the exit status is 2 then.

    \b
    conformance derive docs/api --out schemas
    conformance derive docs/api --out schemas --check
    """
    from conformance.pages.compile import derive_pages

    with progress(quiet) as on_progress:
        report = derive_pages(pages, out, check, workers=workers, prune=prune, progress=on_progress)
    for line in (*report.errors, *report.differences):
        say(f"conformance: {line}", err=True)
    if not quiet and (check or report.written or report.unchanged):
        _print_summary(report, out, check=check, prune=prune)
    return 2 if report.errors or report.differences else 0


def _print_summary(report: DeriveReport, out: Path, *, check: bool, prune: bool) -> None:
    entries = report.index.pages.values()
    if check:
        if not report.errors and not report.differences:
            click.echo(f"{out} is what the pages give")
        return
    from conformance.contract.folder import ASSUMPTIONS

    methods = Counter(each.method for each in entries)
    click.echo(f"{len(entries)} operations in {out}: {_counted(methods)}")
    click.echo(f"  effect of a call: {_counted(Counter(each.effect for each in entries))}")
    click.echo(f"  request bodies: {_counted(Counter(each.request for each in entries))}")
    click.echo(f"  response bodies: {_counted(Counter(each.response for each in entries))}")
    click.echo(f"  shared types: {report.components}")
    assumed = sum(len(each.assumptions) for each in entries)
    click.echo(f"  assumptions, because the pages do not specify it: {assumed}, listed in {out / ASSUMPTIONS}")
    click.echo(
        f"  files written: {len(report.written)}; pages unchanged: {report.unchanged}; failed: {len(report.errors)}"
    )
    if report.orphans:
        removed = "removed" if prune else "still there, --prune removes them"
        click.echo(f"  operations without a page: {len(report.orphans)}, {removed}")


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items(), key=lambda each: (-each[1], each[0])))
