"""What changed between the JSON Schemas of two contracts: types, formats and properties, at every depth."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conformance.contract.change import Effect
from conformance.contract.schema_types import kinds
from conformance.contract.schema_walk import Schema, escape
from conformance.contract.source_map import SourceMap

Found = tuple[str, Effect, str]


class SchemaDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Compares the schemas of one body; ``role`` is ``request`` or ``response``."""

    role: str
    old_source: SourceMap
    new_source: SourceMap

    def changes(self, old: Schema, new: Schema, at: str = "", pointer: str = "") -> Iterator[Found]:
        """The differences that have an effect; what one does not specify, the other one says more exactly.

        ``at`` is the place as messages name it, ``pointer`` the same as a JSON Pointer.
        """
        before, after = kinds(old), kinds(new)
        name = at.strip("/") or "the body"
        if before and after and before != after:
            widened = (before, after) == ({"integer"}, {"number"})
            effect = Effect.COMPATIBLE if widened and self.role == "request" else Effect.BREAKING
            yield at, effect, f"{name} was {_words(old)}, is {_words(new)}"
            return
        if not before and after and self.role == "request":
            yield at, Effect.COMPATIBLE, f"{name} had no type, is {_words(new)}"
            return
        formats = [each.get("format") or each.get("contentEncoding") for each in (old, new)]
        if before and after and formats[0] != formats[1]:
            # An integer of 32 bits is no longer all that may come, or be sent.
            narrowed = formats[0] is None or formats == ["int64", "int32"]
            breaking = all(formats) and narrowed == (self.role == "request")
            effect = Effect.BREAKING if breaking else Effect.COMPATIBLE
            yield at, effect, f"{name} was {_words(old)}, is {_words(new)}"
        for keyword, shown in (("items", "[]"), ("additionalProperties", "/*")):
            if keyword in old and keyword in new:
                yield from self.changes(old[keyword], new[keyword], f"{at}{shown}", f"{pointer}/{keyword}")
        if "properties" in old and "properties" in new:
            yield from self._properties(old["properties"], new["properties"], at, f"{pointer}/properties")

    def _properties(self, old: Schema, new: Schema, at: str, pointer: str) -> Iterator[Found]:
        for name, schema in old.items():
            where, here = f"{at}/{name}", f"{pointer}/{escape(name)}"
            if name in new:
                yield from self.changes(schema, new[name], where, here)
            elif _is_shown_only(self.old_source, here):
                yield where, Effect.WORDING, f"the sample shows {where.strip('/')} no longer"
            else:
                yield where, Effect.BREAKING, f"{where.strip('/')} is gone"
        for name in new:
            if name not in old:
                where = f"{at}/{name}"
                if _is_shown_only(self.new_source, f"{pointer}/{escape(name)}"):
                    yield where, Effect.WORDING, f"the sample shows {where.strip('/')} now"
                else:
                    yield where, Effect.COMPATIBLE, f"{where.strip('/')} is new"


def _is_shown_only(source: SourceMap, pointer: str) -> bool:
    """Whether a property is known from samples alone, which show this or that; no table has it."""
    return all("sample:" in place for place in source.places.get(pointer, {}).values())


def _words(schema: Schema) -> str:
    named = " or ".join(sorted(kinds(schema))) or "anything"
    more = schema.get("format") or schema.get("contentEncoding")
    return f"{named} ({more})" if more else named
