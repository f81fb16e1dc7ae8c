"""What of a page is tested: each line with the requirements that are based on it, or the reason why none can be.

A line counts as covered only if a real run exercised a requirement that is based on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from conformance.contract.model import Body, Operation, OperationContract, Sample
from conformance.engine.requirement import Requirement
from conformance.engine.result import RequirementResult, Status

EXERCISED = (Status.PASSED, Status.FAILED, Status.WARNING, Status.OBSERVED)

_TABLE_HEAD = r"\|[^|]*(?:Name|Part|Response)[^|]*\|.*Description.*\|"
_STRUCTURE = re.compile(rf"\s*(?:---|#.*|```.*|{_TABLE_HEAD}|[a-z]+: .*)\s*")
_DELIMITERS = re.compile(r"\|[\s:|-]+\|\s*")

# What a property means inside the server's database shows in no answer; what does show has another requirement.
_MEANING = "what the value means inside the server's own data shows in no answer"


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a page: a line, or a cell of a row."""

    line: int
    part: str
    text: str
    requirements: tuple[str, ...] = ()
    exercised: tuple[str, ...] = ()
    """Those of the requirements that the run exercised."""
    reason: str = ""
    """Why no requirement can be based on it, if none is."""

    @property
    def state(self) -> str:
        """``covered``, ``not exercised``, ``untestable`` (with its reason) or ``uncovered``."""
        if self.requirements:
            return "covered" if self.exercised else "not exercised"
        return "untestable" if self.reason else "uncovered"


def coverage(
    contract: OperationContract,
    page: str,
    requirements: Iterable[Requirement],
    results: Mapping[str, RequirementResult],
    unseen: Iterable[str] = (),
) -> list[Covered]:
    """Every line of a page that says something, in its order.

    ``results`` are those of a run by requirement; ``unseen`` names the properties that the run never saw with a value,
    whose types it could not exercise.
    """
    listed = list(requirements)
    by_line = _requirements_by_line(contract.operation, listed)
    words = {each.id: f"{each.title} {each.doc}" for each in listed}
    never = set(unseen)
    rows = _property_rows(contract.operation)
    samples = _sample_lines(contract.operation, page)
    found: list[Covered] = []
    for number, text in enumerate(page.split("\n"), 1):
        if not text.strip() or _DELIMITERS.fullmatch(text):
            continue
        ids = by_line.get(number) or by_line.get(samples.get(number, 0), ())
        if number in rows:
            found += _row(number, text, rows[number], ids, results, never, words)
        else:
            found.append(_part(number, "line", text, ids, results, _why_not(number, text, page)))
    return found


def _requirements_by_line(operation: Operation, requirements: Iterable[Requirement]) -> dict[int, tuple[str, ...]]:
    """The requirements that are based on each line."""
    found: dict[int, list[str]] = {}
    for requirement in requirements:
        place = requirement.source.locate(operation)
        if place and place.line:
            lines = {place.line, *(fact.line for fact in requirement.source.more(operation))}
            for line in lines:
                found.setdefault(line, []).append(requirement.id)
    return {line: tuple(ids) for line, ids in found.items()}


def _property_rows(operation: Operation) -> dict[int, str]:
    bodies: list[Body | None] = [operation.request, operation.response]
    return {row.line: row.name for body in bodies if body for row in body.properties}


def _sample_lines(operation: Operation, page: str) -> dict[int, int]:
    """The first line of the sample that a line belongs to."""
    lines = page.split("\n")
    found: dict[int, int] = {}
    samples: list[Sample | None] = [operation.sample_request, operation.sample_response]
    for sample in samples:
        number = sample.line if sample and not sample.page else 0
        while number and number <= len(lines) and not lines[number - 1].startswith("```"):
            found[number] = sample.line if sample else 0
            number += 1
    return found


def _row(
    number: int,
    text: str,
    name: str,
    ids: tuple[str, ...],
    results: Mapping[str, RequirementResult],
    never: set[str],
    words: Mapping[str, str],
) -> list[Covered]:
    """A row of a body's table, cell by cell: name and type are tested, of the description what can show."""
    cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
    kind, description = (cells[1] if len(cells) > 1 else ""), " | ".join(cells[2:])
    own = tuple(each for each in ids if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words[each]))
    parts = [_part(number, "name", cells[0], ids, results, "")]
    if kind:
        typed = _part(number, "type", kind, ids, results, "")
        if name in never:
            reason = "the run never saw it with a value"
            typed = msgspec.structs.replace(typed, exercised=(), reason=reason)
        parts.append(typed)
    if description:
        parts.append(_part(number, "description", description, own, results, _MEANING))
    return parts


def _part(
    number: int, part: str, text: str, ids: tuple[str, ...], results: Mapping[str, RequirementResult], reason: str
) -> Covered:
    exercised = tuple(id for id in ids if id in results and results[id].status in EXERCISED)
    return Covered(
        line=number, part=part, text=text.strip(), requirements=ids, exercised=exercised, reason="" if ids else reason
    )


def _why_not(number: int, text: str, page: str) -> str:
    """Why no requirement is based on a line: it only gives the page its shape, or repeats what rows below it say."""
    if _STRUCTURE.fullmatch(text):
        return "gives the page its shape, states nothing of the operation"
    following = page.split("\n")[number : number + 3]
    if any("Property Name" in line for line in following):
        return "lists the names of the rows below it, which are tested"
    return ""


def summary(parts: Iterable[Covered]) -> dict[str, int]:
    """How many parts are in each state."""
    counted: dict[str, int] = {}
    for part in parts:
        counted[part.state] = counted.get(part.state, 0) + 1
    return counted


def as_record(part: Covered) -> dict[str, Any]:
    """For JSON: the part with its state."""
    return {**msgspec.to_builtins(part), "state": part.state}
