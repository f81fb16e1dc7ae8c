"""``summary.md``: the run in a few lines, for a job's summary or a comment on a pull request."""

from __future__ import annotations

import re
from collections import Counter

from conformance.core.text import truncate
from conformance.engine.result import Level, RequirementResult, Status
from conformance.reporting.results import Results
from conformance.reporting.status_presentation import ORDER, state
from conformance.reporting.verdict import Verdict, failures

_SHOWN = 20
_SYMBOL = {Verdict.CONFORMANT: "✅", Verdict.INCONCLUSIVE: "❔", Verdict.PARTIAL: "◐"}


def markdown(results: Results) -> bytes:
    """The summary as UTF-8. What comes from the target is in code spans: it can neither format nor mention."""
    run = results.run
    symbol = _SYMBOL.get(results.verdict, "❌")
    if results.verdict is Verdict.PARTIAL and failures(results.requirements, strict=run.strict):
        symbol = "❌"
    lines = [f"## {symbol} {results.verdict.value}", "", _code(results.reason, limit=2000), ""]
    lines += _table(results)
    for status, heading in (
        (Status.FAILED, "Failed"),
        (Status.WARNING, "Warnings"),
        (Status.INCONCLUSIVE, "Inconclusive"),
    ):
        lines += _list(heading, [result for result in results.requirements if result.status is status])
    if results.baseline is not None and results.baseline.stale:
        lines += ["### Baseline", "", *(f"- {_code(each.text)}" for each in results.baseline.stale), ""]
    how = [_code(results.target.url), f"{run.requests} requests", f"profile {run.profile}", f"seed {run.seed}"]
    what = [f"conformance {results.suite.version}", f"contract {results.suite.contract_digest[:12]}"]
    # Of a run that was not made there is only the id.
    parts = [*(how if results.target.url else []), f"run {run.id}", *(["interrupted"] if run.interrupted else [])]
    lines.append(f"<sub>{' · '.join(parts + (what if results.target.url else what[:1]))}</sub>")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _table(results: Results) -> list[str]:
    chapters = results.counts
    total = sum(chapters.values(), Counter[Status]())
    columns = [status for status in ORDER if total[status]]
    lines = ["| chapter | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for chapter, counts in chapters.items():
        if counts.keys() - {Status.PASSED, Status.OBSERVED, Status.SKIPPED}:
            lines.append(_row(_plain(chapter), counts, columns))
    return [*lines, _row("**all**", total, columns), ""] if columns else []


def _row(name: str, counts: Counter[Status], columns: list[Status]) -> str:
    return f"| {name} | " + " | ".join(str(counts[status] or "") for status in columns) + " |"


def _list(heading: str, found: list[RequirementResult]) -> list[str]:
    if not found:
        return []
    lines = [f"### {heading}", ""]
    for result in found[:_SHOWN]:
        weight = "" if result.level is Level.MUST else f" ({result.level.value})"
        unstable = f", {state(result)}" if result.unstable else ""
        text = f"{_plain(result.title)}: {_code(result.reason)}{_plain(unstable)}{_known(result)}"
        lines.append(f"- **{result.id}**{weight} {text}")
    if len(found) > _SHOWN:
        lines.append(f"- and {len(found) - _SHOWN} more")
    return [*lines, ""]


def _known(result: RequirementResult) -> str:
    return f", known: {_code(result.known)}" if result.known else ""


def _plain(text: str) -> str:
    """Text of the suite's own as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", " ".join(text.split()))


def _code(text: str, limit: int = 300) -> str:
    text = truncate(" ".join(text.split()), limit, "…")
    ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
