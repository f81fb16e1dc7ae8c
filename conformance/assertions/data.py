"""What needs the target's data: whether there is any, and whether an answer shows some of it."""

from __future__ import annotations

from typing import Any

from conformance.comparison.answer import Answer
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import AnswerTooLarge, Inconclusive, NotApplicable
from conformance.comparison.redacted import redacted_in
from conformance.comparison.target_facts import MAX_KEPT_ELEMENTS
from conformance.engine.probe import Probe

_MIN_PROPERTIES = 3
_MIN_LENGTH = 6
_MIN_NUMBER = 1000
_MAX_TEXTS = 100
"""An answer that shows the data shows some of these."""


def require_data(ask: Probe) -> None:
    """Raise Inconclusive if the target showed no element: an empty list proves nothing."""
    if not ask.facts.elements:
        if ask.facts.unread:
            raise AnswerTooLarge(ask.facts.unread)
        raise Inconclusive("the target showed no data to judge by")


def require_request_body(ask: Probe) -> None:
    """Raise NotApplicable if the operation documents no request body."""
    if ask.contract.request is None:
        raise NotApplicable("the operation has no request body")


def data_shown(ask: Probe, answer: Answer) -> str | None:
    """What of the target's data an answer shows, or None."""
    for element in (answer.elements or [])[:MAX_KEPT_ELEMENTS]:
        names = [name for name in ask.contract.properties if element.get(name) is not None]
        # One or two names prove nothing: an error's object may have a member of that name (Message, Status).
        if len(names) >= _MIN_PROPERTIES or (
            any(_is_distinctive(element[name]) for name in names)
            and any(all(is_equal(element[name], each.get(name)) for name in names) for each in ask.facts.elements)
        ):
            return f"an element with {', '.join(names[:_MIN_PROPERTIES])}"
    sent = answer.exchange.request.body.decode(errors="replace")
    text = answer.text
    for value, name in _distinctive_texts(ask).items():
        if value in text and value not in sent:
            return f"{name} {value!r}"
    return None


def _distinctive_texts(ask: Probe) -> dict[str, str]:
    """Texts of the target's data that no other text contains by chance, with the property of each; the first ones."""
    texts: dict[str, str] = {}
    for element in ask.facts.elements:
        for name in ask.contract.properties:
            value = element.get(name)
            if isinstance(value, str) and len(value) >= _MIN_LENGTH and " " in value and not redacted_in(value):
                texts.setdefault(value, name)
        if len(texts) >= _MAX_TEXTS:
            break
    return texts


def _is_distinctive(value: Any) -> bool:
    """Whether the value alone shows where it comes from: not a flag, a small number or a short text."""
    if redacted_in(value):
        # An answer may show the secret of a request that it refuses.
        return False
    if isinstance(value, bool | float | int):
        return abs(value) >= _MIN_NUMBER
    return len(value) >= _MIN_LENGTH if isinstance(value, str) else bool(value)
