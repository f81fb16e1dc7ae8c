"""A walk meets every schema inside a schema and nothing else, and sources stay beside what they are of."""

from __future__ import annotations

from conformance.contract.components import Component, expand
from conformance.contract.schema_walk import rebuild, walk, without
from conformance.contract.source_map import SourcedSchema, SourceMap, separate, sourced

NESTED = {
    "type": "object",
    "properties": {
        # Names that a page chooses, and a value that only looks like a schema.
        "items": {"const": {"items": {"format": "x"}}},
        "a/b~c": {"type": "array", "items": {"format": "int32"}},
    },
    "additionalProperties": False,
    "anyOf": [{"format": "date"}, True],
    "$defs": {"d": {"not": {"format": "time"}}},
}


def test_every_schema_with_its_pointer() -> None:
    assert [at for at, _ in walk(NESTED)] == [
        "",
        "/properties/items",
        "/properties/a~1b~0c",
        "/properties/a~1b~0c/items",
        "/anyOf/0",
        "/$defs/d",
        "/$defs/d/not",
    ]


def test_rebuilding_changes_schemas_alone_and_leaves_the_original() -> None:
    found = without(NESTED, "format")
    assert found["properties"]["items"] == {"const": {"items": {"format": "x"}}}
    assert [each for _, each in walk(found) if "format" in each] == []
    assert NESTED["anyOf"] == [{"format": "date"}, True]
    pointers: list[str] = []
    rebuild(NESTED, lambda each, at: pointers.append(at) or each)
    assert sorted(pointers) == sorted(at for at, _ in walk(NESTED))


def test_sources_are_beside_a_schema_and_never_in_it() -> None:
    name = SourcedSchema({"type": "string"}, {"type": "table:7"}, "Name")
    schema, source = separate(SourcedSchema({"properties": {"A": name}}, {"properties": "table:7"}))
    assert schema == {"properties": {"A": {"type": "string"}}}
    assert type(schema["properties"]["A"]) is dict
    assert source.places == {"": {"properties": "table:7"}, "/properties/A": {"type": "table:7"}}
    assert source.type_names == {"/properties/A": "Name"}
    again = sourced(schema, source, "", "page")
    assert again["properties"]["A"].places == {"type": "page:table:7"}
    assert again["properties"]["A"].type_name == "Name"


def test_a_component_brings_its_sources_to_where_it_is_used() -> None:
    reference = {"$ref": "urn:conformance:component:Person"}
    person = Component(
        {"$id": "urn:conformance:component:Person", "type": "object", "properties": {"Boss": reference}},
        SourceMap({"": {"type": "p:table:3"}}),
    )
    schema, source = expand({"items": reference}, SourceMap({"": {"items": "table:9"}}), {"Person": person})
    boss = {"type": ["object", "null"]}
    assert schema == {"items": {"type": "object", "properties": {"Boss": boss}}}
    assert source.places == {"": {"items": "table:9"}, "/items": {"type": "p:table:3"}}
