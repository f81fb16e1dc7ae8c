"""The parts of the derived response schema that single requirements judge, and compiled schemas."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec
from jsonschema import Draft202012Validator

from conformance.comparison.redacted import RedactedNumber, RedactedText, without_types
from conformance.contract.model import OperationContract
from conformance.contract.schema_types import kinds, with_null
from conformance.contract.schema_walk import Schema, rebuild, without


class Compiled(msgspec.Struct, frozen=True):
    """One schema in two validators: a fast one for every answer of the run, a slow one for error messages."""

    fast: Any
    slow: Any


@lru_cache(maxsize=64)
def compile_schema(text: str) -> Compiled:
    """Compile a schema (JSON text), or return it if it was compiled before."""
    schema = msgspec.json.decode(text)
    return Compiled(jsonschema_rs.Draft202012Validator(schema), Draft202012Validator(schema))


def first_error(schema: Compiled, value: Any) -> tuple[str, Any]:
    """The place of the first error in a value, and the error of jsonschema; None if there is none.

    A value that a secret was taken out of has no error: what it was is not known.
    """
    try:
        if schema.fast.is_valid(value):
            return "", None
        error = next(schema.slow.iter_errors(value))
    except ValueError:
        # It knows only the types of JSON, so not those of redacted values.
        error = next(_errors_of_known(schema, value), None)
    return ("/".join(map(str, error.absolute_path)), error) if error is not None else ("", None)


def _errors_of_known(schema: Compiled, value: Any) -> Iterator[Any]:
    for error in schema.slow.iter_errors(without_types(value)):
        place = value
        for step in error.absolute_path:
            place = place[step]
        if not isinstance(place, RedactedText | RedactedNumber):
            yield error


def loose(contract: OperationContract) -> dict[str, Any]:
    """The response schema without presence, null, int32 bounds and open objects, which other requirements judge."""
    properties: dict[str, Schema] = {}
    for name, schema in contract.properties.items():
        named = kinds(schema)
        if not named or "object" in named:
            # The type of an object without a table is in the sample (SHAPE-05).
            properties[name] = {}
        else:
            properties[name] = {"type": ["number", "null"] if "integer" in named else with_null(schema)}
    return {"type": "object", "properties": properties}


def nullable(schema: Schema) -> Schema:
    """The schema with null allowed at any depth: a value in the sample does not mean that there always is one."""

    def change(each: Schema, _: str) -> Schema:
        return {**each, "type": with_null(each)} if "type" in each else each

    return rebuild(without(schema, "format"), change)


def without_texts(schema: Schema) -> Schema:
    """The schema without the schemas of texts, at any depth: where the sample has a text, any value is allowed."""
    return rebuild(schema, lambda each, _: {} if kinds(each) == {"string"} else each)


def without_required(schema: Schema) -> Schema:
    """The schema with every property optional, at any depth, for a target that leaves out properties that are null."""
    return without(schema, "required")
