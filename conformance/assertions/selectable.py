"""What ``$select`` can be tried with on an operation: whether it nulls, and which properties have something to null."""

from __future__ import annotations

from conformance.assertions.elements import require_data
from conformance.client.codec_json import encode_json
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.contract.model import Selection
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe


def require_nulls(ask: Probe) -> None:
    """NotApplicable where the page's ``$select`` names the columns of a list: that nulls no property."""
    if ask.operation.selection is Selection.COLUMNS:
        raise NotApplicable("the page's $select names the columns of a list, not properties to null out")


def require_values(ask: Probe) -> None:
    """As ``require_nulls``; Undecided where no element has a documented property with a value to select by."""
    require_nulls(ask)
    require_data(ask)
    if not ask.contract.properties:
        raise NotApplicable("the response has no documented properties to select")
    if not ask.facts.valued:
        raise Inconclusive("no element has a value for any documented property")


def one_name(ask: Probe) -> str:
    """A property to select alone: the identity, else one that has values."""
    return ask.facts.identity or ask.facts.valued[0]


def growth(ask: Probe, baseline: Answer, kept: str) -> int:
    """How many bytes a plain answer gains at most where its short values become null; Undecided if it is not JSON."""
    if not is_json(baseline.media_type):
        raise Inconclusive("only of JSON is it known how much room a null takes")
    short = (
        len(encode_json(value))
        for row in elements_of(baseline, ask.facts)
        for name, value in row.items()
        if name != kept
    )
    return sum(max(0, len("null") - length) for length in short)
