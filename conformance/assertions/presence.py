"""Assertions on which properties an element has, depending on how this target writes null."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import NotApplicable
from conformance.comparison.sample import has_open_names, not_shown
from conformance.comparison.target_facts import NullStyle
from conformance.engine.probe import Probe

Element = dict[str, Any]


def require_properties(ask: Probe) -> None:
    """Raise NotApplicable if the page does not say which properties an element has."""
    if not ask.contract.properties:
        raise NotApplicable("the page documents no properties of the response")
    if has_open_names(ask.contract):
        raise NotApplicable("a query chooses the columns of this list, and the page does not say which there are")


def expect_every_property(ask: Probe, answer: Answer, elements: Sequence[Element]) -> None:
    """Check that each element of an answer has each documented property, null or not.

    What an element lacks is missing if the target writes null as null, if the element has it under another spelling,
    or if it has nothing that the page documents. If the target leaves out what is null, a property that other elements
    have is a warning, and one that no element has is inconclusive. A property that the page's own sample does not show
    may be absent.
    """
    names = ask.contract.properties
    doubtful = not_shown(ask.contract)
    writes_null = _writes_null(ask, elements)
    left_out: set[str] = set()
    # One element for each set of names: answers have thousands of elements.
    for element in {tuple(element): element for element in elements}.values():
        lacking = [name for name in names if name not in element]
        missing = [name for name in lacking if name not in doubtful]
        if lacking:
            _expect_spelling(ask, answer, element, lacking)
        is_foreign = bool(element) and len(lacking) == len(names)
        ask.check(
            not missing or not (writes_null or is_foreign),
            f"an element lacks {', '.join(missing)}",
            expected=", ".join(names) if missing else "",
            actual=", ".join(element) if missing else "",
            of=[answer],
        )
        left_out.update(lacking)
    if left_out:
        # In the order of the page, whatever the order of the elements.
        _report_left_out(ask, answer, elements, [name for name in names if name in left_out], doubtful)


def _report_left_out(
    ask: Probe, answer: Answer, elements: Sequence[Element], left_out: Sequence[str], doubtful: Collection[str]
) -> None:
    """For a target that leaves out what is null: warn of what other elements have; the rest is inconclusive."""
    present = {name for element in (*elements, *ask.facts.elements) for name in element}
    as_sample = [name for name in left_out if name in doubtful]
    others_have = ", ".join(name for name in left_out if name in present and name not in doubtful)
    nowhere = ", ".join(name for name in left_out if name not in present and name not in doubtful)
    ask.warn_unless(
        not others_have,
        f"some elements lack {others_have}, which others have: the target leaves out what is null",
        expected="every documented property, null if need be",
        actual=f"without {others_have}",
        of=[answer],
    )
    if nowhere:
        ask.leave_inconclusive(
            f"no element has {nowhere}, and the target writes no null: it may leave them out as null"
        )
    if as_sample:
        ask.observe(f"elements lack {', '.join(as_sample)}, as the page's sample does")


def _writes_null(ask: Probe, elements: Sequence[Element]) -> bool:
    """Whether the baseline response, or this one, has a documented property that is null."""
    if ask.facts.null_style in (NullStyle.NULLS, NullStyle.MIXED):
        return True
    return any(element.get(name, "") is None for element in elements for name in ask.contract.properties)


def _expect_spelling(ask: Probe, answer: Answer, element: Element, lacking: Sequence[str]) -> None:
    """Names of JSON are compared as they are (RFC 8259, 8.3), so another spelling is another property."""
    spelled = {_folded(name): name for name in element if name not in ask.contract.properties}
    found = {name: spelled[_folded(name)] for name in lacking if _folded(name) in spelled}
    expected, actual = ", ".join(found), ", ".join(found.values())
    message = f"an element has {actual} where the page has {expected}"
    ask.check(not found, message, expected=expected, actual=actual, of=[answer])


def _folded(name: str) -> str:
    """A name without regard to case, underscores and hyphens: ``firstName``, ``first_name`` and ``FirstName``."""
    return name.replace("_", "").replace("-", "").lower()
