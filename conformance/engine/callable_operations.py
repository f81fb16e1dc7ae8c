"""Which operations of a contract are called, and why the others are not: contract and configuration decide."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence

import msgspec

from conformance.contract.effect import READING_METHODS
from conformance.contract.model import Contract, Operation
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.engine.config import Config


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """The operations that are called. ``left_out`` has the ids of the others, with the reason as a predicate."""

    contract: Contract
    left_out: dict[str, str]


def check_lists(operations: Iterable[Operation], config: Config) -> None:
    """Raises InputError for an entry of ``reads`` or ``writes`` that matches no operation, or must not be in ``reads``.

    With a misspelt entry of ``writes`` the operation would be called, so each entry must match an operation.
    """
    facts = {each.id: each for each in operations}
    for key, patterns in (("reads", config.reads), ("writes", config.writes)):
        for pattern in patterns:
            if not fnmatch.filter(facts, pattern):
                hint = nearest(pattern, list(facts)) or "; correct or remove it"
                raise InputError(f"--config: {key}: no operation of the contract matches {pattern!r}{hint}")
    for name in config.reads:
        if name in facts and facts[name].method not in READING_METHODS:
            method = facts[name].method
            raise InputError(f"--config: reads: {name} is called with {method}, which changes data; remove it")


def called_of(contract: Contract, config: Config) -> Called:
    """The operations that only read and have no placeholder in their path. Raises InputError if there is none."""
    reasons = {each.operation.id: _why_not(each.operation, config) for each in contract.operations}
    left_out = {id: why for id, why in reasons.items() if why}
    called = tuple(each for each in contract.operations if each.operation.id not in left_out)
    if not called:
        named = ", ".join(f"{id} {why}" for id, why in list(left_out.items())[:3])
        raise InputError(f"the contract has no operation that can be called without harm ({named}...)")
    return Called(contract=msgspec.structs.replace(contract, operations=called), left_out=left_out)


def _why_not(operation: Operation, config: Config) -> str:
    """Why an operation is not called; empty if it is called. ``writes`` overrides ``reads``."""
    if _is_listed(operation.id, config.writes):
        return "is not called, because the configuration lists it in writes"
    # A pattern may match more than the user intended, so an operation that writes must be named by its id.
    allowed = operation.id in config.reads or (operation.effect == "unknown" and _is_listed(operation.id, config.reads))
    if operation.effect != "reads" and not allowed:
        said = "writes" if operation.effect == "writes" else "is not known to read"
        return f"{said}: {operation.effect_reason}"
    if "{" in operation.path:
        return "has placeholders in its path, and no values for them are known"
    return ""


def _is_listed(id: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(id, pattern) for pattern in patterns)
