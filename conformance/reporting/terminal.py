"""The run on a terminal: progress while it goes, the verdict chapter by chapter when it ends."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len
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
from conformance.reporting.status_presentation import ORDER, UNSTABLE
from conformance.reporting.verdict import Verdict

STYLE = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.WARNING: "yellow",
    Status.INCONCLUSIVE: "magenta",
    Status.OBSERVED: "cyan",
    Status.SKIPPED: "dim",
}
_MANY = 4
"""More results than this with one reason share a line."""
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
        self._printed: set[str] = set()
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
            self._bar.add_task("discovery", total=total, requests=0, rate=0.0)

    def requirement_done(self, result: RequirementResult, requests: int) -> None:
        """One requirement was executed; ``requests`` were sent so far."""
        if self._bar is not None:
            task = self._bar.task_ids[0]
            elapsed = self._bar.tasks[0].elapsed or 0.0
            rate = requests / elapsed if elapsed else 0.0
            text = one_line(f"{result.id:8} {result.chapter[:40]}")
            self._bar.update(task, advance=1, description=text, requests=requests, rate=rate)
        elif not self._quiet:
            # At the end chapters come again, with the requirements that check every exchange.
            self._again = self._again or result.chapter in self._printed
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
        self._printed.add(self._chapter)


def print_closing(results: Results, console: Console, reports: Path, *, baseline: str = "") -> None:
    """The closing table, what failed and what is inconclusive, what was written to the baseline, and the verdict.

    The last line holds the verdict, its sentence, and the rule that gives the exit status. Each line is one line,
    whatever the target or a page said.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in workflow_commands(results):
            console.print(Text(line), soft_wrap=True)
    _print_chapters(results, console)
    for text in _closing_lines(results):
        console.print(text, soft_wrap=True)
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
    shared = _shared_reasons(results)
    for status in (Status.FAILED, Status.WARNING, Status.INCONCLUSIVE):
        for result in results.requirements:
            if result.status is status and result.reason not in shared:
                line = Text.assemble(_word(UNSTABLE if result.unstable else status, STYLE[status]), f"{result.id:8} ")
                line.append(one_line(_reason(result)))
                if result.known:
                    line.append(one_line(f" (known: {result.known})"), style="dim")
                yield line
    for reason, count in shared.items():
        text = one_line(f"{count} requirements: {reason}")
        yield Text.assemble(_word(Status.INCONCLUSIVE, STYLE[Status.INCONCLUSIVE]), text)
    for entry in results.baseline.stale if results.baseline is not None else ():
        yield Text.assemble(_word("baseline", "bold red"), one_line(entry.text))
    for note in results.learned:
        if note.name in CONFIGURED and not note.found:
            yield Text(one_line(f"{note.name}: {note.value}"))
    changed = [f"{each.id} ({each.status.value})" for each in results.requirements if each.source_changed]
    if changed:
        yield Text(one_line(f"based on changed lines of the page: {', '.join(changed)}"))


def _word(word: str, style: str) -> tuple[str, str]:
    return f"{word:12} ", style


def _reason(result: RequirementResult) -> str:
    counts = next((finding.confirmed for finding in result.findings if finding.confirmed), "")
    # The reason may say how often already.
    said = any(f"{each.reproduced} of {each.repetitions}" in result.reason for each in result.findings)
    return f"{result.reason} [{counts}]" if result.unstable and counts and not said else result.reason


def _shared_reasons(results: Results) -> dict[str, int]:
    """The reasons why many are inconclusive, such as an early end of the run, with how many they are."""
    counts = Counter(each.reason for each in results.requirements if each.status is Status.INCONCLUSIVE)
    return {reason: count for reason, count in counts.items() if count > _MANY}


def _print_chapters(results: Results, console: Console) -> None:
    """How many of each chapter have which status: a table, or a line each if the terminal is too narrow for it."""
    chapters = {one_line(chapter): counts for chapter, counts in results.counts.items()}
    total = sum(chapters.values(), Counter[Status]())
    columns = [status for status in ORDER if total[status]]
    # Two blanks between columns, and three characters for the counts of a chapter.
    width = max(map(cell_len, chapters), default=0) + sum(max(len(status), 3) + 2 for status in columns)
    if console.width < width:
        for chapter, counts in chapters.items():
            text = ", ".join(f"{counts[status]} {status.value}" for status in columns if counts[status])
            console.print(Text(f"{chapter}: {text}"), soft_wrap=True)
        return
    # No frame: it reads the same in a log of any encoding.
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("chapter", no_wrap=True)
    for status in columns:
        table.add_column(status.value, justify="right", no_wrap=True)
    for name, counts in {**chapters, "all": total}.items():
        table.add_row(Text(name), *(_cell(counts[status], status) for status in columns))
    console.print(table)


def _cell(count: int, status: Status) -> Text:
    return Text(str(count), style=STYLE[status]) if count else Text("-", style="dim")
