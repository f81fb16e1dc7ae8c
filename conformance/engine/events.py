"""The events of a run, for its listeners: terminal, pytest plugin, worker reports, tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conformance.core.errors import InputError
from conformance.engine.result import RequirementResult


class OperationDiscovered(msgspec.Struct, frozen=True):
    """Discovery of an operation has ended; ``error`` is why it cannot be tested, or None."""

    operation: str
    error: InputError | None


class RequirementStarted(msgspec.Struct, frozen=True):
    """A requirement is about to be tried on an operation."""

    requirement: str
    operation: str


class RequirementFinished(msgspec.Struct, frozen=True):
    """A requirement has its result; ``requests`` counts all requests of the run so far."""

    result: RequirementResult
    requests: int


Event = OperationDiscovered | RequirementStarted | RequirementFinished
Listener = Callable[[Event], None]
