"""What a target changes by itself: volatile properties, the order, elements that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.comparison.answer import Answer
from conformance.comparison.elements import identities

if TYPE_CHECKING:
    from conformance.engine.probe import Ask


def learn_by_itself(ask: Ask, **plain: Any) -> None:
    """Note what the target changes by itself.

    Of three plain requests in a row the last two come after nothing but plain ones: what they differ in is not the
    doing of a request before.
    """
    ask("baseline", fresh=True, **plain)
    learn_changes(ask, ask("baseline", fresh=True, **plain), ask("baseline", fresh=True, **plain))


def look_again(ask: Ask) -> None:
    """Note what has changed since the baseline was first asked for.

    What the request before left behind (LANG-06, TZ-07) is not a change by itself, so that the first of two looks does
    not count.
    """
    ask.plain(fresh=True)
    learn_changes(ask, ask.plain(), ask.plain(fresh=True))


def learn_changes(ask: Ask, before: Answer, after: Answer) -> None:
    """Note what two answers to one request differ in: volatile properties, order, elements that come and go."""
    old, new = before.rows(ask.known.xml_path), after.rows(ask.known.xml_path)
    ours, others = identities(old or [], ask.known), identities(new or [], ask.known)
    if not old or not new or ours is None or others is None:
        return
    mine, theirs = dict(zip(ours, old, strict=True)), dict(zip(others, new, strict=True))
    if mine.keys() != theirs.keys():
        ask.known.live = True
    both = [key for key in mine if key in theirs]
    if both != [key for key in theirs if key in mine]:
        ask.known.ordered = False
    for key in both:
        for name in mine[key].keys() | theirs[key].keys():
            if mine[key].get(name) != theirs[key].get(name):
                ask.known.volatile.add(name)
                ask.known.live = True
