"""The results of a run, ``results.json``: one typed record, the verdict, and its JSON Schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from conformance.suite.result import Level, RequirementResult, Status

FORMAT = "conformance-results/1"


class Verdict(StrEnum):
    """The one word that a run ends with."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCONCLUSIVE = "inconclusive"

    @property
    def slug(self) -> str:
        """One word for a style sheet."""
        return self.value.partition(",")[0]

    @property
    def exit_status(self) -> int:
        """0 conformant, 1 non-conformant, 3 inconclusive."""
        return {"conformant": 0, "non-conformant": 1, "inconclusive": 3}[self.value]


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Which suite and which contract judged."""

    version: str
    contract_digest: str


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was tested."""

    url: str
    installation: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """How it was tested. ``started`` and ``finished`` are ISO 8601 with an offset."""

    started: str
    finished: str
    profile: str
    seed: int
    requests: int
    """How many requests went out, repeated ones included."""
    workers: int
    requests_digest: str
    """SHA-256 over all requests in order: equal for two runs that sent the same."""
    strict: bool = False
    interrupted: bool = False


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that discovery learned of the target, or did not find (``found`` false)."""

    operation: str
    name: str
    value: str
    found: bool = True


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the reports are made of, but the exchanges themselves."""

    format: str
    suite: Suite
    target: TargetInfo
    run: Run
    verdict: Verdict
    reason: str
    """The verdict in one sentence."""
    requirements: tuple[RequirementResult, ...]
    learned: tuple[Learned, ...] = ()

    @property
    def exit_status(self) -> int:
        """What the command ends with."""
        return self.verdict.exit_status


def decide(requirements: tuple[RequirementResult, ...], *, strict: bool = False) -> tuple[Verdict, str]:
    """The verdict and its reason: a pure function of what became of the requirements.

    A failed MUST (with ``strict`` also a warning) is non-conformant. Otherwise a MUST that applies and was not
    decided is inconclusive, and so is a run in which nothing passed.
    """
    failed = [r for r in requirements if r.status is Status.FAILED]
    warned = [r for r in requirements if r.status is Status.WARNING]
    undecided = [r for r in requirements if r.status is Status.INCONCLUSIVE and r.level is Level.MUST]
    passed = [r for r in requirements if r.status is Status.PASSED]
    if failed or (strict and warned):
        broken = failed + (warned if strict else [])
        return Verdict.NON_CONFORMANT, f"{_count(broken, 'requirement')} broken: {_ids(broken)}"
    if undecided:
        return Verdict.INCONCLUSIVE, f"{_count(undecided, 'MUST')} never decided: {_ids(undecided)}"
    if not passed:
        return Verdict.INCONCLUSIVE, "no requirement passed, so nothing was shown"
    warning = f", with {_count(warned, 'warning')}: {_ids(warned)}" if warned else ""
    return Verdict.CONFORMANT, f"{_count(passed, 'requirement')} passed{warning}"


def _count(items: list[RequirementResult], noun: str) -> str:
    return f"{len(items)} {noun}" if len(items) == 1 or noun.isupper() else f"{len(items)} {noun}s"


def _ids(items: list[RequirementResult]) -> str:
    names = list(dict.fromkeys(item.id for item in items))
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def to_json(results: Results) -> bytes:
    """``results.json``: UTF-8, indented, keys in the order of the records."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2)


def from_json(data: bytes) -> Results:
    """Read ``results.json`` back; raises ``msgspec.ValidationError`` where it does not fit."""
    return msgspec.json.decode(data, type=Results)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``results.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Results)}
