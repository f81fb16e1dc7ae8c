"""What a target changes by itself: volatile properties, the order, elements that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.comparison.answer import Answer
from conformance.comparison.elements import identities

if TYPE_CHECKING:
    from conformance.engine.probe import Probe


def discover_volatile_properties(ask: Probe, **baseline: Any) -> None:
    """Note what the target changes by itself.

    Of three plain requests in a row the last two come after nothing but plain ones: what they differ in is not the
    doing of a request before.
    """
    ask("baseline", bypass_cache=True, **baseline)
    record_changes(ask, ask("baseline", bypass_cache=True, **baseline), ask("baseline", bypass_cache=True, **baseline))


def resend_unless_changed(ask: Probe) -> None:
    """Note what has changed since the baseline was first asked for.

    What the request before left behind (LANG-06, TZ-07) is not a change by itself, so that the first of two looks does
    not count.
    """
    ask.baseline(bypass_cache=True)
    record_changes(ask, ask.baseline(), ask.baseline(bypass_cache=True))


def record_changes(ask: Probe, before: Answer, after: Answer) -> None:
    """Note what two answers to one request differ in: volatile properties, order, elements that come and go."""
    old, new = before.rows(ask.facts.xml_path), after.rows(ask.facts.xml_path)
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
