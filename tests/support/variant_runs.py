"""The suite against the conforming variants of the reference server, in this process."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, VARIANTS, serve
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from support.suite_runner import contract, run_settings


class VariantRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one run said of one variant."""

    variant: str
    seed: int
    verdict: str
    failed: tuple[str, ...]
    warned: tuple[str, ...]
    inconclusive: tuple[str, ...]
    passed: tuple[str, ...]
    observed: tuple[str, ...]
    reasons: dict[str, str]
    requests: int
    seconds: float

    @property
    def false_alarms(self) -> list[str]:
        """What counts against a server that does nothing wrong."""
        departs = VARIANTS[self.variant].departs if self.variant in VARIANTS else ()
        return [*self.failed, *(id for id in self.warned if id not in departs)]

    @property
    def expected_verdict(self) -> str:
        """What the verdict has to be."""
        known = VARIANTS.get(self.variant)
        return (Verdict.INCONCLUSIVE if known and known.inconclusive else Verdict.CONFORMANT).value


def against_variant(variant: str, profile: str = "standard", seed: int = 1) -> tuple[Results, float]:
    """Run the suite against a variant; returns what it said, and the seconds that it took."""
    known = VARIANTS.get(variant)
    schemes = known.schemes if known else ()
    with serve(contract(), variants=[variant] if variant else []) as server:
        settings = Settings(
            target=server.url,
            auth=tuple(each for each in DEMO_AUTH if not schemes or each.partition(":")[0] in schemes),
            seed=seed,
            profile=profile,
            reports=Path("unused"),
        )
        config = Config(time_zones=DEMO_TIME_ZONES if known is None or known.zones else {})
        began = time.perf_counter()
        results = run_settings(settings, config)
        return results, time.perf_counter() - began


def run_variant(variant: str, seed: int = 1, profile: str = "standard") -> VariantRun:
    """Run the suite against a variant; the empty name is the server as it is."""
    results, seconds = against_variant(variant, profile, seed)

    def of(status: Status) -> tuple[str, ...]:
        return tuple(each.id for each in results.requirements if each.status is status)

    return VariantRun(
        variant=variant,
        seed=seed,
        verdict=results.verdict.value,
        failed=of(Status.FAILED),
        warned=of(Status.WARNING),
        inconclusive=of(Status.INCONCLUSIVE),
        passed=of(Status.PASSED),
        observed=of(Status.OBSERVED),
        reasons={each.id: each.reason for each in results.requirements if each.status is not Status.PASSED},
        requests=results.run.requests,
        seconds=seconds,
    )
