"""What of the derived response schema each requirement judges, compiled once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec
from jsonschema import Draft202012Validator

from conformance.contract.model import OperationContract
from conformance.contract.schema_types import kinds, with_null
from conformance.contract.schema_walk import Schema, rebuild, without


class Compiled(msgspec.Struct, frozen=True):
    """One schema in two validators: the fast one for every answer of the run, the slow one for the message."""

    fast: Any
    slow: Any


@lru_cache(maxsize=64)
def compile_schema(text: str) -> Compiled:
    """The schema (JSON text) compiled; asked for again and again, compiled once."""
    schema = msgspec.json.decode(text)
    return Compiled(jsonschema_rs.Draft202012Validator(schema), Draft202012Validator(schema))


def loose(contract: OperationContract) -> dict[str, Any]:
    """The response schema without what other requirements judge: presence, null, int32 bounds, open objects."""
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
    """The schema with null allowed below it: the sample shows one value, not that it is always there."""

    def change(each: Schema, _: str) -> Schema:
        return {**each, "type": with_null(each)} if "type" in each else each

    return rebuild(without(schema, "format"), change)


def without_texts(schema: Schema) -> Schema:
    """The schema without what it says of texts, at any depth: any value may be where the sample has one."""
    return rebuild(schema, lambda each, _: {} if kinds(each) == {"string"} else each)


def without_required(schema: Schema) -> Schema:
    """The schema with every member optional, at any depth: a target may leave out what is null."""
    return without(schema, "required")
