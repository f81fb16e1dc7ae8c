"""Every documented property is there."""

from __future__ import annotations

from conformance.assertions.presence import expect_every_property, require_properties
from conformance.assertions.results import is_unselected, json_elements
from conformance.comparison.answer import Answer
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, RESPONSE_BODY


@requirement(
    "SHAPE-10",
    MUST,
    "Every documented property is present on every element",
    source=RESPONSE_BODY,
    fault="property-forgotten",
    observes_all=True,
    smoke=True,
)
def test_every_property_is_present(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer without $select: each element has each property of the page's table, null or not. If
    the target leaves out what is null, a property that only some elements have is a warning, and one that none has is
    inconclusive."""
    require_properties(ask)
    if is_unselected(answer):
        expect_every_property(ask, answer, json_elements(ask, answer))
