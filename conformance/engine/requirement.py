"""A requirement: id, level, statement, source, and the function that tries it; one decorator makes it.

    @requirement("SEL-03", MUST, "what was not selected is nulled", source=query("$select"),
                 fault="select-ignored", names=selections)
    def test_the_rest_is_nulled(ask: Ask, names: list[str]) -> None: ...

Keyword arguments of the decorator that are none of its own are draws: functions from ``Probe`` to a Hypothesis
strategy. The test function gets ``ask`` and what was drawn, and has no other contact to the world.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from conformance.contract.model import Fact, Operation
from conformance.engine.markers import markers_of
from conformance.engine.result import Level, Place

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from conformance.engine.probe import Probe

MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY

Draw = Callable[["Probe"], "SearchStrategy[Any]"]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a requirement comes from. ``find`` gives the line on an operation's page, None where it has no such.

    An RFC's section has ``line`` 0 and applies to every operation.
    """

    section: str
    find: Callable[[Operation], int | None]
    more: Callable[[Operation], Sequence[Fact]] = lambda operation: ()
    """Further facts that it rests on, such as the rows of a body's table."""

    def locate(self, operation: Operation) -> Place | None:
        """The place on this operation's page, or None: the requirement does not apply to it."""
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
    """A row of the page's query string parameters."""
    is_select = name.lower() == "$select"
    return Source(
        section=f"Query String Parameters: {name}",
        find=lambda op: _line(op.query_parameter(name)),
        more=lambda op: [op.select_example] if is_select and op.select_example else [],
    )


def header(name: str) -> Source:
    """A row of the page's request headers."""
    return Source(section=f"Request Headers: {name}", find=lambda op: _line(op.header(name)))


def rfc(number: int, section: str) -> Source:
    """A section of an RFC."""
    return Source(section=f"RFC {number}, section {section}", find=lambda op: 0)


def principle(text: str) -> Source:
    """What no page and no RFC says in so many words: robustness, secrecy."""
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
    """One testable statement. ``faults`` are those of the reference server that make it fail."""

    id: str
    level: Level
    title: str
    chapter: str
    source: Source
    faults: tuple[str, ...]
    body: Callable[..., None]
    draws: dict[str, Draw]
    observes_all: bool
    """Judges every exchange of the run instead of sending requests of its own."""
    smoke: bool
    judges_baseline: bool
    """Judges the documented request itself, so it is tried also where that is never accepted."""
    judges_disturbed: bool
    """Judges also answers that did not come again when their request was sent once more."""

    @property
    def doc(self) -> str:
        """How it is judged: the test function's docstring."""
        return inspect.getdoc(self.body) or ""


REGISTRY: dict[str, Requirement] = {}


def requirement(
    id: str,
    level: Level,
    title: str,
    *,
    source: Source,
    fault: str | tuple[str, ...] = (),
    observes_all: bool = False,
    smoke: bool = False,
    judges_baseline: bool = False,
    judges_disturbed: bool = False,
    **draws: Draw,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test function a requirement: it is registered, marked, and collected by pytest with ``ask`` alone.

    Raises ValueError where the id is taken.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        chapter = (inspect.getdoc(sys.modules[function.__module__]) or function.__module__).partition("\n")[0]
        if id in REGISTRY and REGISTRY[id].body.__qualname__ != function.__qualname__:
            raise ValueError(f"requirement {id} is defined twice: {function.__module__}.{function.__qualname__}")
        record = REGISTRY[id] = Requirement(
            id=id,
            level=level,
            title=title,
            chapter=chapter.rstrip("."),
            source=source,
            faults=(fault,) if isinstance(fault, str) else fault,
            body=function,
            draws=draws,
            observes_all=observes_all,
            smoke=smoke,
            judges_baseline=judges_baseline,
            judges_disturbed=judges_disturbed,
        )

        @functools.wraps(function)
        def test(ask: Probe) -> None:
            ask.execute(record)

        # pytest takes its fixtures from the signature; drawn values are none.
        test.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("ask", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        )
        test.record = record  # type: ignore[attr-defined]
        marks = (pytest.mark.requirement(id, level.value), *markers_of(function.__module__, level))
        return functools.reduce(lambda marked, mark: mark(marked), marks, test)

    return register
