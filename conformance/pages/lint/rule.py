"""A rule: id, level, statement, and the function that finds the problems; one decorator makes it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from conformance.contract.model import Body, Operation, OperationContract, Sample
from conformance.core.json_lines import Pointer
from conformance.pages.document import Document


class Level(enum.StrEnum):
    """How bad it is, in SARIF's words (SARIF 2.1.0, 3.27.10)."""

    WARNING = "warning"
    """The page says two things; one of them is wrong."""
    NOTE = "note"
    """The page does not specify something, or says it in an unusual way."""


class Problem(msgspec.Struct, frozen=True):
    """What a rule finds: a line, what is wrong there, and what the compiler assumed."""

    line: int
    message: str
    assumed: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with the rule and the page that it is of."""

    rule: str
    level: Level
    path: str
    line: int
    message: str
    assumed: str
    operation: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page as rules see it: the document, what it says, and what was derived from it alone."""

    path: Path
    document: Document
    contract: OperationContract
    request_lines: dict[Pointer, int]
    response_lines: dict[Pointer, int]

    @property
    def operation(self) -> Operation:
        """What the page says."""
        return self.contract.operation

    def bodies(self) -> Iterator[tuple[str, Body, Sample, dict[Pointer, int]]]:
        """The documented bodies that have a sample: role, body, sample, and the lines of the sample's members."""
        operation = self.operation
        if operation.request and operation.sample_request:
            yield "request", operation.request, operation.sample_request, self.request_lines
        if operation.response and operation.sample_response:
            yield "response", operation.response, operation.sample_response, self.response_lines


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which pages contradict themselves."""

    id: str
    level: Level
    title: str


RULES: dict[str, Rule] = {}
PAGE_RULES: list[tuple[Rule, Callable[[Page], Iterable[Problem]]]] = []

Check = Callable[[Page], Iterable[Problem]]


def declare(id: str, level: Level, title: str) -> Rule:
    """Register a rule; ValueError if the id is taken."""
    if id in RULES:
        raise ValueError(f"rule {id} is defined twice")
    found = RULES[id] = Rule(id=id, level=level, title=title)
    return found


def rule(id: str, level: Level, title: str) -> Callable[[Check], Check]:
    """Make a function from a page to problems a rule."""

    def register(function: Check) -> Check:
        PAGE_RULES.append((declare(id, level, title), function))
        return function

    return register


def elements(value: object) -> Iterator[tuple[Pointer, dict[str, object]]]:
    """The objects that a sample body shows, each with its pointer: the body, or the elements of the array it is."""
    listed: list[tuple[Pointer, object]] = [((), value)]
    if isinstance(value, list):
        listed = [((index,), element) for index, element in enumerate(value)]
    for at, element in listed:
        if isinstance(element, dict):
            yield at, element
