"""How statuses look and are ordered in the report, and how its parts are linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.engine.result import RequirementResult, Status

SYMBOL = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.INCONCLUSIVE: "?",
    Status.OBSERVED: "○",
    Status.SKIPPED: "–",
}
UNSTABLE = "unstable"
"""What an inconclusive result is called if a failure of it was seen, but not in every repetition."""
ORDER = (Status.FAILED, Status.WARNING, Status.INCONCLUSIVE, Status.PASSED, Status.OBSERVED, Status.SKIPPED)


def state(result: RequirementResult) -> str:
    """The status in words: ``inconclusive, unstable (failed 2 of 3 repetitions)``."""
    if not result.unstable:
        return result.status.value
    counts = next((finding.confirmed for finding in result.findings if finding.confirmed), "")
    return f"{result.status.value}, {UNSTABLE}{f' ({counts})' if counts else ''}"


def anchors(results: Sequence[RequirementResult]) -> dict[tuple[str, str], str]:
    """The fragment of each result: its requirement's id; with several operations the later ones name theirs too."""
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for result in results:
        found[result.id, result.operation] = f"{result.id}-{result.operation}" if result.id in taken else result.id
        taken.add(result.id)
    return found


def anchor(result: RequirementResult, known: Mapping[tuple[str, str], str]) -> str:
    """The fragment of one result."""
    return known[result.id, result.operation]
