"""Applies a baseline to results: marks known failures, and finds entries that are out of date."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from conformance.core.suggestions import nearest
from conformance.engine.baseline.known_failures import KnownFailure
from conformance.engine.result import RequirementResult, Status

FAILED_OR_WARNING = (Status.FAILED, Status.WARNING)


class EntryState(StrEnum):
    """The state of one entry of the baseline in this run."""

    STILL_FAILS = "holds"
    """The known failure is still there."""
    EXPIRED = "expired"
    UNMATCHED = "matches nothing"
    PASSES = "now passes"
    INCONCLUSIVE = "not decided"
    """Its requirement was skipped, inconclusive or not tried."""

    @property
    def stale(self) -> bool:
        """Whether the entry must be changed or removed."""
        return self in (EntryState.EXPIRED, EntryState.UNMATCHED, EntryState.PASSES)


class EntryResult(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and its state; ``text`` describes it in one sentence."""

    entry: KnownFailure
    state: EntryState
    text: str


class BaselineReport(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline of a run. ``all_known`` is true if there are failures, and each one has an entry."""

    file: str
    entries: tuple[EntryResult, ...]
    all_known: bool
    lenient: bool = False
    accept_known: bool = False

    @property
    def stale(self) -> tuple[EntryResult, ...]:
        """The entries that must be changed or removed."""
        return tuple(each for each in self.entries if each.state.stale)


def matches(entry: KnownFailure, result: RequirementResult) -> bool:
    """Whether the entry names this requirement on this operation."""
    return entry.requirement == result.id and fnmatch.fnmatchcase(result.operation, entry.operation)


def judge_entry(
    entry: KnownFailure,
    results: Sequence[RequirementResult],
    today: datetime.date,
    *,
    every: Collection[str],
    narrowed: bool,
) -> EntryResult:
    """The state of one entry. ``every`` are the ids of all requirements; with ``narrowed`` not all were selected."""
    name = f"{entry.requirement} on {entry.operation}"
    mine = [result for result in results if matches(entry, result)]

    def entry_result(state: EntryState, text: str) -> EntryResult:
        return EntryResult(entry=entry, state=state, text=f"{name} {text}")

    if entry.requirement not in every:
        return entry_result(EntryState.UNMATCHED, f"matches nothing{nearest(entry.requirement, every)}")
    if not mine and narrowed:
        return entry_result(EntryState.INCONCLUSIVE, "was not tried in this run")
    if not mine:
        return entry_result(EntryState.UNMATCHED, "matches nothing; correct or remove the entry")
    if any(result.status in FAILED_OR_WARNING for result in mine):
        if entry.until < today:
            return entry_result(EntryState.EXPIRED, f"was tolerated until {entry.until} and still fails")
        return entry_result(EntryState.STILL_FAILS, f"fails as is known, until {entry.until}: {entry.reason}")
    if any(result.status in (Status.INCONCLUSIVE, Status.SKIPPED) for result in mine):
        return entry_result(EntryState.INCONCLUSIVE, f"was not decided: {mine[0].reason}")
    return entry_result(EntryState.PASSES, "now passes; remove the entry")


def apply_baseline(
    entries: Sequence[KnownFailure],
    results: Sequence[RequirementResult],
    today: datetime.date,
    *,
    file: str,
    every: Collection[str],
    narrowed: bool = False,
    strict: bool = False,
    lenient: bool = False,
    accept_known: bool = False,
) -> tuple[BaselineReport, tuple[RequirementResult, ...]]:
    """The baseline's report, and the results with ``known`` set on each failure that has an entry."""
    judged = tuple(judge_entry(entry, results, today, every=every, narrowed=narrowed) for entry in entries)
    valid = [each.entry for each in judged if each.state is EntryState.STILL_FAILS]
    marked = tuple(_mark(result, valid) for result in results)
    counting = FAILED_OR_WARNING if strict else (Status.FAILED,)
    failed = [result for result in marked if result.status in counting]
    report = BaselineReport(
        file=file,
        entries=judged,
        all_known=bool(failed) and all(result.known for result in failed),
        lenient=lenient,
        accept_known=accept_known,
    )
    return report, marked


def _mark(result: RequirementResult, entries: Sequence[KnownFailure]) -> RequirementResult:
    entry = next((entry for entry in entries if matches(entry, result)), None)
    if entry is None or result.status not in FAILED_OR_WARNING:
        return result
    details = "; ".join(filter(None, [entry.owner, entry.ticket, f"until {entry.until}"]))
    return msgspec.structs.replace(result, known=f"{entry.reason} ({details})")
