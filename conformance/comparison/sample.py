"""Differences between a page's sample response and its table: a target may follow either of them."""

from __future__ import annotations

from typing import Any

from conformance.contract.model import OperationContract, Selection


def elements(contract: OperationContract) -> list[dict[str, Any]]:
    """The objects in the sample response: the elements of its array, or the one object that it is."""
    sample = contract.operation.sample_response
    body = sample.body if sample is not None else None
    return [each for each in (body if isinstance(body, list) else [body]) if isinstance(each, dict)]


def not_shown(contract: OperationContract) -> set[str]:
    """The properties of the table that at least one element of the sample does not have; none without a sample."""
    return {name for name in contract.properties for each in elements(contract) if name not in each}


def more_shown(contract: OperationContract) -> set[str]:
    """The properties that the sample has and the table does not."""
    return {name for each in elements(contract) for name in each if name not in contract.properties}


def has_open_names(contract: OperationContract) -> bool:
    """Whether an element may have property names that no table lists, as a map or the columns of a query do."""
    element = contract.element
    return (
        not contract.properties
        or "additionalProperties" in element
        or (contract.operation.selection is Selection.COLUMNS and "items" in (contract.response or {}))
    )


def contradicts_kind(contract: OperationContract) -> bool:
    """Whether one of sample and heading is an array and the other an object."""
    sample, response = contract.operation.sample_response, contract.response
    if sample is None or response is None or not isinstance(sample.body, list | dict):
        return False
    return response.get("type") != ("array" if isinstance(sample.body, list) else "object")
