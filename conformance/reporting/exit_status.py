"""The exit status of a run and the rule that gave it: pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from conformance.core.exit_code import ExitCode
from conformance.engine.baseline.application import BaselineReport
from conformance.engine.result import RequirementResult, Status
from conformance.reporting.verdict import Verdict, count, failures, is_inconclusive_must


class FailOn(StrEnum):
    """What ``--fail-on`` may name. ``failed`` makes failures alone count, with what else is named; the others add."""

    FAILED = "failed"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    """Of any level: without it, an inconclusive MUST counts, and in a partial run every inconclusive requirement."""
    UNSTABLE = "unstable"


class Exit(msgspec.Struct, frozen=True):
    """The exit status, and why in a few words."""

    status: int
    rule: str


def exit_for(
    requirements: Sequence[RequirementResult],
    *,
    verdict: Verdict,
    strict: bool = False,
    fail_on: Sequence[str] = (),
    baseline: BaselineReport | None = None,
    cut_short: str = "",
    error: int = 0,
) -> Exit:
    """The exit status.

    ``cut_short`` says what ended the run before everything was tried, if that was not asked for; ``error`` is 2 or
    4 if nothing could be tested.
    """
    if error:
        return Exit(
            error,
            "the target could not be tested"
            if error == ExitCode.TARGET_NOT_TESTABLE
            else "it could not be run as it was asked for",
        )
    if baseline is not None and baseline.stale and not baseline.lenient:
        return Exit(ExitCode.FAILURE, f"{baseline.file} has entries that do not fit any more")
    accepts = baseline is not None and baseline.accept_known
    unknown = [result for result in requirements if not (result.known and accepts)]
    failed = failures(unknown, strict=strict)
    if failed:
        return Exit(
            ExitCode.FAILURE,
            f"{count(failed, 'requirement')} failed{' (a warning counts with --strict)' if strict else ''}",
        )
    warned = [result for result in unknown if result.status is Status.WARNING]
    if warned and FailOn.WARNING in fail_on:
        return Exit(ExitCode.FAILURE, f"--fail-on warning: {count(warned, 'warning')}")
    if not _shown(requirements, partial=verdict is Verdict.PARTIAL):
        return Exit(ExitCode.INCONCLUSIVE, "nothing was decided")
    if cut_short:
        return Exit(ExitCode.INCONCLUSIVE, cut_short)
    return _inconclusive(requirements, verdict, fail_on)


def _shown(requirements: Sequence[RequirementResult], *, partial: bool) -> bool:
    """Whether anything was decided; a run over a part may have selected nothing but a SHOULD or a MAY."""
    decided = [Status.PASSED, Status.FAILED] + ([Status.WARNING, Status.OBSERVED] if partial else [])
    return any(result.status in decided for result in requirements)


def _inconclusive(requirements: Sequence[RequirementResult], verdict: Verdict, fail_on: Sequence[str]) -> Exit:
    inconclusive = [result for result in requirements if result.status is Status.INCONCLUSIVE]
    unstable = [result for result in inconclusive if result.unstable]
    only_failed = FailOn.FAILED in fail_on
    if FailOn.INCONCLUSIVE in fail_on:
        counted, rule = inconclusive, "--fail-on inconclusive: {} inconclusive"
    elif only_failed:
        counted, rule = [], ""
    elif verdict is Verdict.PARTIAL:
        counted, rule = inconclusive, "{} of those selected inconclusive"
    else:
        counted, rule = [result for result in inconclusive if is_inconclusive_must(result)], "{} inconclusive"
    if counted:
        noun = "MUST" if all(map(is_inconclusive_must, counted)) else "requirement"
        return Exit(ExitCode.INCONCLUSIVE, rule.format(count(counted, noun)))
    if unstable and FailOn.UNSTABLE in fail_on:
        return Exit(ExitCode.INCONCLUSIVE, f"--fail-on unstable: {count(unstable, 'requirement')} unstable")
    if inconclusive and only_failed:
        return Exit(ExitCode.SUCCESS, f"--fail-on failed: none failed, {len(inconclusive)} inconclusive")
    return Exit(ExitCode.SUCCESS, "none failed, none that counts is inconclusive")
