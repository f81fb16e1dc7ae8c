"""Numbers for the two small charts: how many requests each chapter sent, and how long answers took."""

from __future__ import annotations

import bisect
from array import array
from collections import Counter
from collections.abc import Sequence

import msgspec

from conformance.engine.result import RequirementResult
from conformance.reporting.evidence import Exchanges

_LIMITS = (3, 10, 30, 100, 300, 1000, 3000, 10_000)


class Bar(msgspec.Struct, frozen=True):
    """``share`` of the longest bar, from 0 to 1."""

    label: str
    count: int
    share: float


class Chart(msgspec.Struct, frozen=True):
    """A bar chart; ``summary`` says the same in words."""

    title: str
    summary: str
    bars: tuple[Bar, ...]


def charts(exchanges: Exchanges, results: Sequence[RequirementResult]) -> list[Chart]:
    """Both charts: each exchange is looked at once."""
    chapters = {result.id: result.chapter for result in results}
    order = ["Discovery", *dict.fromkeys(chapters.values())]
    counts: Counter[str] = Counter()
    times = array("d")
    for exchange in exchanges:
        counts[chapters.get(exchange.requirement, order[0])] += 1
        if exchange.response is not None:
            times.append(exchange.seconds * 1000)
    return [_requests_chart(counts, order), _latency_chart(sorted(times))]


def _requests_chart(counts: Counter[str], order: Sequence[str]) -> Chart:
    """Requests by the chapter whose requirement sent them first."""
    bars = _bars([(chapter, counts[chapter]) for chapter in order if counts[chapter]])
    return Chart("Requests by chapter", f"{counts.total()} exchanges", bars)


def _latency_chart(times: Sequence[float]) -> Chart:
    """Answers by the time that they took (ms, in order); those that never came are not in it."""
    counts = Counter(bisect.bisect_right(_LIMITS, time) for time in times)
    labels = [f"under {_unit(limit)}" for limit in _LIMITS] + [f"{_unit(_LIMITS[-1])} and more"]
    used = [i for i in range(len(labels)) if counts[i]]
    span = range(used[0], used[-1] + 1) if used else range(0)
    summary = "no answers"
    if times:
        middle, late = times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]
        summary = f"half within {middle:.0f} ms, 95 % within {late:.0f} ms, the slowest took {times[-1]:.0f} ms"
    return Chart("Time to the last byte", summary, _bars([(labels[i], counts[i]) for i in span]))


def _bars(counts: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    longest = max((count for _, count in counts), default=0) or 1
    return tuple(Bar(label, count, round(count / longest, 4)) for label, count in counts)


def _unit(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds // 1000} s"
