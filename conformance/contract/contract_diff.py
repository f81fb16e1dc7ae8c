"""What changed between two contracts, and whether a client of the old one would notice.

``breaking``: a call that was right is refused, or an answer is no longer what it was. ``compatible``: something was
added or said more exactly. ``wording``: the page says the same in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from conformance.contract.change import Change, Effect
from conformance.contract.diff_schemas import SchemaDiff
from conformance.contract.model import Body, Contract, Fact, Operation, OperationContract, Row
from conformance.contract.schema_types import kinds, type_keywords

_BRACES = re.compile(r"\{[^{}]*\}")


def contract_diff(old: Contract, new: Contract) -> list[Change]:
    """The changes from ``old`` to ``new``, by operation, the breaking ones of each first."""
    before = {each.operation.id: each for each in old.operations}
    after = {each.operation.id: each for each in new.operations}
    changes: list[Change] = []
    for id in sorted({*before, *after}):
        if id not in after:
            changes.append(_whole(before[id].operation, Effect.BREAKING, "is documented no longer"))
        elif id not in before:
            changes.append(_whole(after[id].operation, Effect.COMPATIBLE, "is new"))
        else:
            found = _without_repetition(_operation(before[id], after[id]))
            changes += sorted(found, key=lambda each: (list(Effect).index(each.effect), each.new_line, each.message))
    return changes


def _without_repetition(changes: Iterable[Change]) -> list[Change]:
    """Without the wording of rows that changed in effect too."""
    found = list(changes)
    in_effect = {(each.about, each.new_line) for each in found if each.effect is not Effect.WORDING}
    return [each for each in found if each.effect is not Effect.WORDING or (each.about, each.new_line) not in in_effect]


def _whole(operation: Operation, effect: Effect, message: str) -> Change:
    return Change(
        operation=operation.id,
        effect=effect,
        about="operation",
        message=f"{operation.method} {operation.path} {message}",
        page=operation.page,
    )


class _Diff:
    """Makes changes of one operation."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def __call__(self, effect: Effect, about: str, message: str, old: int = 0, new: int = 0) -> Change:
        return Change(
            operation=self._operation.id,
            effect=effect,
            about=about,
            message=message,
            page=self._operation.page,
            old_line=old,
            new_line=new,
        )


def _operation(old: OperationContract, new: OperationContract) -> Iterator[Change]:
    diff = _Diff(new.operation)
    before, after = old.operation, new.operation
    if (before.method, _BRACES.sub("{}", before.path)) != (after.method, _BRACES.sub("{}", after.path)):
        message = f"{before.method} {before.path} became {after.method} {after.path}"
        yield diff(Effect.BREAKING, "route", message, before.line, after.line)
    elif before.path != after.path:
        message = f"{before.path} is now written {after.path}"
        yield diff(Effect.WORDING, "route", message, before.line, after.line)
    yield from _reading(diff, before, after)
    yield from _parameters(diff, "path parameter", before.path_parameters, after.path_parameters)
    yield from _parameters(diff, "query parameter", before.query, after.query)
    yield from _selection(diff, before, after)
    yield from _parameters(diff, "header", before.headers, after.headers)
    yield from _listed(diff, "authorization scheme", before.schemes, after.schemes, gone=Effect.BREAKING)
    yield from _listed(diff, "request media type", before.request_types, after.request_types, gone=Effect.BREAKING)
    yield from _listed(diff, "response media type", before.response_types, after.response_types, gone=Effect.BREAKING)
    yield from _statuses(diff, before, after)
    for role in ("request", "response"):
        yield from _body(diff, role, old, new)
    yield from _wording(diff, before, after)


def _selection(diff: _Diff, before: Operation, after: Operation) -> Iterator[Change]:
    old, new = before.query_parameter("$select"), after.query_parameter("$select")
    if old is None or new is None or before.selection is after.selection:
        return
    effect = Effect.BREAKING if before.selection and after.selection else Effect.COMPATIBLE
    was, now = before.selection or "not stated", after.selection or "not stated"
    yield diff(effect, "query parameter", f"what $select does with the rest: {was} became {now}", old.line, new.line)


def _reading(diff: _Diff, old: Operation, new: Operation) -> Iterator[Change]:
    """A call that was safe to repeat and is not any more breaks its callers; unknown counts as writing."""
    if old.effect == new.effect:
        return
    effect = Effect.WORDING
    if "reads" in (old.effect, new.effect):
        effect = Effect.BREAKING if old.effect == "reads" else Effect.COMPATIBLE
    words = {"reads": "read", "writes": "wrote", "unknown": "was not known to read"}
    now = {"reads": "reads", "writes": "writes", "unknown": "is not known to read"}
    message = f"it {words[old.effect]}, and {now[new.effect]} now: {new.effect_reason}"
    yield diff(effect, "effect", message, old.line, new.line)


def _parameters(diff: _Diff, what: str, old: Sequence[Row], new: Sequence[Row]) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    # Path parameters are known by their place; the route says whether it is another one.
    if what == "path parameter" and len(old) == len(new):
        after = {was: after[now] for was, now in zip(before, after, strict=True)}
    for name, row in before.items():
        if name not in after:
            yield diff(Effect.BREAKING, what, f"{row.name} is gone", row.line)
            continue
        now = after[name]
        if now.required and not row.required:
            yield diff(Effect.BREAKING, what, f"{row.name} is required now", row.line, now.line)
        elif row.required and not now.required:
            yield diff(Effect.COMPATIBLE, what, f"{row.name} is required no longer", row.line, now.line)
        yield from _parameter_type(diff, what, row, now)
    for name, row in after.items():
        if name not in before:
            effect = Effect.BREAKING if row.required else Effect.COMPATIBLE
            yield diff(effect, what, f"{row.name} is new{' and required' if row.required else ''}", 0, row.line)


