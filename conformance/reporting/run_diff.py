"""Two results of the same contract compared: what fails newly, what was fixed, what else changed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from conformance.engine.result import Level, RequirementResult, Status
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict


class Change(StrEnum):
    """What happened to one requirement from the old run to the new one, most urgent first."""

    NEWLY_FAILED = "newly failed"
    INCONCLUSIVE = "became inconclusive"
    NEW = "new"
    REMOVED = "no longer tested"
    FAILS_DIFFERENTLY = "fails differently"
    CONCLUSIVE = "became conclusive"
    FIXED = "fixed"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement that changed; ``old`` or ``new`` is None if that run did not have it."""

    change: Change
    id: str
    operation: str
    level: Level
    title: str
    old: Status | None
    new: Status | None
    reason: str


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """All changes, and in what else the two runs differ, because a change may have another cause than the server."""

    changes: tuple[Entry, ...]
    unchanged: int
    differences: tuple[str, ...]

    @property
    def has_new_failures(self) -> bool:
        """Whether something that did not fail before fails now."""
        return any(entry.change is Change.NEWLY_FAILED for entry in self.changes)


# A failure weighs more than a warning; everything else weighs nothing.
_WEIGHT = {Status.FAILED: 2, Status.WARNING: 1}
_INCONCLUSIVE = (Status.INCONCLUSIVE, Status.SKIPPED)


def diff(old: Results, new: Results) -> Diff:
    """What changed from ``old`` to ``new``: pure, and blind to the order of the requirements."""
    before = {(result.id, result.operation): result for result in old.requirements}
    after = {(result.id, result.operation): result for result in new.requirements}
    found = []
    # What one of the two left out on purpose does not show a change of the server.
    left_out = {
        key
        for mine, theirs, whole in ((after, before, old), (before, after, new))
        for key in mine
        if key not in theirs and whole.verdict is Verdict.PARTIAL
    }
    for key in [key for key in dict.fromkeys([*after, *before]) if key not in left_out]:
        change = _change(before.get(key), after.get(key))
        if change is not None:
            found.append(_entry(change, before.get(key), after.get(key)))
    order = list(Change)
    return Diff(
        changes=tuple(sorted(found, key=lambda entry: order.index(entry.change))),
        unchanged=len((before.keys() | after.keys()) - left_out) - len(found),
        differences=tuple(_differences(old, new)),
    )


def _change(old: RequirementResult | None, new: RequirementResult | None) -> Change | None:
    if old is None or new is None:
        return Change.NEW if old is None else Change.REMOVED
    was, now = _WEIGHT.get(old.status, 0), _WEIGHT.get(new.status, 0)
    if now > was:
        return Change.NEWLY_FAILED
    if new.status in _INCONCLUSIVE and old.status not in _INCONCLUSIVE:
        return Change.INCONCLUSIVE
    if now < was:
        return Change.FIXED
    if old.status in _INCONCLUSIVE and new.status not in _INCONCLUSIVE:
        return Change.CONCLUSIVE
    if now and {each.message for each in old.findings} != {each.message for each in new.findings}:
        return Change.FAILS_DIFFERENTLY
    return None


def _entry(change: Change, old: RequirementResult | None, new: RequirementResult | None) -> Entry:
    result = new or old
    assert result is not None
    return Entry(
        change=change,
        id=result.id,
        operation=result.operation,
        level=result.level,
        title=result.title,
        old=old.status if old else None,
        new=new.status if new else None,
        reason=result.reason,
    )


def _scope(results: Results) -> str:
    scope = results.scope
    if scope.complete:
        return "everything"
    tried = f"{scope.tried} of {scope.of} requirements, " if scope.of else ""
    return f"a part ({tried}{', '.join(scope.reasons)})"


def _differences(old: Results, new: Results) -> list[str]:
    pairs = {
        "suite": (old.suite.version, new.suite.version),
        "contract": (old.suite.contract_digest[:12], new.suite.contract_digest[:12]),
        "target": (old.target.url, new.target.url),
        "installation": (old.target.installation, new.target.installation),
        "profile": (old.run.profile, new.run.profile),
        "seed": (str(old.run.seed), str(new.run.seed)),
        "verdict": (old.verdict.value, new.verdict.value),
        "scope": (_scope(old), _scope(new)),
    }
    found = [f"{name}: {mine} -> {theirs}" for name, (mine, theirs) in pairs.items() if mine != theirs]
    for name, results in (("old", old), ("new", new)):
        if results.run.interrupted:
            found.append(f"the {name} run was interrupted")
        if results.run.error:
            found.append(f"the {name} run tested nothing: {results.reason}")
    return found
