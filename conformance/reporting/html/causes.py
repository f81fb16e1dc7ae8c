"""Findings grouped by what causes them: forty failures of one cause are one card with forty occurrences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.engine.result import Finding, Level, RequirementResult
from conformance.reporting.evidence import ByNumber, find, find_all


class Occurrence(msgspec.Struct, frozen=True):
    """A finding with the result that holds it."""

    result: RequirementResult
    finding: Finding


class Cause(msgspec.Struct, frozen=True):
    """Occurrences of one cause, the one that is smallest to look at first."""

    occurrences: tuple[Occurrence, ...]

    @property
    def first(self) -> Occurrence:
        """The one to show in full."""
        return self.occurrences[0]


def causes(results: Sequence[RequirementResult], exchanges: ByNumber) -> list[Cause]:
    """All findings, grouped; failures of a MUST come first."""
    groups: dict[tuple[str, ...], list[Occurrence]] = {}
    for result in results:
        for finding in result.findings:
            merged = [Occurrence(result, finding)]
            keys = list(_keys(result, finding, exchanges))
            # A finding may join groups that had nothing in common before.
            for group in list({id(groups[key]): groups[key] for key in keys if key in groups}.values()):
                merged = group + merged
                keys += [key for key, known in groups.items() if known is group]
            groups.update(dict.fromkeys(keys, merged))
    distinct = {id(group): group for group in groups.values()}.values()
    found = [Cause(tuple(sorted(group, key=lambda each: _size(each, exchanges)))) for group in distinct]
    return sorted(found, key=lambda cause: cause.first.finding.level is not Level.MUST)


def _keys(result: RequirementResult, finding: Finding, exchanges: ByNumber) -> Iterator[tuple[str, ...]]:
    """Two findings that share one of these have one cause, as far as that can be seen from outside."""
    blamed = find(exchanges, finding.exchanges[-1]) if finding.exchanges else None
    level, effect = finding.level.value, (finding.expected, finding.actual)
    if blamed is not None and finding.actual == _outcome(blamed) and _failed(blamed):
        # The same unexpected outcome (a 500, no answer), whatever requirements find it.
        yield ("outcome", level, *effect)
    else:
        yield ("effect", level, result.chapter, *effect)
    ignored = _without_effect(find_all(exchanges, finding.exchanges))
    if ignored:
        yield ("no effect", level, *ignored)
    # One requirement that fails in one way, on any operation and with any values.
    yield ("requirement", level, result.id, _without_values(finding.message))


def _without_effect(shown: Sequence[RedactedExchange]) -> tuple[str, ...]:
    """In what the last request differs from the first, if the answer is still the same."""
    if len(shown) < 2:
        return ()
    (first, one), (last, other) = ((each.request, each.response) for each in (shown[0], shown[-1]))
    if one is None or other is None or (one.status, one.body) != (other.status, other.body):
        return ()
    changed = {name.lower() for name, _ in set(first.headers) ^ set(last.headers)}
    changed |= {name for name in ("method", "target", "body") if getattr(first, name) != getattr(last, name)}
    return tuple(sorted(changed))


def _outcome(exchange: RedactedExchange) -> str:
    if exchange.response is None:
        return exchange.failure_text
    return f"{exchange.response.status} {exchange.response.reason}".strip()


def _failed(exchange: RedactedExchange) -> bool:
    return exchange.response is None or exchange.response.status >= 400


def _without_values(message: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "#", message)


def _size(occurrence: Occurrence, exchanges: ByNumber) -> int:
    shown = find_all(exchanges, occurrence.finding.exchanges)
    return sum(len(each.request.body) + (each.response.body_size if each.response else 0) for each in shown)
