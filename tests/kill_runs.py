"""The suite against the faults of the reference server, one run each, in this process."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from suite_runner import contract, run_settings

from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.run import Settings, load_requirements
from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH, DEMO_TIME_ZONES, serve

NAMED = {fault: requirement.id for requirement in load_requirements().values() for fault in requirement.faults}

# The observation of a MAY shows a fault as another observation.
SHOWN = {
    Status.FAILED: "failed",
    Status.WARNING: "warning",
    Status.INCONCLUSIVE: "undecided",
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


def run_fault(fault: str, profile: str = "standard", seed: int = 1) -> KillRun:
    """Run the suite against a fault."""
    online = fault == "app-token-refused"
    with serve(contract(), faults=[fault] if fault else [], installation="online" if online else "onsite") as server:
        settings = Settings(
            target=server.url,
            auth=tuple(auth for auth in DEMO_AUTH if not (online and auth.startswith("basic:"))),
            app_token=DEMO_APP_TOKEN if online else "",
            installation="online" if online else "onsite",
            seed=seed,
            profile=profile,
            reports=Path("unused"),
        )
        began = time.perf_counter()
        results = run_settings(settings, Config(time_zones=DEMO_TIME_ZONES))
        seconds = time.perf_counter() - began
        reached = fault in server.application.triggered
    shown = {
        each.id: f"observed: {each.reason}" if each.status is Status.OBSERVED else SHOWN[each.status]
        for each in results.requirements
        if each.status in SHOWN
    }
    return KillRun(fault=fault, shown=shown, reached=reached, requests=results.run.requests, seconds=seconds)


def row(run: KillRun, clean: KillRun) -> dict[str, list[str]]:
    """What a fault changes: the requirements by what became of them, those that it names or anything else."""
    changed = {id: word for id, word in run.shown.items() if clean.shown.get(id) != word}
    found: dict[str, list[str]] = {}
    for id, word in changed.items():
        found.setdefault(word.partition(":")[0], []).append(id)
    return {word: sorted(ids) for word, ids in sorted(found.items())}


def is_found(fault: str, changed: dict[str, list[str]]) -> bool:
    """Whether the requirement that names the fault shows it."""
    return any(NAMED[fault] in ids for word, ids in changed.items() if word != "undecided")
