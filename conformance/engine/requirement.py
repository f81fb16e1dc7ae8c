"""A requirement as data: id, level, statement, source, and the function that tries it."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from conformance.contract.model import Fact, Operation
from conformance.engine.result import Level, Place

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from conformance.engine.probe import Probe

MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY

Draw = Callable[["Probe"], "SearchStrategy[Any]"]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a requirement is based on. ``find`` returns the line on an operation's page, or None if it has no such line.

    The line of an RFC's section is 0; it applies to every operation.
    """

    section: str
    find: Callable[[Operation], int | None]
    more: Callable[[Operation], Sequence[Fact]] = lambda operation: ()
    """Other facts that the requirement is based on, such as the properties in the table of a body."""

    def locate(self, operation: Operation) -> Place | None:
        """The place on this operation's page; None if the requirement does not apply to the operation."""
        line = self.find(operation)
        if line is None:
            return None
        lines = (line, *(fact.line for fact in self.more(operation)))
        digests = [operation.digests[each] for each in lines if each in operation.digests]
        joined = hashlib.sha256("".join(digests).encode()).hexdigest()[:12]
        digest = joined if len(digests) > 1 else "".join(digests)
        return Place(page=operation.page if line else "", section=self.section, line=line, digest=digest)


def _line(fact: Fact | None) -> int | None:
    return fact.line if fact else None


def query(name: str) -> Source:
    """A parameter in the page's table of query string parameters."""
    is_select = name.lower() == "$select"
    return Source(
        section=f"Query String Parameters: {name}",
        find=lambda op: _line(op.query_parameter(name)),
        more=lambda op: [op.select_example] if is_select and op.select_example else [],
    )


def header(name: str) -> Source:
    """A header in the page's table of request headers."""
    return Source(section=f"Request Headers: {name}", find=lambda op: _line(op.header(name)))


def rfc(number: int, section: str) -> Source:
    """A section of an RFC."""
    return Source(section=f"RFC {number}, section {section}", find=lambda op: 0)


def principle(text: str) -> Source:
    """A principle that is not the text of a page or an RFC, such as robustness or secrecy."""
    return Source(section=text, find=lambda op: 0)


STATUS = Source(
    section="Response",
    find=lambda op: op.statuses[0].line if op.statuses else None,
    more=lambda op: (*op.statuses[1:], Fact(name=op.path, line=op.line)),
)
SUMMARY = Source(section="Summary", find=lambda op: op.summary_line or op.line)
REQUEST_BODY = Source(
    section="Request Body",
    find=lambda op: op.request.line if op.request else None,
    more=lambda op: op.request.properties if op.request else (),
)
RESPONSE_BODY = Source(
    section="Response body",
    find=lambda op: op.response.line if op.response else None,
    more=lambda op: op.response.properties if op.response else (),
)
SAMPLE_REQUEST = Source(section="Sample Request", find=lambda op: op.sample_request.line if op.sample_request else None)
SAMPLE_RESPONSE = Source(
    section="Sample Response", find=lambda op: op.sample_response.line if op.sample_response else None
)


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One testable statement. ``faults`` are the faults of the reference server that make it fail."""

    id: str
    level: Level
    title: str
    chapter: str
    module: str
    """The full name of the module that defines it."""
    source: Source
    faults: tuple[str, ...]
    body: Callable[..., None]
    draws: dict[str, Draw]
    observes_all: bool
    """Whether it is a run-wide check: it sends no requests, and judges every exchange of the run."""
    smoke: bool
    judges_baseline: bool
    """Whether it judges the documented request itself, so that it is tried even if this request always fails."""
    installation: str
    """The kind of installation that it applies to, ``onsite`` or ``online``; empty for both."""
    judges_disturbed: bool
    """Whether it also judges answers that were different when their request was sent again."""

    @property
    def doc(self) -> str:
        """How it is judged: the test function's docstring."""
        return inspect.getdoc(self.body) or ""
