"""What of the derived response schema each requirement judges, compiled once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec
from jsonschema import Draft202012Validator

from conformance.contract.model import OperationContract
from conformance.contract.schema_types import kinds as kinds_of


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
    properties = {}
    for name, schema in contract.properties.items():
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        properties[name] = {"type": [*{*kinds, "null"} - {None}]} if kinds != [None] else {}
        # The type of an open object is the sample's to say (SHAPE-05).
        if "object" in kinds or not kinds:
            properties[name] = {}
        if "integer" in kinds:
            properties[name] = {"type": ["number", "null"]}
    return {"type": "object", "properties": properties}


def nullable(schema: Any) -> Any:
    """The schema with null allowed below it: the sample shows one value, not that it is always there."""
    if not isinstance(schema, dict):
        return schema
    changed = {key: value for key, value in schema.items() if key != "format"}
    kinds = changed.get("type")
    if kinds is not None:
        changed["type"] = [*dict.fromkeys([*(kinds if isinstance(kinds, list) else [kinds]), "null"])]
    if "properties" in changed:
        changed["properties"] = {name: nullable(sub) for name, sub in changed["properties"].items()}
    for key in ("additionalProperties", "items"):
        if key in changed:
            changed[key] = nullable(changed[key])
    return changed


def without_texts(schema: Any) -> Any:
    """The schema without what it says of texts, at any depth: any value may stand where the sample has one."""
    if not isinstance(schema, dict):
        return schema
    if kinds_of(schema) == {"string"}:
        return {}
    changed = {
        key: without_texts(value) if key in ("additionalProperties", "items") else value
        for key, value in schema.items()
    }
    if "properties" in schema:
        changed["properties"] = {name: without_texts(sub) for name, sub in schema["properties"].items()}
    return changed


def without_required(schema: Any) -> Any:
    """The schema with every member optional, at any depth: so a target shows it that leaves out what is null."""
    if not isinstance(schema, dict):
        return schema
    changed = {
        key: without_required(value) if key in ("additionalProperties", "items") else value
        for key, value in schema.items()
        if key != "required"
    }
    if "properties" in schema:
        changed["properties"] = {name: without_required(sub) for name, sub in schema["properties"].items()}
    return changed
