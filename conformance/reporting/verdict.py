"""The verdict of a run and its sentence: pure functions of what became of the requirements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from conformance.engine.baseline.application import BaselineReport
from conformance.engine.result import Gap, Level, RequirementResult, Status
from conformance.reporting.ids import id_ranges, some_ids


class Verdict(StrEnum):
    """The one word that a run ends with."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    ALL_KNOWN = "non-conformant, all known"
    """Every failure is in the baseline. It is not conformant because of that."""
    INCONCLUSIVE = "inconclusive"
    PARTIAL = "partial"
    """Only a part was tried, so it says nothing of the whole."""

    @property
    def slug(self) -> str:
        """One word for a style sheet."""
        return self.value.partition(",")[0]


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How much the run tried of what the pages document.

    ``tried`` of ``of`` requirements, on ``operations_tried`` of ``operations_of`` operations. ``reasons`` are the
    options that left something out (``--requirement OP-01``); with any of them the run is not ``complete``.
    """

    complete: bool = True
    tried: int = 0
    of: int = 0
    reasons: tuple[str, ...] = ()
    operations_tried: int = 0
    operations_of: int = 0
    not_called: tuple[str, ...] = ()
    """Operations that were selected and never called: they may change data, or lack a value for their path."""


WHOLE = Scope()


def decide(
    requirements: Sequence[RequirementResult],
    *,
    strict: bool = False,
    scope: Scope = WHOLE,
    stopped: str = "",
    notes: Sequence[str] = (),
) -> tuple[Verdict, str]:
    """The verdict and its sentence, without the verdict's own word.

    A run that is not complete is ``partial``, whatever its results are. Otherwise a failed MUST (with ``strict`` also a
    warning) is non-conformant; a MUST that applies and is inconclusive makes the run inconclusive, and so does it
    if nothing passed. ``stopped`` says why the run ended early; ``notes`` are what every report has to name.
    """
    verdict, head = _partial(requirements, scope, strict) if not scope.complete else _whole(requirements, strict)
    if stopped:
        head = f"{stopped}; {head}"
        # Whatever passed until then: what came after was never tested.
        verdict = Verdict.INCONCLUSIVE if verdict is Verdict.CONFORMANT else verdict
    return verdict, "; ".join([head, *_not_tried(requirements, scope), *notes])


def with_baseline(verdict: Verdict, reason: str, baseline: BaselineReport) -> tuple[Verdict, str]:
    """The verdict and its sentence with what the baseline lists; it never becomes conformant."""
    if verdict is Verdict.NON_CONFORMANT and baseline.all_known:
        verdict = Verdict.ALL_KNOWN
    if verdict in (Verdict.ALL_KNOWN, Verdict.PARTIAL) and baseline.all_known:
        reason = f"{reason}, as {baseline.file} says"
    if baseline.stale:
        count = len(baseline.stale)
        entries = "1 entry does" if count == 1 else f"{count} entries do"
        reason += f"; {entries} not fit any more in {baseline.file}"
    return verdict, reason


def is_inconclusive_must(result: RequirementResult) -> bool:
    """Whether it is a MUST that applies and is inconclusive."""
    return result.status is Status.INCONCLUSIVE and result.level is Level.MUST


def failures(requirements: Iterable[RequirementResult], *, strict: bool) -> list[RequirementResult]:
    """Those that fail the run."""
    failing = (Status.FAILED, Status.WARNING) if strict else (Status.FAILED,)
    return [result for result in requirements if result.status in failing]


def _whole(requirements: Sequence[RequirementResult], strict: bool) -> tuple[Verdict, str]:
    failed = failures(requirements, strict=strict)
    inconclusive = [r for r in requirements if is_inconclusive_must(r)]
    passed = [r for r in requirements if r.status is Status.PASSED]
    if failed:
        return Verdict.NON_CONFORMANT, f"{count(failed, 'requirement')} failed: {some_ids(failed)}"
    if inconclusive:
        return (
            Verdict.INCONCLUSIVE,
            f"{count(inconclusive, 'MUST')} inconclusive: {some_ids(inconclusive)}{_unstable(inconclusive)}",
        )
    if not passed:
        return Verdict.INCONCLUSIVE, "no requirement passed, so nothing was shown"
    return Verdict.CONFORMANT, f"{count(passed, 'requirement')} passed{_additional(requirements, strict)}"


def _partial(requirements: Sequence[RequirementResult], scope: Scope, strict: bool) -> tuple[Verdict, str]:
    failed = failures(requirements, strict=strict)
    operations = "" if scope.operations_of < 2 else f" on {scope.operations_tried} of {scope.operations_of} operations"
    fate = f"{len(failed)} failed: {some_ids(failed)}" if failed else "none failed"
    reasons = f" ({', '.join(scope.reasons)})" if scope.reasons else ""
    tried = f"{scope.tried} of {scope.of} requirements tried{operations}"
    return Verdict.PARTIAL, f"{tried}, {fate}{_additional(requirements, strict)}{reasons}"


def _additional(requirements: Sequence[RequirementResult], strict: bool) -> str:
    """What a run without failures still has to name: warnings, and what is inconclusive."""
    warned = [] if strict else [r for r in requirements if r.status is Status.WARNING]
    inconclusive = [r for r in requirements if r.status is Status.INCONCLUSIVE]
    text = f", with {count(warned, 'warning')}: {some_ids(warned)}" if warned else ""
    if inconclusive:
        text += f", {len(inconclusive)} inconclusive: {some_ids(inconclusive)}{_unstable(inconclusive)}"
    return text


def _unstable(inconclusive: Sequence[RequirementResult]) -> str:
    unstable = [result for result in inconclusive if result.unstable]
    return f", of these unstable: {some_ids(unstable)}" if unstable else ""


def _not_tried(requirements: Sequence[RequirementResult], scope: Scope) -> list[str]:
    """What the page documents and the run did not try, cause by cause."""
    causes: dict[tuple[Gap, str], dict[str, None]] = {}
    for result in requirements:
        if result.gap is not None:
            causes.setdefault((result.gap, result.missing), {})[result.id] = None
    found = [_cause(gap, missing, list(ids)) for (gap, missing), ids in causes.items()]
    if scope.not_called:
        those = f"{len(scope.not_called)} operations were" if len(scope.not_called) > 1 else "1 operation was"
        found.append(f"{those} not called: {_few(scope.not_called)}")
    return found


def _cause(gap: Gap, missing: str, ids: list[str]) -> str:
    were = "were" if len(ids) > 1 else "was"
    if gap is Gap.ACCEPTED:
        return f"{id_ranges(ids)} {were} not decided, which the configuration accepts"
    if gap is Gap.PART:
        check, they = ("check", "they") if len(ids) > 1 else ("checks", "it")
        return f"{id_ranges(ids)} {check} what all requirements send, so {they} {were} not decided"
    return f"{missing}, so {id_ranges(ids)} {were} not tried"


def _few(names: Sequence[str], limit: int = 3) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def count(items: Sequence[RequirementResult], noun: str) -> str:
    """``1 warning``, ``2 warnings``, ``2 MUST``."""
    return f"{len(items)} {noun}" if len(items) == 1 or noun.isupper() else f"{len(items)} {noun}s"
