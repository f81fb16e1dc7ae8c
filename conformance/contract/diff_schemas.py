"""What changed between the JSON Schemas of two contracts: types, formats and properties, at every depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract.change import Effect
from conformance.contract.schema_types import kinds


def schema_changes(old: dict[str, Any], new: dict[str, Any], role: str, at: str) -> Iterator[tuple[str, Effect, str]]:
    """The differences of two schemas that have an effect; what one leaves open, the other one says more exactly."""
    before, after = kinds(old), kinds(new)
    name = at.strip("/") or "the body"
    if before and after and before != after:
        widened = (before, after) == ({"integer"}, {"number"})
        effect = Effect.COMPATIBLE if widened and role == "request" else Effect.BREAKING
        yield at, effect, f"{name} was {_words(old)}, is {_words(new)}"
        return
    if not before and after and role == "request":
        yield at, Effect.COMPATIBLE, f"{name} was left open, is {_words(new)}"
        return
    formats = [each.get("format") or each.get("contentEncoding") for each in (old, new)]
    if before and after and formats[0] != formats[1]:
        # An integer of 32 bits is no longer all that may come, or be sent.
        narrowed = formats[0] is None or formats == ["int64", "int32"]
        breaking = all(formats) and narrowed == (role == "request")
        effect = Effect.BREAKING if breaking else Effect.COMPATIBLE
        yield at, effect, f"{name} was {_words(old)}, is {_words(new)}"
    if "items" in old and "items" in new:
        yield from schema_changes(old["items"], new["items"], role, f"{at}[]")
    if "additionalProperties" in old and "additionalProperties" in new:
        yield from schema_changes(old["additionalProperties"], new["additionalProperties"], role, f"{at}/*")
    if "properties" in old and "properties" in new:
        yield from _properties(old["properties"], new["properties"], role, at)


def _properties(old: dict[str, Any], new: dict[str, Any], role: str, at: str) -> Iterator[tuple[str, Effect, str]]:
    for name, schema in old.items():
        where = f"{at}/{name}"
        if name not in new and _is_shown_only(schema):
            yield where, Effect.WORDING, f"the sample shows {where.strip('/')} no longer"
        elif name not in new:
            yield where, Effect.BREAKING, f"{where.strip('/')} is gone"
        else:
            yield from schema_changes(schema, new[name], role, where)
    for name in new:
        if name not in old:
            where = f"{at}/{name}"
            if _is_shown_only(new[name]):
                yield where, Effect.WORDING, f"the sample shows {where.strip('/')} now"
            else:
                yield where, Effect.COMPATIBLE, f"{where.strip('/')} is new"


def _is_shown_only(schema: dict[str, Any]) -> bool:
    """Whether a property is known from samples alone, which show this or that; no table has it."""
    sources = schema.get("x-source", {}).values()
    return all("sample:" in source for source in sources)


def _words(schema: dict[str, Any]) -> str:
    named = " or ".join(sorted(kinds(schema))) or "anything"
    more = schema.get("format") or schema.get("contentEncoding")
    return f"{named} ({more})" if more else named
