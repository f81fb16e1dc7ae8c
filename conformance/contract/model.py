"""What a documentation page says of one operation, each fact with its line.

The pages make these records (``conformance.pages``), ``schemas/`` keeps them, everything else reads them.
They hold facts only: names, types, paths, codes, media types and samples; no sentence of a page.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from conformance.contract.effect import CallEffect
from conformance.contract.source_map import SourceMap


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something that one line of a page states, such as a documented status or a media type."""

    name: str
    line: int


class Row(Fact, frozen=True, kw_only=True):
    """A table row: a parameter, a header, a status or a body's property; ``type`` as the page spells it."""

    type: str = ""
    required: bool = False
    """Whether the row says that a parameter is required."""


class Sample(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A sample request or response, as the page shows it.

    ``start`` is the request or status line, ``body`` the parsed JSON (None if there is none);
    ``line`` is that of the start line, ``body_line`` that of the body's first line (0 without a body). ``page`` is
    the file that the lines are of, if that is another one, which the page includes.
    """

    line: int
    start: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None
    body_line: int = 0
    raw: bool = False
    """Whether there is a body and it is not JSON, such as the bytes of a picture."""
    page: str = ""

    def header(self, name: str) -> str:
        """The value of the header ``name`` (any case); empty if the sample has none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")


class Selection(StrEnum):
    """What ``$select`` does with what it does not name."""

    UNSTATED = ""
    NULLS = "nulls"
    """The response keeps its properties; those that are not named are null."""
    COLUMNS = "columns"
    """It names the columns of a list: a query decides which there are, and no table shows them."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that the page does not specify, and what is assumed instead."""

    line: int
    about: str
    assumed: str


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A documented request or response body: the heading's line, its kind and its table."""

    line: int
    kind: str
    """``array``, ``object``, a named type, or empty if the page says nothing."""
    name: str = ""
    properties: tuple[Row, ...] = ()
    hint: str = ""
    """The type that the prose below the heading names, if neither table nor sample does."""

    @property
    def is_plural(self) -> bool:
        """Whether the name is that of several (``entities``), so that without a sample it stands for an array."""
        return self.name.endswith("s") and not self.name.endswith(("ss", "us", "is"))


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One documented operation: method, path, parameters, media types, bodies, statuses, samples."""

    id: str
    """The page's own ``id`` (front matter)."""
    title: str
    page: str
    """File name of the page."""
    method: str
    path: str
    line: int
    """The line of the method and path."""
    effect: CallEffect
    """Whether a call changes data; only what ``reads`` is ever called."""
    effect_reason: str
    """Why that was decided, in words that follow the operation's name (``effect.py``)."""
    summary_line: int = 0
    path_parameters: tuple[Row, ...] = ()
    query: tuple[Row, ...] = ()
    headers: tuple[Row, ...] = ()
    schemes: tuple[Fact, ...] = ()
    """Authorization schemes, spelled as on the page."""
    request_types: tuple[Fact, ...] = ()
    response_types: tuple[Fact, ...] = ()
    request: Body | None = None
    response: Body | None = None
    statuses: tuple[Row, ...] = ()
    """``name`` is the code (``"200"``), ``type`` the reason phrase."""
    select_example: Fact | None = None
    """The value of ``$select`` in the page's own example."""
    selection: Selection = Selection.UNSTATED
    """What the row of ``$select`` says that it does; unstated without such a row."""
    notes: tuple[Fact, ...] = ()
    """Headings that are prose, by their beginning: ``Online Restricted``, ``Experimental``."""
    sample_request: Sample | None = None
    sample_response: Sample | None = None
    assumptions: tuple[Assumption, ...] = ()
    digests: dict[int, str] = {}
    """For each line of a fact, a digest of what the line says."""

    def header(self, name: str) -> Row | None:
        """The row of the request header ``name`` (any case), if the page has one."""
        return _find(self.headers, name)

    def query_parameter(self, name: str) -> Row | None:
        """The row of the query parameter ``name`` (any case), if the page has one."""
        return _find(self.query, name)

    @property
    def is_agent(self) -> bool:
        """Whether the path names a call of its own rather than a resource."""
        return is_call(self.path)


def is_call(path: str) -> bool:
    """Whether a path names a call of its own (``.../Agents/...``) rather than a resource."""
    return "/agents/" in path.lower()


def _find(rows: tuple[Row, ...], name: str) -> Row | None:
    return next((row for row in rows if row.name.lower() == name.lower()), None)


class OperationContract(msgspec.Struct, frozen=True, kw_only=True):
    """An operation with its JSON Schemas (2020-12).

    ``request`` and ``response`` are None if the page documents no such body; beside each one is where it comes from.
    """

    operation: Operation
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    request_source: SourceMap = SourceMap()
    response_source: SourceMap = SourceMap()

    @property
    def element(self) -> dict[str, Any]:
        """The schema of one response element: the array's items, or the response itself; ``{}`` without one."""
        response = self.response or {}
        items: dict[str, Any] = response.get("items", response)
        return items

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """The documented properties of one response element with their schemas, in the page's order."""
        found: dict[str, dict[str, Any]] = self.element.get("properties", {})
        return found


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """The operations of a set of pages; ``digest`` changes when any fact changes (SHA-256, hexadecimal)."""

    operations: tuple[OperationContract, ...]
    digest: str
