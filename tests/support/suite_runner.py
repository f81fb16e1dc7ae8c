"""Runs the suite in this process: discovery, every requirement, no pytest in between."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from conformance.contract.folder import default_schemas, load
from conformance.contract.model import Contract
from conformance.engine.config import Config
from conformance.engine.result import RequirementResult
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.conclude import results_of
from conformance.reporting.results import Results
from conformance.requirements import load_requirements

# A run is made of the requirements that are loaded; the command and the pytest plugin do this themselves.
load_requirements()

SEED = 1


class Outcome(msgspec.Struct, frozen=True):
    results: Results
    triggered: frozenset[str]
    seconds: float

    @property
    def by_id(self) -> dict[str, RequirementResult]:
        return {result.id: result for result in self.results.requirements}


@functools.cache
def contract() -> Contract:
    return load(default_schemas())


def run_settings(settings: Settings, config: Config | None = None) -> Results:
    session = Run(settings, config)
    try:
        session.execute_all()
        return results_of(session)
    finally:
        session.close()


def run_reference(
    faults: Sequence[str] = (),
    *,
    installation: str = "onsite",
    strict: bool = False,
    requirements: Sequence[str] = (),
    profile: str = "standard",
    seed: int = SEED,
) -> Outcome:
    online = installation == "online"
    with serve(contract(), faults=faults, installation="online" if online else "onsite") as server:
        settings = Settings(
            target=server.url,
            auth=tuple(auth for auth in DEMO_AUTH if not (online and auth.startswith("basic:"))),
            app_token=DEMO_APP_TOKEN if online else "",
            installation=installation,
            requirements=tuple(requirements),
            seed=seed,
            profile=profile,
            strict=strict,
            reports=Path("unused"),
        )
        began = time.perf_counter()
        results = run_settings(settings, Config(time_zones=DEMO_TIME_ZONES))
        return Outcome(results, frozenset(server.application.triggered), time.perf_counter() - began)


@functools.cache
def correct(installation: str = "onsite") -> Outcome:
    """The run against the server without a fault."""
    return run_reference(installation=installation)
