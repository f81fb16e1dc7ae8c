"""Judgements of $select: what is kept, what is nulled, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.client.exchange import Headers
from conformance.comparison.answer import Answer
from conformance.comparison.elements import elements_of, is_equal, is_null, is_zero, leaves, pairs
from conformance.engine.probe import Probe

Names = list[str]


Judgement = Callable[[Answer, Answer], None]


def has_value(value: Any) -> bool:
    """Whether there is something to null out: an empty text or object is no payload."""
    return value is not None and (bool(value) or not isinstance(value, str | dict | list))


def check_kept(ask: Probe, names: Sequence[str], what: str) -> Callable[[Answer, Answer], None]:
    """A judgement: the named properties have the values of the plain answer."""

    def judge(baseline: Answer, chosen: Answer) -> None:
        for before, after in pairs(baseline, chosen, ask.facts):
            for name in names:
                if name not in ask.facts.volatile and has_value(before.get(name)):
                    ask.check(
                        is_equal(before[name], after.get(name)),
                        f"{what}: {name} has another value than without $select",
                        expected=before[name],
                        actual=after.get(name),
                        of=[baseline, chosen],
                    )

    return judge


def check_nulled(
    ask: Probe, names: Sequence[str], what: str, *, warn_of_zeros: bool = False
) -> Callable[[Answer, Answer], None]:
    """A judgement: every property that is not named is null or absent, or the zero of its type (SEL-03 warns of it)."""
    chosen_names = {name.lower() for name in names}

    def judge(baseline: Answer, chosen: Answer) -> None:
        for before, after in pairs(baseline, chosen, ask.facts):
            for name, schema in ask.contract.properties.items():
                if name.lower() in chosen_names or not has_value(before.get(name)) or is_zero(before[name], schema):
                    continue
                _check_null(ask, after.get(name), schema, f"{what}: {name}", [baseline, chosen])
                if warn_of_zeros:
                    _warn_of_zero(ask, after.get(name), schema, f"{what}: {name}", [baseline, chosen])

    return judge


def _check_null(ask: Probe, value: Any, schema: dict[str, Any], what: str, of: Sequence[Answer]) -> None:
    ask.check(
        is_null(value) or is_zero(value, schema),
        f"{what} was not selected and is not nulled out",
        expected="null or absent",
        actual=value,
        of=of,
    )


def _warn_of_zero(ask: Probe, value: Any, schema: dict[str, Any], what: str, of: Sequence[Answer]) -> None:
    ask.warn_unless(
        not is_zero(value, schema),
        f"{what} was not selected and is the zero of its type, not null",
        expected="null or absent",
        actual=value,
        of=of,
    )


def both(*judges: Callable[[Answer, Answer], None]) -> Callable[[Answer, Answer], None]:
    """Several judgements of the same two answers; a refused request with $select decides nothing here."""

    def judge(baseline: Answer, chosen: Answer) -> None:
        for one in judges:
            one(baseline, chosen)

    return judge


def if_successful(ask: Probe, judge: Callable[[Answer, Answer], None]) -> Callable[[Answer, Answer], None]:
    """The judgement, where both requests were served; Undecided where not."""

    def guarded(baseline: Answer, chosen: Answer) -> None:
        ask.require_success(baseline, chosen)
        judge(baseline, chosen)

    return guarded


def elsewhere(ask: Probe) -> Headers:
    """A language and a time zone that change the plain answer, for what $select must leave alone."""
    headers: list[tuple[str, str]] = []
    if ask.facts.languages:
        headers.append(("Accept-Language", ask.facts.languages[-1]))
    if ask.facts.zones:
        headers.append(("SO-TimeZone", next(iter(ask.facts.zones))))
    return tuple(headers)


def parents_of(ask: Probe) -> dict[str, list[str]]:
    """Objects with named members, known from the page's sample."""
    return {
        name: list(schema["properties"])
        for name, schema in ask.contract.properties.items()
        if len(schema.get("properties", {})) >= 2
    }


def check_child(ask: Probe, before: Any, after: Any, parent: str, child: str, of: Sequence[Answer]) -> None:
    """Check that of a parent the selected child is kept and the other members are nulled."""
    if not isinstance(before, dict):
        return
    kept = after if isinstance(after, dict) else {}
    if has_value(before.get(child)):
        ask.check(
            is_equal(before[child], kept.get(child)),
            f"$select={parent}/{child} does not keep {parent}/{child}",
            expected=before[child],
            actual=after if not kept else kept.get(child),
            of=of,
        )
    members = ask.contract.properties[parent].get("properties", {})
    for name, value in before.items():
        schema = members.get(name, {})
        if name != child and has_value(value) and not is_zero(value, schema):
            what = f"$select={parent}/{child}: {parent}/{name}"
            _check_null(ask, kept.get(name), schema, what, of)
            _warn_of_zero(ask, kept.get(name), schema, what, of)


def check_order(ask: Probe, baseline: Answer, chosen: Answer) -> None:
    """By the values of what was selected: the order shows even where the identity is nulled."""
    if not ask.facts.ordered:
        return
    mine, theirs = elements_of(baseline, ask.facts), elements_of(chosen, ask.facts)
    for name in ask.contract.properties:
        column = [row.get(name) for row in theirs]
        before = [row.get(name) for row in mine]
        if name in ask.facts.volatile or not any(has_value(value) for value in column):
            continue
        if not is_equal(before, column) and sorted(map(repr, before)) == sorted(map(repr, column)):
            ask.check(
                False,
                f"$select changes the order of the elements (seen by {name})",
                expected=before,
                actual=column,
                of=[baseline, chosen],
            )


def check_child_in(ask: Probe, media_type: str, names: Names, parent: str, members: Names) -> None:
    """The texts of the children that were not selected are gone from the representation of their parent."""

    def judge(baseline: Answer, chosen: Answer) -> None:
        ask.require_success(baseline, chosen)
        for before, after in pairs(baseline, chosen, ask.facts):
            old = before.get(parent)
            if not isinstance(old, dict):
                continue
            schemas = ask.contract.properties[parent].get("properties", {})
            lost = [
                str(old[member])
                for member in members[1:]
                if has_value(old.get(member)) and not is_zero(old[member], schemas.get(member, {}))
            ]
            left = set(_scalars(after.get(parent))) - {str(old.get(members[0]))}
            for text in lost:
                ask.check(
                    text not in left,
                    f"$select={names[-1]} under Accept: {media_type} does not null out the other members of {parent}",
                    expected="nothing else",
                    actual=after.get(parent),
                    of=[baseline, chosen],
                )

    ask.relate("selected", judge, accept=media_type, select=names)


def _scalars(value: Any) -> list[str]:
    return [str(leaf) for _, leaf in leaves(value) if leaf is not None]
