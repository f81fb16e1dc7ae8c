"""What became of the discovery of one operation."""

from __future__ import annotations

import os

import msgspec

from conformance.client.limits import AskedToWait, BudgetUsedUp, TargetStopped
from conformance.comparison.outcomes import CannotBeJudged
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.engine.discovery.discover import discover
from conformance.engine.probe import Probe


class DiscoveryOutcome(msgspec.Struct, frozen=True):
    """``note`` is what reports must show of it, ``untestable`` why the operation cannot be tested; empty otherwise."""

    note: str = ""
    untestable: str = ""


def try_discovery(ask: Probe, wait: float) -> DiscoveryOutcome:
    """Discover an operation. Raises InputError (exit status 4) if it cannot be tested at all; without secrets."""
    redact = ask.target.redactor.line
    try:
        failure = discover(ask, wait).baseline_failure
        return DiscoveryOutcome(f"{failure}, so nothing else could be tested of {ask.operation.id}" if failure else "")
    except CannotBeJudged as error:
        return DiscoveryOutcome(untestable=redact(str(error)))
    except (BudgetUsedUp, AskedToWait, TargetStopped) as stop:
        found = InputError(f"nothing could be tested: {stop}", exit_status=ExitCode.TARGET_NOT_TESTABLE)
    except InputError as error:
        found = error
    except Exception as error:
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        found = InputError(
            f"target {ask.target.url}: the suite cannot read its answers ({type(error).__name__}: {error})",
            exit_status=ExitCode.TARGET_NOT_TESTABLE,
        )
    # The message may quote a response, which may contain a secret.
    raise InputError(redact(str(found)), exit_status=found.exit_status)
