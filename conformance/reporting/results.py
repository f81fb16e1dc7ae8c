"""The results of a run, ``results.json``: one typed record, and its JSON Schema."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from conformance.core.json_bytes import to_json_bytes
from conformance.engine.baseline.application import BaselineReport
from conformance.engine.config import Config
from conformance.engine.options.effective import UsedOption
from conformance.engine.result import RequirementResult, Status
from conformance.reporting.exit_status import Exit, exit_for
from conformance.reporting.verdict import WHOLE, Scope, Verdict

REFERENCE = "reference"
FORMAT = "conformance-results/2"
FORMER = "conformance-results/1"
"""Still read: it lacks the scope and what came with it."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Which suite and which contract were used."""

    version: str
    contract_digest: str
    pages: str = "schemas/pages"
    """Folder of the documentation pages, for formats that point to their lines."""


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was tested."""

    url: str
    installation: str
    given: str = ""
    """How it was named if the run itself started it: ``app:package.module:name``, or REFERENCE."""


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
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
    id: str = ""
    """In every report of the run and in the User-Agent of its requests: 32 hexadecimal digits."""
    strict: bool = False
    fail_on: tuple[str, ...] = ()
    """What ``--fail-on`` named."""
    interrupted: bool = False
    unfinished: bool = False
    """Whether the run is still going on, or was killed."""
    stopped: str = ""
    """Why nothing more was tried from some point on."""
    error: int = 0
    """2 or 4, the exit status, if nothing could be tested; ``reason`` says why."""
    config: Config = Config()
    """What the configuration says of the target."""
    options: dict[str, UsedOption] = {}
    """Every option of the run by its name, its value without secrets, and where it was given."""


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that discovery found out about the target, or did not find (``found`` false)."""

    operation: str
    name: str
    value: str
    found: bool = True


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the reports are made of, except the exchanges."""

    format: str
    suite: Suite
    target: TargetInfo
    run: RunInfo
    verdict: Verdict
    reason: str
    """The verdict in one sentence."""
    requirements: tuple[RequirementResult, ...]
    scope: Scope = WHOLE
    learned: tuple[Discovered, ...] = ()
    baseline: BaselineReport | None = None

    @property
    def exit(self) -> Exit:
        """What the command ends with, and by which rule: the verdict's, except for what options and baseline change."""
        run = self.run
        cut_short = (
            "the run was interrupted" if run.interrupted else "the run has not finished" if run.unfinished else ""
        )
        return exit_for(
            self.requirements,
            verdict=self.verdict,
            strict=run.strict,
            fail_on=run.fail_on,
            baseline=self.baseline,
            cut_short=cut_short or run.stopped,
            error=run.error,
        )

    @property
    def counts(self) -> dict[str, Counter[Status]]:
        """How many requirements of each chapter have which status, by chapter."""
        chapters: dict[str, Counter[Status]] = {}
        for result in self.requirements:
            chapters.setdefault(result.chapter, Counter())[result.status] += 1
        return chapters

    @property
    def exit_status(self) -> int:
        """What the command ends with."""
        return self.exit.status

    @property
    def sentence(self) -> str:
        """The verdict with its reason, as every report begins."""
        return f"{self.verdict.value}: {self.reason}"

    def accepts(self, result: RequirementResult) -> bool:
        """Whether the result's failure is known and the user accepts that."""
        return bool(result.known) and self.baseline is not None and self.baseline.accept_known


def to_json(results: Results) -> bytes:
    """``results.json``: UTF-8, indented, keys in the order of the records."""
    return msgspec.json.format(to_json_bytes(results), indent=2)


def from_json(data: bytes) -> Results:
    """Read ``results.json`` back; raises ``msgspec.ValidationError`` if it is not valid."""
    return msgspec.json.decode(data, type=Results)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``results.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Results)}
