"""Where a page's sample response says something else than its table: that is not held against a target."""

from __future__ import annotations

from typing import Any

from conformance.contract.model import OperationContract, Selection


def elements(contract: OperationContract) -> list[dict[str, Any]]:
    """The objects that the sample response shows: the elements of its array, or itself."""
    sample = contract.operation.sample_response
    body = sample.body if sample is not None else None
    return [each for each in (body if isinstance(body, list) else [body]) if isinstance(each, dict)]


def not_shown(contract: OperationContract) -> set[str]:
    """Properties of the table that an element of the sample lacks; none without a sample."""
    return {name for name in contract.properties for each in elements(contract) if name not in each}


def more_shown(contract: OperationContract) -> set[str]:
    """Properties that the sample has, and the table does not."""
    return {name for each in elements(contract) for name in each if name not in contract.properties}


def has_open_names(contract: OperationContract) -> bool:
    """Whether an element may have names that no table lists: a map, or the columns that a query chooses."""
    element = contract.element
    return (
        not contract.properties
        or "additionalProperties" in element
        or (contract.operation.selection is Selection.COLUMNS and "items" in (contract.response or {}))
    )


def contradicts_kind(contract: OperationContract) -> bool:
    """Whether the sample is an array where the heading has an object, or an object where it has an array."""
    sample, response = contract.operation.sample_response, contract.response
    if sample is None or response is None or not isinstance(sample.body, list | dict):
        return False
    return response.get("type") != ("array" if isinstance(sample.body, list) else "object")
