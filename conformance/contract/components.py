"""Types that pages share: a name is a component where all tables under it agree.

A page names a type in the heading of a response body or in a cell of a table (``x-type`` in a derived schema). The
tables below such headings say what it is. A name that stands on pages without content means nothing there; what such
a name means in a cell, the property's own name and its sample have to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from conformance.contract.model import Operation, OperationContract
from conformance.contract.sample_schema import common
from conformance.contract.schema_types import is_named

REFERENCE = "urn:conformance:component:"


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What one page says of names: those that it gives a table, those that it uses, and the one that means nothing."""

    defines: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    empty: str = ""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """The components by name, the names whose tables differ, and those that mean nothing."""

    components: dict[str, dict[str, Any]] = {}
    ambiguous: frozenset[str] = frozenset()
    meaningless: frozenset[str] = frozenset()

    def meant(self, property_name: str, type_name: str) -> str | None:
        """The component that is meant by the type of a property, if there is one."""
        if type_name in self.meaningless and property_name != type_name:
            type_name = property_name
        return type_name if type_name in self.components else None


def names(contract: OperationContract, empty: str) -> Names:
    """The names of types on one page; ``empty`` is the one in the heading of a body that it does not have."""
    operation = contract.operation
    defined = [operation.response] if operation.response and operation.response.properties else []
    rows = [row for body in (operation.request, operation.response) if body for row in body.properties]
    # A property's own name may be the one to go by.
    used = {name for row in rows if is_named(row.type) for name in (row.type, row.name)}
    return Names(
        defines=tuple(body.kind for body in defined if is_named(body.kind)), uses=tuple(sorted(used)), empty=empty
    )


def share(contracts: Iterable[tuple[OperationContract, Names]]) -> Shared:
    """The components of these pages, from their schemas as ``derive`` gives them."""
    listed = sorted(contracts, key=lambda each: each[0].operation.id)
    tables: dict[str, dict[frozenset[tuple[str, str]], list[OperationContract]]] = {}
    meaningless = frozenset(said.empty for _, said in listed if said.empty)
    for contract, said in listed:
        for name in said.defines:
            if name in meaningless:
                continue
            table = _table(contract.operation, meaningless)
            tables.setdefault(name, {}).setdefault(table, []).append(contract)
    agreed = {name: next(iter(found.values())) for name, found in tables.items() if len(found) == 1}
    return Shared(
        components={name: _component(name, pages) for name, pages in agreed.items()},
        ambiguous=frozenset(name for name, found in tables.items() if len(found) > 1),
        meaningless=meaningless,
    )


def _table(operation: Operation, meaningless: frozenset[str]) -> frozenset[tuple[str, str]]:
    """A table's rows, by which two tables are the same one; a type whose name means nothing is none."""
    rows = operation.response.properties if operation.response else ()
    return frozenset((row.name, "" if row.type in meaningless else row.type) for row in rows)


def _component(name: str, contracts: list[OperationContract]) -> dict[str, Any]:
    """One table's element, with what the samples of all pages that have it show together."""
    elements = [(each.operation.id, each.element) for each in contracts]
    page, first = elements[0]
    properties = {
        row: common(_of_page(page, element["properties"][row]) for page, element in elements)
        # Where samples differ in kind, the table of each of them still says the same.
        or _of_page(page, first["properties"][row])
        for row in first["properties"]
    }
    found = {"type": ["object", "null"], "properties": properties}
    source = {keyword: f"{page}:{first['x-source'][keyword]}" for keyword in found}
    return {"$id": f"{REFERENCE}{name}", **found, "x-source": source}


def _of_page(page: str, schema: Any) -> Any:
    """The schema with each source naming its page too."""
    if isinstance(schema, dict):
        return {
            key: {keyword: f"{page}:{source}" for keyword, source in value.items()}
            if key == "x-source"
            else _of_page(page, value)
            for key, value in schema.items()
        }
    return [_of_page(page, item) for item in schema] if isinstance(schema, list) else schema


def refer(contract: OperationContract, shared: Shared) -> OperationContract:
    """The contract with references in the place of what is a component."""
    response = contract.response and _refer(contract.response, "", shared)
    if response is not None and response.get("x-type") in shared.components:
        name = response["x-type"]
        own = {key: value for key, value in response.items() if key not in ("properties", "x-type")}
        own["x-source"] = {key: value for key, value in own["x-source"].items() if key != "properties"}
        response = {**own, "$ref": f"{REFERENCE}{name}"}
    return msgspec.structs.replace(
        contract,
        request=contract.request and without_names(_refer(contract.request, "", shared)),
        response=response and without_names(response),
    )


def execute(shared: Shared) -> Shared:
    """The same with references between the components themselves."""
    return msgspec.structs.replace(
        shared,
        components={
            name: without_names(_refer(component, "", shared)) for name, component in sorted(shared.components.items())
        },
    )


def _refer(schema: Any, name: str, shared: Shared) -> Any:
    if isinstance(schema, list):
        return [_refer(item, name, shared) for item in schema]
    if not isinstance(schema, dict):
        return schema
    meant = shared.meant(name, schema["x-type"]) if name and "x-type" in schema else None
    if meant and _fits(schema, shared.components[meant]):
        return {"$ref": f"{REFERENCE}{meant}"}
    return {
        key: {each: _refer(value, each, shared) for each, value in part.items()}
        if key == "properties"
        else part
        if key == "x-source"
        else _refer(part, name, shared)
        for key, part in schema.items()
    }


def _fits(schema: Mapping[str, Any], component: Mapping[str, Any]) -> bool:
    """Whether what a sample shows of a property can be that component: all its members are, and it is no map."""
    return "additionalProperties" not in schema and set(schema.get("properties", ())) <= set(component["properties"])


def without_names(schema: Any) -> Any:
    """The schema without its ``x-type`` keywords."""
    if isinstance(schema, dict):
        return {key: without_names(value) for key, value in schema.items() if key != "x-type"}
    return [without_names(item) for item in schema] if isinstance(schema, list) else schema


def expand(schema: Any, components: Mapping[str, dict[str, Any]]) -> Any:
    """The schema with each reference replaced by its component; one inside itself is any object."""
    return _expand(schema, components, ())


def _expand(schema: Any, components: Mapping[str, dict[str, Any]], inside: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_expand(item, components, inside) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(REFERENCE):
        name = reference.removeprefix(REFERENCE)
        own = {key: _expand(value, components, inside) for key, value in schema.items() if key != "$ref"}
        if name in inside or name not in components:
            return {"type": ["object", "null"], **own}
        found = _expand(components[name], components, (*inside, name))
        return {**{key: value for key, value in found.items() if key != "$id"}, **own}
    return {key: _expand(value, components, inside) for key, value in schema.items()}


def references(schema: Any) -> Iterator[str]:
    """The names of the components that a schema refers to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(REFERENCE):
            yield reference.removeprefix(REFERENCE)
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)
