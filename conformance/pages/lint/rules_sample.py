"""Rules of samples against the rest of their page: types, members, dates, headers, statuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from conformance.contract.derive import is_patch
from conformance.core.json_lines import Pointer
from conformance.pages.lint.rule import Level, Page, Problem, elements, rule

_WORDS = {dict: "an object", list: "an array", str: "a text", bool: "a boolean", int: "an integer", float: "a number"}
_IMPLIED = {"host", "content-length", "connection", "user-agent", "date", "transfer-encoding"}


@rule("sample-type", Level.WARNING, "a sample's value is not of the type that the table gives")
def sample_types(page: Page) -> Iterator[Problem]:
    for role, schema, value, lines in _sampled(page):
        for error in _errors(schema, value):
            at = tuple(error.instance_path)
            if getattr(error.kind, "format", None) == "date-time":
                continue
            if at or not isinstance(value, (dict, list)) or role == "response":
                said = _said(schema, list(error.schema_path))
                shown = _WORDS.get(type(error.instance), "null")
                keyword = error.schema_path[-1]
                message = f"{role} {_name(at)}: the sample shows {shown}, the page says {said}"
                if keyword == "required":
                    # Another rule reports which members are missing.
                    continue
                yield Problem(_line(lines, at), message, "the table")


@rule("sample-date", Level.WARNING, "a sample shows a date-time that is not valid")
def sample_dates(page: Page) -> Iterator[Problem]:
    for role, schema, value, lines in _sampled(page):
        for error in _errors(schema, value):
            if getattr(error.kind, "format", None) == "date-time":
                at = tuple(error.instance_path)
                message = f"{role} {_name(at)}: {str(error.instance)[:40]!r} is not a date-time (RFC 3339)"
                yield Problem(_line(lines, at), message, "the table")


@rule("sample-unknown-property", Level.WARNING, "a sample shows a property that the table does not have")
def unknown_properties(page: Page) -> Iterator[Problem]:
    for role, body, sample, lines in page.bodies():
        known = {row.name for row in body.properties}
        for at, element in elements(sample.body):
            for name in element:
                if known and name not in known:
                    message = f"the {role} sample has {name}, which the table does not have"
                    yield Problem(_line(lines, (*at, name)), message, "the table, and that objects may have more")


@rule("sample-lacks-property", Level.WARNING, "a sample lacks a property that the table has")
def missing_properties(page: Page) -> Iterator[Problem]:
    for role, body, sample, lines in page.bodies():
        for at, element in elements(sample.body):
            missing = [row.name for row in body.properties if row.name not in element]
            if missing:
                message = f"the {role} sample lacks {', '.join(missing[:5])}{'...' if len(missing) > 5 else ''}"
                yield Problem(_line(lines, at), message, "the table")


@rule("sample-missing", Level.NOTE, "a body has a table, but no sample")
def missing_samples(page: Page) -> Iterator[Problem]:
    operation = page.operation
    for role, body, sample in (
        ("request", operation.request, operation.sample_request),
        ("response", operation.response, operation.sample_response),
    ):
        if body and body.properties and (sample is None or (sample.body is None and not sample.raw)):
            yield Problem(body.line, f"the {role} body has a table, but no sample", "the table")


@rule("sample-header", Level.WARNING, "a sample has a header that the page does not list")
def headers(page: Page) -> Iterator[Problem]:
    operation = page.operation
    known = {row.name.lower() for row in operation.headers} | _IMPLIED
    for what, sample, allowed in (
        ("request", operation.sample_request, known),
        ("response", operation.sample_response, _IMPLIED | {"content-type"}),
    ):
        for number, (name, _) in enumerate(sample.headers if sample else (), 1):
            if sample and name.lower() not in allowed:
                message = f"the sample {what} has the header {name}, which the page does not list"
                yield Problem(0 if sample.page else sample.line + number, message, "the page's list")


@rule("sample-media-type", Level.WARNING, "a sample uses a media type that the page does not list")
def media_types(page: Page) -> Iterator[Problem]:
    operation = page.operation
    accepted = {fact.name.lower() for fact in operation.response_types}
    for header, sample, known in (
        ("Content-Type", operation.sample_request, {fact.name.lower() for fact in operation.request_types}),
        ("Accept", operation.sample_request, accepted),
        ("Content-Type", operation.sample_response, accepted),
    ):
        value = sample.header(header).partition(";")[0].strip() if sample else ""
        if sample and value and known and value.lower() not in known:
            role = "request" if sample is operation.sample_request else "response"
            message = f"the sample {role} has {header} {value}, which the page does not list"
            yield Problem(0 if sample.page else sample.line, message, "the page's list")


@rule("sample-status", Level.WARNING, "a sample has a status that the page does not list")
def status(page: Page) -> Iterator[Problem]:
    sample = page.operation.sample_response
    code = sample.start.split(" ")[1] if sample else ""
    if sample and code not in {row.name for row in page.operation.statuses}:
        yield Problem(0 if sample.page else sample.line, f"the sample answers {code}, no row says so", "the table")


@rule("sample-content", Level.WARNING, "a sample shows content for a status that has none")
def content(page: Page) -> Iterator[Problem]:
    sample = page.operation.sample_response
    if sample and sample.start.split(" ")[1] in ("204", "304") and (sample.body_line or sample.header("Content-Type")):
        code = sample.start.split(" ")[1]
        message = f"the sample shows content with {code} (RFC 9110, 6.4.1)"
        yield Problem(0 if sample.page else sample.line, message, "no content")


@rule("sample-operation", Level.WARNING, "the sample request is for another operation")
def other_operation(page: Page) -> Iterator[Problem]:
    operation, sample = page.operation, page.operation.sample_request
    if sample is None:
        return
    method, path = sample.start.split(" ")[:2]
    if (method, _plain(path)) != (operation.method, _plain(operation.path)):
        message = f"the sample request is for {method} {path}, the page documents {operation.method} {operation.path}"
        yield Problem(0 if sample.page else sample.line, message, "the page")


def _plain(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path.partition("?")[0])


def _sampled(page: Page) -> Iterator[tuple[str, dict[str, Any], Any, dict[Pointer, int]]]:
    schemas = {"request": page.contract.request, "response": page.contract.response}
    for role, body, sample, lines in page.bodies():
        schema = schemas[role]
        if schema is not None and sample.body is not None and not (is_patch(body) and not sample.body):
            yield role, schema, sample.body, lines


def _errors(schema: dict[str, Any], value: Any) -> Iterator[Any]:
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    yield from validator.iter_errors(value)


def _said(schema: Any, path: list[Any]) -> str:
    for step in path[:-1]:
        schema = schema[step]
    value = schema.get(path[-1]) if isinstance(schema, dict) else None
    if path[-1] in ("minimum", "maximum", "format"):
        return str(schema.get("format", value))
    listed = value if isinstance(value, list) else [value]
    return " or ".join(str(each) for each in listed if each != "null")


def _name(at: Pointer) -> str:
    return "/".join(str(step) for step in at) or "body"


def _line(lines: dict[Pointer, int], at: Pointer) -> int:
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 0)
