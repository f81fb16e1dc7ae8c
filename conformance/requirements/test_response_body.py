"""Response body.

Page: Response, Response body with its table; the sample shows what the table leaves open. RFC 8259, XML 1.0.

Every accepted answer of the run is judged, whoever asked for it; where $select was used, null is expected.
"""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.assertions import schemathesis_checks
from conformance.assertions.elements import require_data
from conformance.assertions.presence import check_presence, require_properties
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.date_times import is_zero_date, parse_date_time
from conformance.comparison.outcomes import NotApplicable
from conformance.comparison.response_schema import compile_schema, loose, nullable, without_required, without_texts
from conformance.comparison.sample import contradicts_kind, has_open_names, more_shown
from conformance.comparison.target_facts import NullStyle
from conformance.contract.schema_types import kinds
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, RESPONSE_BODY, SAMPLE_RESPONSE, SHOULD, rfc

INT32 = range(-(2**31), 2**31)


def is_result(ask: Probe, answer: Answer) -> bool:
    """Whether the answer must be a result of this operation: 2xx to a valid request of its own method and path."""
    request = answer.exchange.request
    return (
        answer.is_success
        and answer.intent.is_valid
        and ask.contract.response is not None
        and request.method == ask.operation.method
        and request.target.partition("?")[0] == ask.operation.path
    )


def is_ordinary(ask: Probe, answer: Answer) -> bool:
    """Whether the answer is a JSON result of this operation, with a body that parses."""
    return is_result(ask, answer) and is_json(answer.media_type) and not answer.json.problem


def unselected(answer: Answer) -> bool:
    """Whether the request had no query, so that every property has its value."""
    return "?" not in answer.exchange.request.target


def rows(ask: Probe, answer: Answer) -> list[dict[str, Any]]:
    """The elements of an ordinary answer; none where it is not one (SHAPE-01 says so)."""
    return (answer.elements or []) if is_ordinary(ask, answer) else []


def localised(answer: Answer) -> bool:
    """Whether a culture was asked for, under which CULT-02 judges."""
    return any(name.lower() == "so-culture" for name, _ in answer.exchange.request.headers)


