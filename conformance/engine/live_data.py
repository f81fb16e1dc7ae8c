"""What a target changes without a request: volatile properties, the order, elements that appear and disappear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.comparison.answer import Answer
from conformance.comparison.elements import identities

if TYPE_CHECKING:
    from conformance.engine.probe import Probe


def discover_volatile_properties(ask: Probe, **baseline: Any) -> None:
    """Record what the target changes without a request; ``baseline`` are changes to the baseline request."""
    record_changes(ask, *send_baselines(ask, **baseline))


def send_baselines(ask: Probe, **baseline: Any) -> tuple[Answer, Answer]:
    """Send the baseline request three times in a row; return the last two answers.

    The first answer may still show the effect of an earlier request. A difference between the last two is not caused
    by a request.
    """
    ask("baseline", bypass_cache=True, **baseline)
    return ask("baseline", bypass_cache=True, **baseline), ask("baseline", bypass_cache=True, **baseline)


def resend_unless_changed(ask: Probe) -> None:
    """Record what has changed since the baseline request was first sent.

    The baseline request is sent twice, and the first answer is not compared: it may show the effect of the request
    before it (LANG-06, TZ-07).
    """
    ask.baseline(bypass_cache=True)
    record_changes(ask, ask.baseline(), ask.baseline(bypass_cache=True))


def record_changes(ask: Probe, before: Answer, after: Answer) -> None:
    """Record in ``ask.facts`` what differs between two answers to one request.

    That is volatile properties, another order, and elements that appeared or disappeared. Nothing is recorded if the
    elements cannot be read or have no identity.
    """
    old, new = before.read_elements(ask.facts.xml_path), after.read_elements(ask.facts.xml_path)
    ours, others = identities(old or [], ask.facts), identities(new or [], ask.facts)
    if not old or not new or ours is None or others is None:
        return
    mine, theirs = dict(zip(ours, old, strict=True)), dict(zip(others, new, strict=True))
    if mine.keys() != theirs.keys():
        ask.facts.live = True
    both = [key for key in mine if key in theirs]
    if both != [key for key in theirs if key in mine]:
        ask.facts.ordered = False
    for key in both:
        for name in mine[key].keys() | theirs[key].keys():
            if mine[key].get(name) != theirs[key].get(name):
                ask.facts.volatile.add(name)
                ask.facts.live = True
