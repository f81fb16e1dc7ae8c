"""A run against the embedded reference server in this process, for commands that show what one looks like."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from conformance.client.exchange import RedactedExchange
from conformance.contract.model import Contract
from conformance.engine.config import Config
from conformance.engine.hypothesis_home import temporary_home
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.reference import DEMO_APP_TOKEN, DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.conclude import reports_of
from conformance.reporting.record import take_record
from conformance.reporting.results import Results
from conformance.requirements import load_requirements

# The same each time, so that what is shown is the same each time.
SEED = 1


def run_reference(
    contract: Contract,
    operation: str,
    *,
    faults: Collection[str] = (),
    requirements: Sequence[str] = (),
    online: bool = False,
) -> tuple[Results, list[RedactedExchange]]:
    """The results of a run, and its exchanges without secrets."""
    with (
        serve(contract, faults=faults, installation="online" if online else "onsite") as server,
        temporary_home() as home,
    ):
        settings = Settings(
            target=server.url,
            auth=tuple(each for each in DEMO_AUTH if not (online and each.startswith("basic:"))),
            app_token=DEMO_APP_TOKEN if online else "",
            installation="online" if online else "onsite",
            operations=(operation,),
            requirements=tuple(requirements),
            seed=SEED,
            reports=home,
        )
        load_requirements()
        run = Run(settings, Config(time_zones=DEMO_TIME_ZONES))
        try:
            run.allow_partial_evidence = True
            run.execute_all()
            reports = reports_of(run, take_record(run, finished=datetime.now(UTC)))
            return reports.results, list(reports.exchanges)
        finally:
            run.close()
