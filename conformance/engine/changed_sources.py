"""Marks the requirements whose source, a line of a page, has changed since an earlier contract or run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from conformance.contract.folder import load
from conformance.core.errors import InputError
from conformance.core.files import read_text
from conformance.engine.requirement import Requirement
from conformance.engine.result import Place

Before = Mapping[tuple[str, str], str]
"""The earlier digest of a requirement's source, by operation and requirement."""


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    operation: str
    source: Place


class _Results(msgspec.Struct, frozen=True, kw_only=True):
    requirements: tuple[_Result, ...]


def read_before(path: Path, requirements: Iterable[Requirement]) -> Before:
    """Read the digests of the sources from a contract folder, or from the results.json of an earlier run.

    Raises InputError if ``path`` is neither.
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
        raise InputError(f"--since {path}: neither a contract folder nor a results.json: {error}") from None
    return {(each.operation, each.id): each.source.digest for each in results.requirements}


def is_changed(requirement: str, operation: str, source: Place, before: Before) -> bool:
    """Whether the source is a line that is new or whose text has changed."""
    return bool(source.line) and before.get((operation, requirement)) != source.digest