@requirement(
    "SHAPE-01",
    MUST,
    "The answer to an accepted request is an array of objects",
    source=RESPONSE_BODY,
    fault=("object-instead-of-array", "null-for-empty"),
    observes_all=True,
    smoke=True,
)
def test_array_of_objects(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer. null where nothing matches is a warning."""
    if ask.contract.response is None or not is_ordinary(ask, answer):
        return
    value = answer.json.value
    kind = ask.contract.response.get("type")
    ask.warn_unless(
        value is not None, "the answer is null", expected=f"{kind}, empty if need be", actual="null", of=[answer]
    )
    if value is None:
        return
    if contradicts_kind(ask.contract):
        ask.observe(f"the answer is {type(value).__name__}; the page's heading and its sample disagree on what it is")
        return
    if kind == "array":
        ask.check(
            isinstance(value, list),
            "the answer is no array",
            expected="an array",
            actual=type(value).__name__,
            of=[answer],
        )
        objects = "object" in kinds(ask.contract.element)
        odd = [item for item in value if not isinstance(item, dict)] if objects else []
        ask.check(
            not odd, "an element is not an object", expected="an object", actual=odd[0] if odd else "", of=[answer]
        )
    elif kind == "object":
        ask.check(isinstance(value, dict), "the answer is no object", expected="an object", actual=value, of=[answer])


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
    """Every accepted JSON answer, by the schema that the table gave, and by Schemathesis' own check of it
    (response_schema_conformance) for the plain one. Strings and objects may be null."""
    elements = rows(ask, answer)
    if not elements or localised(answer):
        return
    compiled = compile_schema(msgspec.json.encode(loose(ask.contract)).decode())
    for element in elements:
        if compiled.fast.is_valid(element):
            ask.check(True, "", expected="", actual="", of=[])
            continue
        error = next(compiled.slow.iter_errors(element))
        name = "/".join(map(str, error.absolute_path))
        ask.check(
            False,
            f"{name} has another type than the page says",
            expected=_type(ask, name),
            actual=error.instance,
            of=[answer],
        )

    if answer.intent is Intent.BASELINE and unselected(answer):
        problem = schemathesis_checks.problem(answer, "response_schema_conformance")
        ask.check(
            problem is None,
            f"the answer does not fit the schema of the page: {problem}",
            expected="the response schema",
            actual=problem,
            of=[answer],
        )


def _type(ask: Probe, name: str) -> str:
    row = next(
        (row for row in (ask.operation.response.properties if ask.operation.response else ()) if row.name == name), None
    )
    return row.type if row else "its documented type"


def _of_format(ask: Probe, **wanted: str) -> list[str]:
    key, value = next(iter(wanted.items()))
    return [name for name, schema in ask.contract.properties.items() if schema.get(key) == value]


@requirement(
    "SHAPE-03",
    MUST,
    "int32 is an integer within 32 bits; bool is true or false",
    source=RESPONSE_BODY,
    fault=("count-beyond-int32", "count-as-float"),
    observes_all=True,
)
def test_integers_and_bools(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer. 3.0 is an integer by JSON Schema (2020-12, 6.1.1), but readers exist that take it for
    none: a warning."""
    if localised(answer):
        return
    for element in rows(ask, answer):
        for name, schema in ask.contract.properties.items():
            value = element.get(name)
            if value is None:
                continue
            if schema.get("type") == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
                wide = schema.get("format") != "int32"
                whole = isinstance(value, int) or value.is_integer()
                ask.check(
                    whole and (wide or int(value) in INT32),
                    f"{name} is not an {'integer' if wide else 'int32'}",
                    expected="an integer" if wide else "an integer within 32 bits",
                    actual=value,
                    of=[answer],
                )
                ask.warn_unless(
                    isinstance(value, int),
                    f"{name} is an integer that is written as a fraction",
                    expected=int(value),
                    actual=value,
                    of=[answer],
                )
            if schema.get("type") == "boolean":
                ask.check(
                    isinstance(value, bool),
                    f"{name} is not a bool",
                    expected="true or false",
                    actual=value,
                    of=[answer],
                )


@requirement(
    "SHAPE-04",
    MUST,
    "A date-time is ISO 8601, preferably with an offset",
    source=RESPONSE_BODY,
    fault=("date-us-format", "date-impossible", "offset-missing"),
    observes_all=True,
)
def test_date_times(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer without a time zone of its own (TZ-03 judges those). No offset is a warning."""
    headers = {name.lower() for name, _ in answer.exchange.request.headers}
    if "so-timezone" in headers or localised(answer):
        return
    for element in rows(ask, answer):
        for name in _of_format(ask, format="date-time"):
            value = element.get(name)
            if not isinstance(value, str):
                continue
            moment = parse_date_time(value)
            ask.check(
                moment is not None,
                f"{name} is no ISO 8601 date-time",
                expected="an ISO 8601 date-time",
                actual=value,
                of=[answer],
            )
            if moment is None or is_zero_date(moment):
                # The zero of a type without null is not a moment that an offset could tell more of.
                continue
            ask.warn_unless(
                moment.tzinfo is not None,
                f"{name} has no offset, as the sample has",
                expected="an offset",
                actual=value,
                of=[answer],
            )


@requirement(
    "SHAPE-05",
    MUST,
    "Objects that the table leaves open have the shape that the sample shows",
    source=SAMPLE_RESPONSE,
    fault="table-right-as-text",
    observes_all=True,
)
def test_open_objects(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer without $select: members are there and have the sample's types; further members are
    allowed, and so is null. Where the page calls the property ``object``, a text in the sample is one value of many:
    there may be any other in its place."""
    if not unselected(answer):
        return
    response = ask.operation.response
    opaque = {row.name for row in (response.properties if response else ()) if row.type.strip().lower() == "object"}
    # Who leaves out what is null leaves it out of objects too.
    writes_nulls = ask.facts.null_style is NullStyle.NULLS
    schemas = {
        name: without_texts(schema) if name in opaque else schema
        for name, schema in ask.contract.properties.items()
        if "properties" in schema or isinstance(schema.get("additionalProperties"), dict)
    }
    for element in rows(ask, answer):
        for name, schema in schemas.items():
            value = element.get(name)
            if value is None:
                continue
            wanted = nullable(schema if writes_nulls else without_required(schema))
            compiled = compile_schema(msgspec.json.encode(wanted).decode())
            if compiled.fast.is_valid(value):
                ask.check(True, "", expected="", actual="", of=[])
                continue
            error = next(compiled.slow.iter_errors(value))
            place = "/".join([name, *map(str, error.absolute_path)])
            ask.check(
                False,
                f"{place} has not the shape that the sample shows: {error.validator} {error.validator_value}",
                expected=f"{error.validator}: {error.validator_value}",
                actual=error.instance,
                of=[answer],
            )


@requirement(
    "SHAPE-06",
    SHOULD,
    "No property that is not documented",
    source=RESPONSE_BODY,
    fault="additional-property",
    observes_all=True,
)
def test_no_more_properties(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer."""
    if has_open_names(ask.contract):
        raise NotApplicable("an element may have any names: a map, or the columns that a query chooses")
    facts = {*ask.contract.properties, *more_shown(ask.contract)}
    for element in rows(ask, answer):
        more = [name for name in element if name not in facts]
        ask.check(
            not more,
            f"elements have {', '.join(more)}, which the page does not list",
            expected="documented properties",
            actual=", ".join(more),
            of=[answer],
        )


@requirement("SHAPE-07", MAY, "Whether an int32, bool or date-time is null without $select", source=RESPONSE_BODY)
def test_null_numbers(ask: Probe) -> None:
    """The elements of the plain answer. The page does not say that a type excludes null: a task that never started has
    no date. Recorded, not judged."""
    require_properties(ask)
    require_data(ask)
    names = [
        name
        for name, schema in ask.contract.properties.items()
        if schema.get("type") in ("integer", "boolean", "number") or schema.get("format") == "date-time"
    ]
    if not names:
        raise NotApplicable("the page has no int32, bool or date-time in the response")
    found = [name for name in names if any(row.get(name, "") is None for row in ask.facts.rows)]
    ask.observe(f"null in some elements: {', '.join(found)}" if found else "never null")


@requirement(
    "SHAPE-08",
    MUST,
    "JSON and XML are well-formed: JSON in UTF-8 without NaN or Infinity",
    source=rfc(8259, "8.1"),
    fault=("nan-in-json", "xml-unescaped", "xml-zone-mislabelled", "length-in-characters"),
    observes_all=True,
    smoke=True,
)
def test_well_formed(ask: Probe, answer: Answer) -> None:
    """Every accepted answer that says it is JSON or XML and has a body. A result without a body is not a JSON text; as
    the page says nothing of it, it is a warning."""
    if not answer.is_success:
        return
    if not answer.body:
        empty = answer.status in (204, 205) or answer.exchange.request.method == "HEAD"
        # A framework that leaves the body out leaves the type out too.
        typed = answer.media_type
        lacks = f"says that it is {typed}, and has no body" if typed else "has neither a type nor a body"
        if is_result(ask, answer) and not empty and (not typed or answer.is_xml or is_json(typed)):
            ask.warn_unless(
                False,
                f"the answer {lacks}",
                expected="null or an empty list where there is nothing",
                actual="no body",
                of=[answer],
            )
        return
    if answer.is_xml:
        ask.check(
            not answer.xml.problem,
            f"the XML is not well-formed: {answer.xml.problem}",
            expected="XML 1.0",
            actual=answer.text,
            of=[answer],
        )
    elif is_json(answer.media_type):
        ask.check(
            not answer.json.problem,
            f"the JSON is not well-formed: {answer.json.problem}",
            expected="JSON (RFC 8259)",
            actual=answer.text,
            of=[answer],
        )
        ask.check(
            not answer.body.startswith(b"\xef\xbb\xbf"),
            "the JSON starts with a byte order mark",
            expected="no byte order mark (RFC 8259 8.1)",
            actual=repr(answer.body[:8]),
            of=[answer],
        )
        try:
            answer.body.decode("utf-8")
        except UnicodeDecodeError as error:
            ask.check(
                False,
                f"the JSON is not UTF-8: byte {error.start}",
                expected="UTF-8 (RFC 8259 8.1)",
                actual=repr(answer.body[max(0, error.start - 20) : error.start + 20]),
                of=[answer],
            )


@requirement(
    "SHAPE-09",
    SHOULD,
    "Names within a JSON object are unique",
    source=rfc(8259, "4"),
    fault="duplicate-names",
    observes_all=True,
)
def test_unique_names(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer."""
    if is_ordinary(ask, answer) and answer.body:
        names = ", ".join(dict.fromkeys(answer.json.repeated))
        ask.check(
            not names, f"a JSON object has {names} more than once", expected="unique names", actual=names, of=[answer]
        )


@requirement(
    "SHAPE-10",
    MUST,
    "Every documented property is present on every element",
    source=RESPONSE_BODY,
    fault="property-forgotten",
    observes_all=True,
    smoke=True,
)
def test_every_property_is_present(ask: Probe, answer: Answer) -> None:
    """Every accepted JSON answer without $select: each element has each property of the page's table, null or not. If
    the target leaves out what is null, a property that only some elements have is a warning, and one that none has is
    undecided."""
    require_properties(ask)
    if unselected(answer):
        check_presence(ask, answer, rows(ask, answer))
