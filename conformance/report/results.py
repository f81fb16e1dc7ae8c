"""The results of a run, ``results.json``: one typed record, the verdict, and its JSON Schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from conformance.options.effective import UsedOption
from conformance.report.known import BaselineReport
from conformance.suite.config import Config
from conformance.suite.result import Level, RequirementResult, Status

REFERENCE = "reference"
FORMAT = "conformance-results/1"


class Verdict(StrEnum):
    """The one word that a run ends with."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    ALL_KNOWN = "non-conformant, all known"
    """Every failure is in the baseline. It is none the less no conformance."""
    INCONCLUSIVE = "inconclusive"

    @property
    def slug(self) -> str:
        """One word for a style sheet."""
        return self.value.partition(",")[0]

    @property
    def exit_status(self) -> int:
        """0 conformant, 1 non-conformant, 3 inconclusive."""
        return {Verdict.CONFORMANT: 0, Verdict.INCONCLUSIVE: 3}.get(self, 1)


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Which suite and which contract judged."""

    version: str
    contract_digest: str
    pages: str = "schemas/pages"
    """Folder of the documentation pages, for formats that point to their lines."""


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was tested."""

    url: str
    installation: str
    given: str = ""
    """How it was named where the run itself started it: ``app:package.module:name``, or REFERENCE."""


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
    config: Config = Config()
    """What was known of the target beforehand."""
    options: dict[str, UsedOption] = {}
    """Every option of the run by its name, its value without secrets, and where that was given."""


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
    baseline: BaselineReport | None = None

    @property
    def exit_status(self) -> int:
        """What the command ends with: the verdict's, but for what the baseline and its options change."""
        if self.baseline is None:
            return self.verdict.exit_status
        if self.baseline.stale and not self.baseline.lenient:
            return 1
        if self.verdict is Verdict.ALL_KNOWN and self.baseline.accept_known:
            # What was never decided is not made good by what is known.
            return 3 if any(_undecided_must(result) for result in self.requirements) else 0
        return self.verdict.exit_status

    def accepts(self, result: RequirementResult) -> bool:
        """Whether the result's failure is known and the user accepts that."""
        return bool(result.known) and self.baseline is not None and self.baseline.accept_known


def _undecided_must(result: RequirementResult) -> bool:
    return result.status is Status.INCONCLUSIVE and result.level is Level.MUST


def with_baseline(verdict: Verdict, reason: str, baseline: BaselineReport) -> tuple[Verdict, str]:
    """The verdict and its reason in the light of what is known; never turns conformant."""
    if verdict is Verdict.NON_CONFORMANT and baseline.all_known:
        verdict, reason = Verdict.ALL_KNOWN, f"{reason}, as {baseline.file} says"
    if baseline.stale:
        count = len(baseline.stale)
        entries = "1 entry does" if count == 1 else f"{count} entries do"
        reason += f"; {entries} not fit any more in {baseline.file}"
    return verdict, reason


def decide(requirements: tuple[RequirementResult, ...], *, strict: bool = False) -> tuple[Verdict, str]:
    """The verdict and its reason: a pure function of what became of the requirements.

    A failed MUST (with ``strict`` also a warning) is non-conformant. Otherwise a MUST that applies and was not
    decided is inconclusive, and so is a run in which nothing passed.
    """
    failed = [r for r in requirements if r.status is Status.FAILED]
    warned = [r for r in requirements if r.status is Status.WARNING]
    undecided = [r for r in requirements if _undecided_must(r)]
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
