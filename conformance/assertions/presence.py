"""Whether every documented property is on every element, by how this target writes null."""

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
    """NotApplicable where the page does not say which properties an element has."""
    if not ask.contract.properties:
        raise NotApplicable("the page documents no properties of the response")
    if has_open_names(ask.contract):
        raise NotApplicable("a query chooses the columns of this list, and the page does not say which there are")


def check_presence(ask: Probe, answer: Answer, rows: Sequence[Element]) -> None:
    """Check that each element of an answer has each documented property, null or not.

    What an element lacks is missing if the target writes null as null, if the element has it under another spelling,
    or if it has nothing that the page documents. If the target leaves out what is null, a property that other elements
    have is a warning, and one that no element has cannot be decided. A property that the page's own sample does not
    show is not held against the target.
    """
    names = ask.contract.properties
    doubtful = not_shown(ask.contract)
    writes_null = _writes_null(ask, rows)
    left_out: set[str] = set()
    # Elements with the same names are alike in this; answers have thousands of them.
    for row in {tuple(row): row for row in rows}.values():
        lacking = [name for name in names if name not in row]
        missing = [name for name in lacking if name not in doubtful]
        if lacking:
            _check_spelling(ask, answer, row, lacking)
        foreign = bool(row) and len(lacking) == len(names)
        ask.check(
            not missing or not (writes_null or foreign),
            f"an element lacks {', '.join(missing)}",
            expected=", ".join(names) if missing else "",
            actual=", ".join(row) if missing else "",
            of=[answer],
        )
        left_out.update(lacking)
    if left_out:
        # In the order of the page, whatever the order of the elements.
        _weigh(ask, answer, rows, [name for name in names if name in left_out], doubtful)


def _weigh(
    ask: Probe, answer: Answer, rows: Sequence[Element], left_out: Sequence[str], doubtful: Collection[str]
) -> None:
    """What elements lack of a target that writes no null: what others have is a warning, the rest stays open."""
    present = {name for row in (*rows, *ask.facts.rows) for name in row}
    as_sample = [name for name in left_out if name in doubtful]
    others_have = [name for name in left_out if name in present and name not in doubtful]
    nowhere = [name for name in left_out if name not in present and name not in doubtful]
    ask.warn_unless(
        not others_have,
        f"some elements lack {', '.join(others_have)}, which others have: the target leaves out what is null",
        expected="every documented property, null if need be",
        actual=f"without {', '.join(others_have)}",
        of=[answer],
    )
    if nowhere:
        ask.incomplete(
            f"no element has {', '.join(nowhere)}, and the target writes no null: it may leave them out as null"
        )
    if as_sample:
        ask.observe(f"elements lack {', '.join(as_sample)}, as the page's sample does")


def _writes_null(ask: Probe, rows: Sequence[Element]) -> bool:
    """Whether the plain answer, or this one, has a documented property that is null."""
    if ask.facts.null_style in (NullStyle.NULLS, NullStyle.MIXED):
        return True
    return any(row.get(name, "") is None for row in rows for name in ask.contract.properties)


def _check_spelling(ask: Probe, answer: Answer, row: Element, lacking: Sequence[str]) -> None:
    """Names of JSON are compared as they are (RFC 8259, 8.3), so another spelling is another property."""
    spelled = {_folded(name): name for name in row if name not in ask.contract.properties}
    found = {name: spelled[_folded(name)] for name in lacking if _folded(name) in spelled}
    ask.check(
        not found,
        f"an element has {', '.join(found.values())} where the page has {', '.join(found)}",
        expected=", ".join(found),
        actual=", ".join(found.values()),
        of=[answer],
    )


def _folded(name: str) -> str:
    """A name without regard to case, underscores and hyphens: ``firstName``, ``first_name`` and ``FirstName``."""
    return name.replace("_", "").replace("-", "").lower()
