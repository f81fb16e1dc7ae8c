"""The suite against the faults of the reference server, one run each, in this process."""

from __future__ import annotations

import msgspec

from conformance.engine.result import Status
from conformance.requirements import load_requirements
from support.suite_runner import Outcome, run_reference

NAMED = {fault: requirement.id for requirement in load_requirements().values() for fault in requirement.faults}

# The observation of a MAY shows a fault as another observation.
SHOWN = {
    Status.FAILED: "failed",
    Status.WARNING: "warning",
    Status.INCONCLUSIVE: "inconclusive",
    Status.OBSERVED: "observed",
}


class KillRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one run showed of one fault; the empty name is the server without any."""

    fault: str
    shown: dict[str, str]
    """Requirements that did not pass, with their status and what was observed."""
    reached: bool
    requests: int
    seconds: float


def against_fault(fault: str, profile: str = "standard", seed: int = 1) -> Outcome:
    """Run the suite against a fault, on the installation where it shows."""
    installation = "online" if fault == "app-token-refused" else "onsite"
    return run_reference([fault] if fault else [], installation=installation, profile=profile, seed=seed)


def run_fault(fault: str, profile: str = "standard", seed: int = 1) -> KillRun:
    """Run the suite against a fault."""
    outcome = against_fault(fault, profile, seed)
    results = outcome.results
    shown = {
        each.id: f"observed: {each.reason}" if each.status is Status.OBSERVED else SHOWN[each.status]
        for each in results.requirements
        if each.status in SHOWN
    }
    return KillRun(
        fault=fault,
        shown=shown,
        reached=fault in outcome.triggered,
        requests=results.run.requests,
        seconds=outcome.seconds,
    )


def row(run: KillRun, clean: KillRun) -> dict[str, list[str]]:
    """What a fault changes: the requirements by what became of them, those that it names or anything else."""
    changed = {id: word for id, word in run.shown.items() if clean.shown.get(id) != word}
    found: dict[str, list[str]] = {}
    for id, word in changed.items():
        found.setdefault(word.partition(":")[0], []).append(id)
    return {word: sorted(ids) for word, ids in sorted(found.items())}


def is_found(fault: str, changed: dict[str, list[str]]) -> bool:
    """Whether the requirement that names the fault shows it."""
    return any(NAMED[fault] in ids for word, ids in changed.items() if word != "inconclusive")
