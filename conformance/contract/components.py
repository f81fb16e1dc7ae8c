"""Types that pages share: a name is a component where all tables under it agree.

A page names a type in the heading of a response body or in a cell of a table. The tables below such headings say what
it is. A name on pages without content means nothing there; what such a name means in a cell, the
property's own name and its sample have to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from conformance.contract.model import Operation, OperationContract
from conformance.contract.sample_schema import common
from conformance.contract.schema_types import is_named
from conformance.contract.schema_walk import Schema, rebuild, unescape, walk
from conformance.contract.source_map import SourcedSchema, SourceMap, separate, sourced

REFERENCE = "urn:conformance:component:"


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What one page says of names: those that it gives a table, those that it uses, and the one that means nothing."""

    defines: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    empty: str = ""


class Component(msgspec.Struct, frozen=True):
    """The schema of a type that pages share, and where it comes from."""

    schema: Schema
    source: SourceMap = SourceMap()


Components = Mapping[str, Component]


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """The components by name, the names whose tables differ, and those that mean nothing."""

    components: dict[str, Component] = {}
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
    """A table's rows, by which two tables are the same one; a type whose name means nothing counts as no type."""
    rows = operation.response.properties if operation.response else ()
    return frozenset((row.name, "" if row.type in meaningless else row.type) for row in rows)


def _component(name: str, contracts: list[OperationContract]) -> Component:
    """One table's element, with what the samples of all pages that have it show together."""
    elements = [_element(each) for each in contracts]
    properties = {
        row: common(element["properties"][row] for element in elements)
        # If samples differ in kind, the table of each of them still says the same.
        or schema
        for row, schema in elements[0]["properties"].items()
    }
    found = {"$id": f"{REFERENCE}{name}", "type": ["object", "null"], "properties": properties}
    places = {keyword: elements[0].places[keyword] for keyword in ("type", "properties")}
    return Component(*separate(SourcedSchema(found, places)))


def _element(contract: OperationContract) -> SourcedSchema:
    """The schema of a response element, with each place naming its page too."""
    at = "/items" if "items" in (contract.response or {}) else ""
    return sourced(contract.element, contract.response_source, at, contract.operation.id)


def refer(contract: OperationContract, shared: Shared) -> OperationContract:
    """The contract with references in the place of what is a component."""
    request, request_source = _refer(contract.request, contract.request_source, shared)
    response, response_source = _refer(contract.response, contract.response_source, shared)
    name = contract.response_source.type_names.get("", "")
    if response is not None and name in shared.components:
        own = {key: value for key, value in response.items() if key != "properties"}
        response = {**own, "$ref": f"{REFERENCE}{name}"}
        places = {key: place for key, place in response_source.places[""].items() if key != "properties"}
        response_source = SourceMap({"": places})
    return msgspec.structs.replace(
        contract, request=request, response=response, request_source=request_source, response_source=response_source
    )


def with_references(shared: Shared) -> Shared:
    """The same with references between the components themselves."""
    components = {}
    for name, component in sorted(shared.components.items()):
        schema, source = _refer(component.schema, component.source, shared)
        components[name] = Component(schema or {}, source)
    return msgspec.structs.replace(shared, components=components)


def _refer(schema: Schema | None, source: SourceMap, shared: Shared) -> tuple[Schema | None, SourceMap]:
    replaced: set[str] = set()

    def change(each: Schema, at: str) -> Schema:
        name = source.type_names.get(at)
        parent, _, step = at.rpartition("/")
        meant = shared.meant(unescape(step), name) if name and parent.endswith("/properties") else None
        if meant is None or not _fits(each, shared.components[meant].schema):
            return each
        replaced.add(at)
        return {"$ref": f"{REFERENCE}{meant}"}

    # Only a page's own names for types are replaced.
    found = rebuild(schema, change) if schema is not None and source.type_names else schema
    return found, source.without(replaced)


def _fits(schema: Schema, component: Schema) -> bool:
    """Whether what a sample shows of a property can be that component: all its members are, and it is not a map."""
    return "additionalProperties" not in schema and set(schema.get("properties", ())) <= set(component["properties"])


def expand(schema: Schema, source: SourceMap, components: Components) -> tuple[Schema, SourceMap]:
    """The schema with each reference replaced by its component; one inside itself is any object."""
    places = dict(source.places)

    def replaced(each: Schema, at: str, inside: tuple[str, ...]) -> Schema:
        name = _component_name(each)
        if name is None:
            return each
        own = {key: value for key, value in each.items() if key != "$ref"}
        if name in inside or name not in components:
            return {"type": ["object", "null"], **own}
        component = components[name]
        for here, more in component.source.places.items():
            places[f"{at}{here}"] = {**more, **places.get(f"{at}{here}", {})}
        found = rebuild(component.schema, lambda sub, here: replaced(sub, here, (*inside, name)), at)
        return {**{key: value for key, value in found.items() if key != "$id"}, **own}

    if next(references(schema), None) is None:
        return schema, source
    return rebuild(schema, lambda each, at: replaced(each, at, ())), SourceMap(places)


def references(schema: Schema) -> Iterator[str]:
    """The names of the components that a schema refers to."""
    return (name for _, each in walk(schema) if (name := _component_name(each)) is not None)


def _component_name(schema: Schema) -> str | None:
    reference = schema.get("$ref")
    return reference.removeprefix(REFERENCE) if isinstance(reference, str) and reference.startswith(REFERENCE) else None
