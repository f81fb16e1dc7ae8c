"""What ``$select`` can be tried with on an operation: whether it nulls, and which properties have something to null."""

from __future__ import annotations

from conformance.assertions.elements import need_data
from conformance.client.codec_json import encode_json
from conformance.comparison.answer import Answer, is_json
from conformance.comparison.elements import rows_of
from conformance.comparison.outcomes import NotApplicable, Undecided
from conformance.contract.model import Selection
from conformance.engine.probe import Ask


def need_nulls(ask: Ask) -> None:
    """NotApplicable where the page's ``$select`` names the columns of a list: that nulls no property."""
    if ask.operation.selection is Selection.COLUMNS:
        raise NotApplicable("the page's $select names the columns of a list, not properties to null out")


def need_values(ask: Ask) -> None:
    """As ``need_nulls``; Undecided where no element has a documented property with a value to select by."""
    need_nulls(ask)
    need_data(ask)
    if not ask.contract.properties:
        raise NotApplicable("the response has no documented properties to select")
    if not ask.known.valued:
        raise Undecided("no element has a value for any documented property")


def one_name(ask: Ask) -> str:
    """A property to select alone: the identity, else one that has values."""
    return ask.known.identity or ask.known.valued[0]


def growth(ask: Ask, plain: Answer, kept: str) -> int:
    """How many bytes a plain answer gains at most where its short values become null; Undecided if it is not JSON."""
    if not is_json(plain.media_type):
        raise Undecided("only of JSON is it known how much room a null takes")
    short = (
        len(encode_json(value)) for row in rows_of(plain, ask.known) for name, value in row.items() if name != kept
    )
    return sum(max(0, len("null") - length) for length in short)
