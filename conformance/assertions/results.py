"""Which answers of a run are results of the operation, and what they say of its elements."""

from __future__ import annotations

from typing import Any

from conformance.comparison.answer import Answer
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe


def is_result(ask: Probe, answer: Answer) -> bool:
    """Whether the answer must be a result of this operation: 2xx to a valid request of its own method and path."""
    request = answer.exchange.request
    return (
        answer.is_success
        and answer.intent.is_valid
        and ask.contract.response is not None
        and request.method == ask.operation.method
        and request.target.partition("?")[0] == ask.operation.path
    )


def is_json_result(ask: Probe, answer: Answer) -> bool:
    """Whether the answer is a JSON result of this operation, with a body that parses."""
    return is_result(ask, answer) and is_json(answer.media_type) and not answer.json.problem


def json_elements(ask: Probe, answer: Answer) -> list[dict[str, Any]]:
    """The elements of a JSON result; none if the answer is not one (SHAPE-01 covers that)."""
    return (answer.elements or []) if is_json_result(ask, answer) else []


def is_unselected(answer: Answer) -> bool:
    """Whether the request had no query, so that every property has its value."""
    return "?" not in answer.exchange.request.target


def has_header(answer: Answer, *names: str) -> bool:
    """Whether the request had one of these headers, named in lower case."""
    return any(name.lower() in names for name, _ in answer.exchange.request.headers)
