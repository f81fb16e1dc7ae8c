"""Strategies for request bodies: Schemathesis makes those that the schema allows and forbids, this module the rest."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation

from conformance.contract.model import OperationContract
from conformance.contract.openapi import relaxed_document
from conformance.contract.schema_types import INT32
from conformance.contract.schema_types import kinds as kinds_of


def schemathesis_operation(contract: OperationContract) -> APIOperation[Any, Any, Any, Any]:
    """The operation as Schemathesis has it."""
    return _load(json.dumps(relaxed_document(contract)), contract.operation.path, contract.operation.method)


# A schema takes a megabyte, and operations are tried one after the other.
@lru_cache(maxsize=4)
def _load(text: str, path: str, method: str) -> APIOperation[Any, Any, Any, Any]:
    with _without_variables("SCHEMATHESIS_"):
        # The default configuration, not that of a schemathesis.toml in the folder or one above it.
        schema = schemathesis.openapi.from_dict(json.loads(text), config=SchemathesisConfig())
        operation: APIOperation[Any, Any, Any, Any] = schema[path][method]
    return operation


@contextlib.contextmanager
def _without_variables(prefix: str) -> Iterator[None]:
    """Hide the environment variables with this prefix: one of Schemathesis' names code that it would load."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(prefix)}
    try:
        yield
    finally:
        os.environ.update(kept)


def allowed_bodies(contract: OperationContract) -> SearchStrategy[Any]:
    """JSON values that the derived request schema allows (Schemathesis, positive data)."""
    return _strategy(contract, GenerationMode.POSITIVE)


def forbidden_bodies(contract: OperationContract) -> SearchStrategy[Any]:
    """JSON values that no lenient reader accepts as what the schema allows (Schemathesis, negative data).

    Schemathesis also violates the schema in ways that a conforming server may correct or ignore (a number as text,
    null, a missing property, bytes that are not JSON); those are left out here.
    """
    schema = contract.request or {}
    return _strategy(contract, GenerationMode.NEGATIVE).filter(lambda body: is_clearly_invalid(body, schema))


def _strategy(contract: OperationContract, mode: GenerationMode) -> SearchStrategy[Any]:
    strategy = schemathesis_operation(contract).as_strategy(generation_mode=mode)
    bodies: SearchStrategy[Any] = strategy.map(lambda case: case.body)
    return bodies


def is_clearly_invalid(body: Any, schema: dict[str, Any]) -> bool:
    """Whether a JSON body violates the schema for every lenient reader: the wrong kind of container or text."""
    if isinstance(body, bytes | type(None)):
        return False
    if not isinstance(body, dict):
        return isinstance(body, list | str | int | float)
    properties: dict[str, Any] = schema.get("properties", {})
    # A name in other case may be read as the property itself, so the one value must be the wrong one.
    lowered = [name.lower() for name in body]
    return any(
        name in body and lowered.count(name.lower()) == 1 and _is_wrong(body[name], sub)
        for name, sub in properties.items()
    )


def _is_wrong(value: Any, schema: dict[str, Any]) -> bool:
    kinds = kinds_of(schema)
    if "array" in kinds:
        items = schema.get("items", {})
        if isinstance(value, dict):
            return True
        return isinstance(value, list) and items.get("type") == "integer" and any(map(_is_not_an_integer, value))
    if isinstance(value, dict | list):
        return "object" not in kinds
    return "integer" in kinds and _is_not_an_integer(value)


def _is_not_an_integer(value: Any) -> bool:
    if isinstance(value, dict | list):
        return True
    return isinstance(value, str) and not any(c.isdigit() for c in value) and bool(value.strip())


def escaped(value: Any) -> str:
    """A value as JSON in which every name and text is written with escapes alone."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{escaped(name)}:{escaped(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(escaped, value)) + "]"
    if isinstance(value, str) and value.isascii():
        return '"' + "".join(f"\\u{ord(c):04x}" for c in value) + '"'
    return json.dumps(value)


def id_subsets(ids: Sequence[int]) -> SearchStrategy[list[int]]:
    """Some of the ids that give data, each once."""
    return st.sets(st.sampled_from(list(ids)), min_size=1).map(sorted)


@st.composite
def id_splits(draw: st.DrawFn, ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Two parts of the ids, neither empty, that may overlap."""
    first = draw(st.sets(st.sampled_from(list(ids)), min_size=1, max_size=max(1, len(ids) - 1)))
    rest = [i for i in ids if i not in first] or list(ids)
    second = draw(st.sets(st.sampled_from(rest), min_size=1))
    return sorted(first), sorted(second)


def boundary_ids() -> list[list[int]]:
    """Arrays of ids at and beyond the bounds of int32, empty, and very long."""
    return [
        [],
        [INT32[-1]],
        [INT32[0]],
        [0, -1],
        [INT32[-1] + 1],
        [INT32[0] - 1],
        [2**63],
        [10**30],
        list(range(1, 20001)),
    ]
