"""Rules between pages: one route on two pages, one name with two shapes, names that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.components import Shared, share
from conformance.contract.model import Row
from conformance.contract.schema_types import is_named, kinds
from conformance.contract.write_folder import Derived
from conformance.pages.lint.rule import Finding, Level, Rule, declare

Pages = Sequence[tuple[Path, Derived]]

_ROUTE = declare("route-twice", Level.WARNING, "two pages document one method and path")
_ID = declare("id-twice", Level.WARNING, "two pages have one id")
_SHAPES = declare("type-two-shapes", Level.WARNING, "one type's name is above different tables")
_DOUBTFUL = declare("type-doubtful", Level.WARNING, "a property has a type whose name is on pages without content")
_CONTRADICTED = declare("type-contradicted", Level.WARNING, "a sample is not of the type that its table names")


def between(pages: Pages) -> Iterator[Finding]:
    """What pages say differently of one thing."""
    shared = share((each.contract, each.names) for _, each in pages)
    yield from _twice(pages)
    yield from _names(pages, shared)


def _twice(pages: Pages) -> Iterator[Finding]:
    for rule, key, what in (
        (_ID, lambda each: each.contract.operation.id, "the id"),
        (_ROUTE, lambda each: _route(each), "the method and path"),
    ):
        yield from _same(pages, rule, key, what)


def _same(pages: Pages, rule: Rule, key: Callable[[Derived], str], what: str) -> Iterator[Finding]:
    seen: dict[str, tuple[Path, Derived]] = {}
    for path, each in pages:
        first_path, first = seen.setdefault(key(each), (path, each))
        operation, other = each.contract.operation, first.contract.operation
        if first_path == path:
            continue
        message = f"{operation.method} {operation.path}: {what} of {first_path.name} too ({other.path})"
        assumed = "the first page" if rule is _ID else "two operations, in two documents"
        yield _finding(rule, path, each, operation.line, message, assumed)


def _route(each: Derived) -> str:
    operation = each.contract.operation
    return f"{operation.method} {re.sub(r'{[^{}]*}', '{}', operation.path).lower()}"


def _names(pages: Pages, shared: Shared) -> Iterator[Finding]:
    for path, each in pages:
        operation = each.contract.operation
        response = operation.response
        if response and response.kind in shared.ambiguous and response.properties:
            message = f"the table below {response.kind} is not the one on other pages"
            yield _finding(_SHAPES, path, each, response.line, message, "no shared type")
        for role in ("request", "response"):
            body = getattr(operation, role)
            schema: dict[str, Any] = getattr(each.contract, role) or {}
            properties = schema.get("items", schema).get("properties", {})
            for row in body.properties if body else ():
                yield from _row(path, each, row, properties.get(row.name, {}), shared, role)


def _row(path: Path, each: Derived, row: Row, schema: dict[str, Any], shared: Shared, role: str) -> Iterator[Finding]:
    if not is_named(row.type):
        return
    if row.type in shared.meaningless and row.name != row.type:
        meant = row.name if row.name in shared.components else "what its name and sample say"
        message = f"{role} {row.name} is called {row.type}, a name that pages without content have"
        yield _finding(_DOUBTFUL, path, each, row.line, message, meant)
        return
    component = shared.components.get(row.type)
    shown = set(schema.get("properties", ()))
    if "additionalProperties" in schema:
        what = "a map"
    elif "object" not in kinds(schema):
        what = "not an object"
    elif component and not shown <= set(component.schema["properties"]):
        what = "an object with other members"
    else:
        return
    message = f"{role} {row.name} is called {row.type}, the sample shows {what}"
    yield _finding(_CONTRADICTED, path, each, row.line, message, "the sample")


def _finding(rule: Rule, path: Path, each: Derived, line: int, message: str, assumed: str) -> Finding:
    return Finding(
        rule=rule.id,
        level=rule.level,
        path=path.as_posix(),
        line=line,
        message=message,
        assumed=assumed,
        operation=each.contract.operation.id,
    )
