"""The types and the shape of what the table and the sample show."""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.assertions import schemathesis_checks
from conformance.assertions.data import require_data
from conformance.assertions.presence import require_properties
from conformance.assertions.responses import expect_valid, expect_value
from conformance.assertions.results import has_header, is_json_result, is_unselected, json_elements
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import is_zero_date, parse_date_time
from conformance.comparison.outcomes import NotApplicable
from conformance.comparison.response_schema import (
    Compiled,
    compile_schema,
    first_error,
    loose,
    nullable,
    without_required,
    without_texts,
)
from conformance.comparison.sample import contradicts_kind, has_open_names, more_shown
from conformance.comparison.target_facts import NullStyle
from conformance.contract.schema_types import INT32, kinds
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, RESPONSE_BODY, SAMPLE_RESPONSE, SHOULD


@requirement(
    "SHAPE-01",
    MUST,
    "A successful response is an array of objects",
    source=RESPONSE_BODY,
    fault=("object-instead-of-array", "null-for-empty"),
    observes_all=True,
    smoke=True,
)
def test_array_of_objects(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer; for an operation that returns one object it is that object. null if nothing matches
    is a warning."""
    if ask.contract.response is None or not is_json_result(ask, answer):
        return
    value = answer.json.value
    kind = ask.contract.response.get("type")
    expected = f"{kind}, empty if need be"
    ask.warn_unless(value is not None, "the answer is null", expected=expected, actual="null", of=[answer])
    if value is None:
        return
    if contradicts_kind(ask.contract):
        ask.observe(f"the answer is {type(value).__name__}; the page's heading and its sample disagree on what it is")
    elif kind == "array":
        expect_value(ask, answer, isinstance(value, list), "the answer", "an array", type(value).__name__)
        has_objects = "object" in kinds(ask.contract.element)
        others = [item for item in value if not isinstance(item, dict)] if has_objects else []
        expect_value(ask, answer, not others, "an element", "an object", others[0] if others else "")
    elif kind == "object":
        expect_value(ask, answer, isinstance(value, dict), "the answer", "an object", value)


@requirement(
    "SHAPE-02",
    MUST,
    "Each documented property has its documented type",
    source=RESPONSE_BODY,
    fault="percent-as-text",
    observes_all=True,
    smoke=True,
)
def test_types(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer is validated by the schema that the table gave, and the baseline response by
    Schemathesis' own check (response_schema_conformance) too. Strings and objects may be null. CULT-02 covers answers
    to a culture."""
    elements = json_elements(ask, answer)
    if not elements or has_header(answer, "so-culture"):
        return
    response = ask.operation.response
    types = {fact.name: fact.type for fact in (response.properties if response else ())}
    schema = _compiled(loose(ask.contract))
    for element in elements:
        name, error = first_error(schema, element)
        message, expected = f"{name} has another type than the page says", types.get(name, "its documented type")
        ask.check(error is None, message, expected=expected, actual=error.instance if error else element, of=[answer])
    if answer.intent is Intent.BASELINE and is_unselected(answer) and ask.is_known(answer.json.value):
        problem = schemathesis_checks.problem(answer, "response_schema_conformance")
        expect_valid(ask, answer, problem, "the answer does not match the schema of the page", "the response schema")


def _compiled(schema: Any) -> Compiled:
    return compile_schema(msgspec.json.encode(schema).decode())


@requirement(
    "SHAPE-03",
    MUST,
    "int32 is an integer within 32 bits; bool is true or false",
    source=RESPONSE_BODY,
    fault=("count-beyond-int32", "count-as-float"),
    observes_all=True,
)
def test_integers_and_bools(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer. 3.0 is an integer by JSON Schema (2020-12, 6.1.1), but not for every reader: a
    warning."""
    if has_header(answer, "so-culture"):
        return
    for element in json_elements(ask, answer):
        for name, schema in ask.contract.properties.items():
            value = element.get(name)
            if value is None:
                continue
            if schema.get("type") == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
                is_int32 = schema.get("format") == "int32"
                expected = "an integer within 32 bits" if is_int32 else "an integer"
                is_whole = isinstance(value, int) or value.is_integer()
                expect_value(ask, answer, is_whole and (not is_int32 or int(value) in INT32), name, expected, value)
                is_int, message = isinstance(value, int), f"{name} is an integer that is written as a fraction"
                ask.warn_unless(is_int, message, expected=int(value), actual=value, of=[answer])
            if schema.get("type") == "boolean":
                expect_value(ask, answer, isinstance(value, bool), name, "true or false", value)


@requirement(
    "SHAPE-04",
    MUST,
    "A date-time is ISO 8601, preferably with an offset",
    source=RESPONSE_BODY,
    fault=("date-us-format", "date-impossible", "offset-missing"),
    observes_all=True,
)
def test_date_times(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer to a request without SO-TimeZone (TZ-03 covers those). No offset is a warning."""
    if has_header(answer, "so-timezone", "so-culture"):
        return
    names = [name for name, schema in ask.contract.properties.items() if schema.get("format") == "date-time"]
    for element in json_elements(ask, answer):
        for name in names:
            value = element.get(name)
            if not isinstance(value, str):
                continue
            moment = parse_date_time(value)
            expect_value(ask, answer, moment is not None, name, "an ISO 8601 date-time", value)
            if moment is not None and not is_zero_date(moment):
                # The zero of a type without null is not a moment, and needs no offset.
                has_offset, message = moment.tzinfo is not None, f"{name} has no offset, as the sample has"
                ask.warn_unless(has_offset, message, expected="an offset", actual=value, of=[answer])


@requirement(
    "SHAPE-05",
    MUST,
    "Objects whose members the table does not list have the shape that the sample shows",
    source=SAMPLE_RESPONSE,
    fault="table-right-as-text",
    observes_all=True,
)
def test_open_objects(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer without $select: members are there and have the sample's types; further members are
    allowed, and so is null. If the page calls the property ``object``, a text in the sample is one value of many: there
    may be any other in its place."""
    if not is_unselected(answer):
        return
    response = ask.operation.response
    opaque = {fact.name for fact in (response.properties if response else ()) if fact.type.strip().lower() == "object"}
    # A target that leaves out what is null leaves it out of objects too.
    writes_nulls = ask.facts.null_style is NullStyle.NULLS
    schemas = {}
    for name, schema in ask.contract.properties.items():
        if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
            shown = without_texts(schema) if name in opaque else schema
            schemas[name] = _compiled(nullable(shown if writes_nulls else without_required(shown)))
    for element in json_elements(ask, answer):
        for name, compiled in schemas.items():
            value = element.get(name)
            if value is None:
                continue
            place, error = first_error(compiled, value)
            what = f"{'/'.join(filter(None, [name, place]))} has not the shape that the sample shows"
            expected = f"{error.validator}: {error.validator_value}" if error else ""
            message = f"{what}: {expected}"
            ask.check(error is None, message, expected=expected, actual=error.instance if error else value, of=[answer])


@requirement(
    "SHAPE-06",
    SHOULD,
    "Elements have only documented properties",
    source=RESPONSE_BODY,
    fault="additional-property",
    observes_all=True,
)
def test_no_more_properties(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer."""
    if has_open_names(ask.contract):
        raise NotApplicable("an element may have any names: a map, or the columns that a query chooses")
    documented = {*ask.contract.properties, *more_shown(ask.contract)}
    for element in json_elements(ask, answer):
        more = ", ".join(name for name in element if name not in documented)
        message = f"elements have {more}, which the page does not list"
        ask.check(not more, message, expected="documented properties", actual=more, of=[answer])


@requirement("SHAPE-07", MAY, "Whether an int32, bool or date-time is null without $select", source=RESPONSE_BODY)
def test_null_numbers(ask: Probe) -> None:
    """The elements of the baseline response. The page does not say that a type excludes null: a task that never started
    has no date. Recorded, not judged."""
    require_properties(ask)
    require_data(ask)
    names = [
        name
        for name, schema in ask.contract.properties.items()
        if schema.get("type") in ("integer", "boolean", "number") or schema.get("format") == "date-time"
    ]
    if not names:
        raise NotApplicable("the page has no int32, bool or date-time in the response")
    found = [name for name in names if any(element.get(name, "") is None for element in ask.facts.elements)]
    ask.observe(f"null in some elements: {', '.join(found)}" if found else "never null")
