"""The run on a terminal: progress while it goes, the verdict chapter by chapter when it ends."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from conformance.comparison.target_facts import CONFIGURED
from conformance.core.one_line import one_line
from conformance.engine.result import RequirementResult, Status
from conformance.reporting.github import workflow_commands
from conformance.reporting.results import Results
from conformance.reporting.status_presentation import UNSTABLE
from conformance.reporting.verdict import Verdict

SHORT = {
    Status.PASSED: "pass",
    Status.FAILED: "fail",
    Status.WARNING: "warn",
    Status.INCONCLUSIVE: "open",
    Status.OBSERVED: "seen",
    Status.SKIPPED: "skip",
}
COLUMNS = (Status.PASSED, Status.FAILED, Status.WARNING, Status.INCONCLUSIVE, Status.OBSERVED, Status.SKIPPED)
STYLE = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.WARNING: "yellow",
    Status.INCONCLUSIVE: "magenta",
    Status.OBSERVED: "cyan",
    Status.SKIPPED: "dim",
}
_NARROW = 78
_MANY = 4
VERDICT_STYLE = {
    Verdict.CONFORMANT: "bold green",
    Verdict.NON_CONFORMANT: "bold red",
    Verdict.ALL_KNOWN: "bold yellow",
    Verdict.INCONCLUSIVE: "bold magenta",
    Verdict.PARTIAL: "bold yellow",
}


class Progress:
    """A bar on a terminal; elsewhere one plain line a chapter; nothing with ``quiet``."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._bar: Bar | None = None
        self._chapter = ""
        self._told: set[str] = set()
        self._again = False
        self._counts: Counter[str] = Counter()
        if not quiet and console.is_terminal:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[requests]} requests, {task.fields[rate]:.0f}/s"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=console,
                transient=True,
            )

    def start(self, total: int) -> None:
        """The run begins with ``total`` requirements."""
        if self._bar is not None:
            self._bar.start()
            self._bar.add_task("learning the target", total=total, requests=0, rate=0.0)

    def requirement_done(self, result: RequirementResult, requests: int) -> None:
        """One requirement is settled; ``requests`` were sent so far."""
        if self._bar is not None:
            task = self._bar.task_ids[0]
            elapsed = self._bar.tasks[0].elapsed or 0.0
            rate = requests / elapsed if elapsed else 0.0
            text = one_line(f"{result.id:8} {result.chapter[:40]}")
            self._bar.update(task, advance=1, description=text, requests=requests, rate=rate)
        elif not self._quiet:
            # Chapters come round again with the requirements that judge every exchange, at the end.
            self._again = self._again or result.chapter in self._told
            chapter = "Every exchange again" if self._again else result.chapter
            if self._chapter and chapter != self._chapter:
                self._line()
            self._chapter = chapter
            self._counts[result.status.value] += 1

    def stop(self) -> None:
        """The run is over; may be called more than once."""
        if self._bar is not None:
            self._bar.stop()
        elif self._counts:
            self._line()

    def _line(self) -> None:
        counts = ", ".join(f"{count} {status}" for status, count in self._counts.items())
        self._console.print(Text(one_line(f"{self._chapter}: {counts}")), soft_wrap=True)
        self._counts.clear()
        self._told.add(self._chapter)


def print_closing(results: Results, console: Console, reports: Path, *, baseline: str = "") -> None:
    """The closing table, what was found and what stayed open, what was written to the baseline, and the verdict.

    The last line holds the verdict, its sentence, and the rule that gives the exit status. Each line is one line,
    whatever the target or a page said.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in workflow_commands(results):
            console.print(Text(line), soft_wrap=True)
    if console.width < _NARROW:
        _print_chapters(results, console)
    else:
        console.print(_table(results))
    for told in _closing_lines(results):
        console.print(told, soft_wrap=True)
    run = results.run
    _say(
        console,
        f"{run.requests} requests to {results.target.url}, profile {run.profile}, seed {run.seed}, run {run.id}",
    )
    if baseline:
        _say(console, f"baseline: {baseline}")
    _say(console, f"report: {reports / 'index.html'}")
    rule = f" [exit status {results.exit.status}: {results.exit.rule}]"
    word = Text(results.verdict.value, style=VERDICT_STYLE[results.verdict])
    console.print(Text.assemble(word, one_line(f": {results.reason}{rule}")), soft_wrap=True)


def _say(console: Console, text: str) -> None:
    console.print(Text(one_line(text)), soft_wrap=True)


def _closing_lines(results: Results) -> Iterator[Text]:
    told_together = _group_reasons(results)
    for status, word in ((Status.FAILED, "broken"), (Status.WARNING, "warning"), (Status.INCONCLUSIVE, "undecided")):
        for result in results.requirements:
            if result.status is status and result.reason not in told_together:
                told = Text.assemble((f"{UNSTABLE if result.unstable else word:9} ", STYLE[status]), f"{result.id:8} ")
                told.append(one_line(_reason(result)))
                if result.known:
                    told.append(one_line(f" (known: {result.known})"), style="dim")
                yield told
    for reason, count in told_together.items():
        text = one_line(f"{count} requirements: {reason}")
        yield Text.assemble(("undecided ", STYLE[Status.INCONCLUSIVE]), text)
    for entry in results.baseline.stale if results.baseline is not None else ():
        yield Text.assemble(("baseline  ", "bold red"), one_line(entry.text))
    for note in results.learned:
        if note.name in CONFIGURED and not note.found:
            yield Text(one_line(f"{note.name}: {note.value}"))
    changed = [f"{each.id} ({each.status.value})" for each in results.requirements if each.source_changed]
    if changed:
        yield Text(one_line(f"rest on changed lines of the page: {', '.join(changed)}"))


def _reason(result: RequirementResult) -> str:
    counts = next((finding.confirmed for finding in result.findings if finding.confirmed), "")
    # Whoever decided it has said how often already.
    said = any(f"{each.reproduced} of {each.repetitions}" in result.reason for each in result.findings)
    return f"{result.reason} [{counts}]" if result.unstable and counts and not said else result.reason


def _group_reasons(results: Results) -> dict[str, int]:
    """What left many undecided at once, as an end of the run does, with how many they are."""
    counts = Counter(each.reason for each in results.requirements if each.status is Status.INCONCLUSIVE)
    return {reason: count for reason, count in counts.items() if count > _MANY}


def _print_chapters(results: Results, console: Console) -> None:
    for chapter, counts in _chapters(results).items():
        told = ", ".join(f"{counts[status]} {status.value}" for status in COLUMNS if counts[status])
        console.print(Text(one_line(f"{chapter}: {told}")), soft_wrap=True)


def _chapters(results: Results) -> dict[str, Counter[Status]]:
    chapters: dict[str, Counter[Status]] = {}
    for result in results.requirements:
        chapters.setdefault(result.chapter, Counter())[result.status] += 1
    return chapters


def _table(results: Results) -> Table:
    # No frame: it reads the same in a log of any encoding.
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("chapter", no_wrap=True, overflow="ellipsis")
    for status in COLUMNS:
        table.add_column(SHORT[status], justify="right", no_wrap=True)
    chapters = _chapters(results)
    for chapter, counts in chapters.items():
        table.add_row(Text(one_line(chapter)), *(_cell(counts[status], status) for status in COLUMNS))
    total = sum(chapters.values(), Counter())
    table.add_row(Text("all", style="bold"), *(_cell(total[status], status) for status in COLUMNS))
    return table


def _cell(count: int, status: Status) -> Text:
    return Text(str(count), style=STYLE[status]) if count else Text("-", style="dim")
