"""What a page does not specify, and what is assumed instead."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract.model import Assumption, Body, Row, Sample, Selection
from conformance.pages.document import Document
from conformance.pages.parameters import SELECT, path_parameters, placeholders


def assumptions(
    document: Document,
    path: str,
    query: tuple[Row, ...],
    selection: Selection,
    request: Body | None,
    response: Body | None,
    sample_request: Sample | None,
    sample_response: Sample | None,
) -> Iterator[Assumption]:
    """The assumptions in the order of the page's lines."""
    for include in document.includes:
        if not include.found:
            yield Assumption(
                line=include.line, about=f"the included file {include.path} is missing", assumed="no sample"
            )
    known = {row.name.lower() for row in path_parameters(document)}
    for name in placeholders(path):
        if name.lower() not in known:
            yield Assumption(line=0, about=f"the placeholder {{{name}}} has no row", assumed="a string")
    for row in query:
        if row.name.lower() == SELECT and selection is Selection.UNSTATED:
            yield Assumption(line=row.line, about=f"{SELECT} does not say what becomes of the rest", assumed="nulls")
    for role, body, sample in (("request", request, sample_request), ("response", response, sample_response)):
        if body is not None:
            yield from _untyped(role, body, sample)


def _untyped(role: str, body: Body, sample: Sample | None) -> Iterator[Assumption]:
    shown = sample.body if sample else None
    if not body.properties and shown is None and not body.kind:
        assumed = f"{body.hint}, by its name or prose" if body.hint else "any content"
        yield Assumption(line=body.line, about=f"the {role} body has neither table nor sample", assumed=assumed)
    if body.properties and shown is None and not body.kind:
        assumed = f"an array, as {body.name} are several" if body.is_plural else "an object"
        yield Assumption(line=body.line, about=f"no sample shows whether the {role} is an array", assumed=assumed)
    samples = shown if isinstance(shown, list) else [shown]
    for row in body.properties:
        value = next((each[row.name] for each in samples if isinstance(each, dict) and row.name in each), None)
        if row.type.lower() == "array" and not value:
            yield Assumption(line=row.line, about=f"the items of {role} {row.name} are not shown", assumed="any items")
        elif not row.type and value is None:
            yield Assumption(line=row.line, about=f"the type of {role} {row.name} is not shown", assumed="an object")
