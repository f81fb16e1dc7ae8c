"""Which requirements rest on a line of a page that changed since an earlier contract or run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from conformance.contract.folder import load
from conformance.core.errors import InputError
from conformance.core.files import read_text
from conformance.engine.requirement import Requirement
from conformance.engine.result import Place, RequirementResult

Before = Mapping[tuple[str, str], str]
"""The digest of what a requirement rested on, by operation and requirement."""


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    operation: str
    source: Place


class _Results(msgspec.Struct, frozen=True, kw_only=True):
    requirements: tuple[_Result, ...]


def read_before(path: Path, requirements: Iterable[Requirement]) -> Before:
    """What requirements rested on: in a schemas folder, or in the results.json of an earlier run.

    Raises InputError where ``path`` is neither.
    """
    if path.is_dir():
        places = (
            (each.operation.id, requirement.id, requirement.source.locate(each.operation))
            for each in load(path).operations
            for requirement in requirements
        )
        return {(operation, id): place.digest for operation, id, place in places if place}
    try:
        results = msgspec.json.decode(read_text(path), type=_Results)
    except msgspec.MsgspecError as error:
        raise InputError(f"--since {path}: neither a schemas folder nor a results.json: {error}") from None
    return {(each.operation, each.id): each.source.digest for each in results.requirements}


def mark(result: RequirementResult, before: Before) -> RequirementResult:
    """The result, marked where its source is new or says something else than before."""
    was = before.get((result.operation, result.id))
    changed = bool(result.source.line) and was != result.source.digest
    return msgspec.structs.replace(result, source_changed=changed) if changed else result
