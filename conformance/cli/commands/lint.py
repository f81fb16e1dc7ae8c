"""``conformance lint``: where documentation pages contradict themselves or each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from conformance.cli.progress import progress
from conformance.cli.say import say
from conformance.core.exit_code import ExitCode
from conformance.core.one_line import lines


@click.command()
@click.argument("pages", nargs=-1, type=click.Path(path_type=Path), metavar="PAGE_OR_DIR...")
@click.option("--format", "name", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of standard output.")
@click.option("--rule", "rules", multiple=True, metavar="ID|GLOB", help="Only these rules. Repeatable.")
@click.option("--ignore", multiple=True, metavar="ID|GLOB", help="Not these rules. Repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "note", "never"]),
    default="warning",
    show_default=True,
    help="The least level of a finding that makes the exit status 1.",
)
@click.option("--rules", "list_rules", is_flag=True, help="List the rules instead.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes that read pages; else one a core.")
def lint(
    pages: Sequence[Path],
    name: str,
    out: Path | None,
    rules: Sequence[str],
    ignore: Sequence[str],
    fail_on: str,
    list_rules: bool,
    workers: int | None,
) -> int:
    """Show where pages contradict themselves or each other, and what is assumed there.

    Exit status: 0 no findings, 1 findings, 2 a page that cannot be read.

    \b
    conformance lint docs/api
    conformance lint docs/api --format sarif --out lint.sarif
    """
    from conformance.core.files import write_text
    from conformance.pages.lint.formats import FORMATS
    from conformance.pages.lint.rule import RULES, Level
    from conformance.pages.lint.run import lint as run

    if list_rules:
        for each in RULES.values():
            click.echo(f"{each.id:26} {each.level.value:8} {each.title}")
        return 0
    if not pages:
        raise click.UsageError("name the pages to lint, or folders of them")
    with progress(quiet=False) as on_progress:
        report = run(pages, rules=rules, ignore=ignore, workers=workers, progress=on_progress)
    for error in report.errors:
        say(f"conformance: {error}", err=True)
    text = FORMATS[name](report)
    if out is None:
        click.echo(lines(text), nl=False)
    else:
        write_text(out, text)
    failing = {"warning": {Level.WARNING}, "note": set(Level), "never": set()}[fail_on]
    if report.errors:
        return ExitCode.USAGE_ERROR
    return 1 if any(each.level in failing for each in report.findings) else 0