def _parameter_type(diff: _Diff, what: str, old: Row, new: Row) -> Iterator[Change]:
    before, after = type_keywords(old.type) or {}, type_keywords(new.type) or {}
    if before == after:
        return
    gone = [each for each in before.get("enum", ()) if each not in after.get("enum", ())]
    if "enum" in before and "enum" in after:
        effect = Effect.BREAKING if gone else Effect.COMPATIBLE
        added = [each for each in after["enum"] if each not in before["enum"]]
        words = [f"lost {', '.join(gone)}"] * bool(gone) + [f"gained {', '.join(added)}"] * bool(added)
        said = " and ".join(words) or "lists its values in another order"
        yield diff(effect, what, f"{old.name} {said}", old.line, new.line)
        return
    widened = not after or (kinds(before) == {"integer"} and kinds(after) == {"number"})
    effect = Effect.COMPATIBLE if widened or not before else Effect.BREAKING
    yield diff(effect, what, f"{old.name} was {old.type or 'untyped'}, is {new.type or 'untyped'}", old.line, new.line)


def _listed(diff: _Diff, what: str, old: Sequence[Fact], new: Sequence[Fact], *, gone: Effect) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for name, fact in before.items():
        if name not in after:
            yield diff(gone, what, f"{fact.name} is gone", fact.line)
    for name, fact in after.items():
        if name not in before:
            yield diff(Effect.COMPATIBLE, what, f"{fact.name} is new", 0, fact.line)


def _statuses(diff: _Diff, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _by_name(old.statuses), _by_name(new.statuses)
    for name, row in before.items():
        if name not in after:
            effect = Effect.BREAKING if name.startswith("2") else Effect.COMPATIBLE
            yield diff(effect, "status", f"{name} is gone", row.line)
    for name, row in after.items():
        if name not in before:
            # A client knows what to do with a success only if it is documented.
            effect = Effect.BREAKING if name.startswith("2") and before else Effect.COMPATIBLE
            yield diff(effect, "status", f"{name} is new", 0, row.line)


def _body(diff: _Diff, role: str, old: OperationContract, new: OperationContract) -> Iterator[Change]:
    before, after = getattr(old, role), getattr(new, role)
    was: Body | None = getattr(old.operation, role)
    now: Body | None = getattr(new.operation, role)
    if was is None or now is None:
        if now is not None:
            effect = Effect.BREAKING if role == "request" else Effect.COMPATIBLE
            yield diff(effect, f"{role} body", "there is one now", 0, now.line)
        elif was is not None:
            yield diff(Effect.BREAKING, f"{role} body", "there is no such body any more", was.line)
        return
    if before is None or after is None:
        return
    if _is_assumed(old.operation, role) and kinds(before) != kinds(after):
        message = (
            f"a sample shows that it is an {' or '.join(kinds(after))}; {' or '.join(kinds(before))} was assumed before"
        )
        yield diff(Effect.COMPATIBLE, f"{role} body", message, was.line, now.line)
        return
    sources = [getattr(each, f"{role}_source") for each in (old, new)]
    schemas = SchemaDiff(role=role, old_source=sources[0], new_source=sources[1])
    for at, effect, message in schemas.changes(before, after):
        lines = [_line(body, at) for body in (was, now)]
        yield diff(effect, f"{role} body", message, *lines)


def _is_assumed(operation: Operation, role: str) -> bool:
    """Whether no sample shows that the body is an array."""
    return any(f"whether the {role} is an array" in each.about for each in operation.assumptions)


def _line(body: Body, at: str) -> int:
    name = at.strip("/[]").partition("/")[0].removesuffix("[]")
    return next((row.line for row in body.properties if row.name == name), body.line)


def _wording(diff: _Diff, old: Operation, new: Operation) -> Iterator[Change]:
    """Facts of one name whose lines say something else, though they state the same."""
    pairs: list[tuple[str, Iterable[Fact], Iterable[Fact]]] = [
        ("path parameter", old.path_parameters, new.path_parameters),
        ("query parameter", old.query, new.query),
        ("header", old.headers, new.headers),
        ("status", old.statuses, new.statuses),
    ]
    for role in ("request", "response"):
        was: Body | None = getattr(old, role)
        now: Body | None = getattr(new, role)
        pairs.append((f"{role} body", was.properties if was else (), now.properties if now else ()))
    for what, before, after in pairs:
        named = _by_name(after)
        for name, fact in _by_name(before).items():
            now_fact = named.get(name)
            if now_fact is None:
                continue
            types = [getattr(each, "type", "") for each in (fact, now_fact)]
            if old.digests.get(fact.line) != new.digests.get(now_fact.line):
                message = f"the row {fact.name} says it in other words"
                if types[0] != types[1] and what != "status":
                    written = [each or "nothing" for each in types]
                    message = f"the type of {fact.name} was written {written[0]}, is written {written[1]}"
                yield diff(Effect.WORDING, what, message, fact.line, now_fact.line)
    if old.digests.get(old.summary_line) != new.digests.get(new.summary_line):
        yield diff(Effect.WORDING, "summary", "the summary says it in other words", old.summary_line, new.summary_line)


def _by_name(facts: Iterable[Any]) -> dict[str, Any]:
    return {fact.name.lower(): fact for fact in facts}
