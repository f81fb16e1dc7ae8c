"""What the reports need of a run besides its results and exchanges: a record that can be kept, without secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from conformance import __version__
from conformance.contract.folder import PAGES
from conformance.core.errors import InputError
from conformance.core.json_bytes import to_json_bytes
from conformance.engine.baseline.known_failures import KnownFailure
from conformance.engine.changed_sources import is_changed
from conformance.engine.requirement import Requirement
from conformance.engine.result import Level, Place
from conformance.engine.run import Run
from conformance.reporting.results import Discovered, RunInfo, Suite, TargetInfo
from conformance.requirements import load_requirements

FORMAT = "conformance-record/1"


class KnownRequirement(msgspec.Struct, frozen=True, array_like=True):
    """A requirement of the catalogue, whose order the results follow."""

    id: str
    level: Level
    title: str
    chapter: str


class Case(msgspec.Struct, frozen=True, array_like=True):
    """A requirement that is to be tried on an operation, and where it comes from; there may be very many."""

    requirement: str
    operation: str
    page: str
    section: str
    line: int
    digest: str
    source_changed: bool
    """Whether its line is different in what ``--since`` names."""

    @property
    def source(self) -> Place:
        """Where it comes from."""
        return Place(page=self.page, section=self.section, line=self.line, digest=self.digest)


class Restart(msgspec.Struct, frozen=True, array_like=True):
    """A requirement on an operation that was interrupted: its exchanges up to the number ``last`` decide nothing."""

    requirement: str
    operation: str
    last: int


class BaselineInput(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline file as it was read, and how it is applied."""

    file: str
    entries: tuple[KnownFailure, ...]
    narrowed: bool
    """Whether less than every requirement on every operation is tried."""
    lenient: bool
    accept_known: bool


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What left something out, and of how much."""

    reasons: tuple[str, ...]
    """Options: ``--requirement OP-01``."""
    operations: int
    """How many operations could be called."""
    documented: int
    """How many operations the pages document."""
    left_out: dict[str, str] = {}
    """Operations that were selected and are never called, each with the reason."""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run besides its results and exchanges. ``assemble`` makes the results of it: both are enough for that."""

    format: str = FORMAT
    suite: Suite
    target: TargetInfo
    run: RunInfo
    """As the results have it; of a run that has not ended it is as far as the run had come (``unfinished``)."""
    catalogue: tuple[KnownRequirement, ...]
    cases: tuple[Case, ...]
    selection: Selection
    limits_reached: tuple[str, ...] = ()
    """Options that ended the run before everything was tried: ``--max-requests 60``."""
    notes: tuple[str, ...] = ()
    """What every report has to name."""
    baseline: BaselineInput | None = None
    error: str = ""
    """Why nothing could be tested; ``run.error`` is the exit status."""
    proxy: str = ""
    instance_header: str = ""
    instances: dict[str, int] = {}
    """How many answers each instance of the target gave (``--instance-header``)."""
    learned: tuple[Discovered, ...] = ()
    """What discovery found out."""
    started_again: tuple[Restart, ...] = ()
    """What was interrupted, and was tried again when the run went on."""
    reports_mode: int = 0o600
    """The mode of the files of the reports."""

    @property
    def finished(self) -> str | None:
        """When the run ended (ISO 8601 with an offset); None while it goes on, or if its process was killed."""
        return None if self.run.unfinished else self.run.finished


def take_record(
    run: Run, *, finished: datetime | None = None, interrupted: bool = False, error: InputError | None = None
) -> RunRecord:
    """The record of a run as it is now, without secrets.

    ``finished`` is when it ended; without it the run is recorded as one that goes on.
    """
    settings, target = run.settings, run.target
    known = load_requirements()
    return RunRecord(
        suite=Suite(version=__version__, contract_digest=run.contract.digest, pages=_pages(settings.schemas)),
        target=TargetInfo(url=target.url, installation=target.installation, given=settings.given),
        run=_run_info(run, finished, interrupted, error),
        catalogue=tuple(KnownRequirement(each.id, each.level, each.title, each.chapter) for each in known.values()),
        cases=tuple(_case(run, requirement, operation) for requirement, operation in run.expected),
        selection=Selection(
            reasons=tuple(_reasons(run)),
            operations=len(run.probes),
            documented=run.documented,
            left_out=dict(run.left_out),
        ),
        limits_reached=tuple(run.limits_reached),
        notes=tuple(_notes(run)),
        baseline=_baseline(run),
        error="" if error is None else target.redactor.line(str(error)),
        proxy=target.proxy,
        instance_header=target.instance_header,
        learned=tuple(
            Discovered(operation=operation, name=name, value=target.redactor.line(value), found=found)
            for operation, probe in run.probes.items()
            for name, value, found in probe.facts.notes
        ),
        started_again=tuple(Restart(*case, last) for case, last in run.started_again.items()),
        reports_mode=settings.reports_mode,
    )


def record_to_json(record: RunRecord) -> bytes:
    """The record as a document."""
    return to_json_bytes(record)


def record_from_json(data: bytes) -> RunRecord:
    """Read it back; raises ``msgspec.ValidationError`` if it is not a record."""
    return msgspec.json.decode(data, type=RunRecord)


def _run_info(run: Run, finished: datetime | None, interrupted: bool, error: InputError | None) -> RunInfo:
    settings, target = run.settings, run.target
    return RunInfo(
        started=run.started.isoformat(timespec="seconds"),
        finished=(finished or datetime.now(UTC)).isoformat(timespec="seconds"),
        profile=settings.profile,
        seed=run.seed,
        requests=target.sent,
        workers=run.workers,
        requests_digest="",
        id=run.run_id,
        strict=settings.strict,
        fail_on=settings.fail_on,
        interrupted=interrupted,
        unfinished=finished is None,
        stopped=run.stopped,
        error=error.exit_status if error is not None else 0,
        config=run.config.recorded(),
        options={name: _clean(run, used) for name, used in settings.used.items()},
    )


def _clean(run: Run, used: Any) -> Any:
    """An option, also without what only the target knows to be a secret."""
    line = run.target.redactor.line

    def clean(value: Any) -> Any:
        return line(value) if isinstance(value, str) else value

    value = used.value
    return msgspec.structs.replace(used, value=tuple(map(clean, value)) if isinstance(value, tuple) else clean(value))


def _case(run: Run, requirement: Requirement, operation: str) -> Case:
    place = requirement.source.locate(run.probes[operation].operation)
    place = place or Place(page="", section=requirement.source.section)
    changed = run.before is not None and is_changed(requirement.id, operation, place, run.before)
    return Case(requirement.id, operation, place.page, place.section, place.line, place.digest, changed)


def _reasons(run: Run) -> list[str]:
    settings = run.settings
    reasons = [f"--requirement {pattern}" for pattern in settings.requirements]
    reasons += [f"--operation {pattern}" for pattern in settings.operations]
    reasons += [f"--exclude {pattern}" for pattern in settings.exclude]
    if run.profile.smoke_only:
        reasons.append(f"--profile {run.profile.name}")
    return reasons + run.selected_by


def _notes(run: Run) -> list[str]:
    """What every report has to name, because the run would mean something else without it."""
    notes = list(run.notes)
    if run.target.connection.insecure:
        notes.append("certificates were not checked (--insecure)")
    if not run.settings.wrong_credentials:
        notes.append("no wrong credentials were sent (--no-wrong-credentials)")
    return notes


def _baseline(run: Run) -> BaselineInput | None:
    settings = run.settings
    if settings.baseline is None or settings.update_baseline:
        return None
    return BaselineInput(
        file=settings.baseline.name,
        entries=run.known_failures,
        narrowed=run.narrowed,
        lenient=settings.lenient_baseline,
        accept_known=settings.accept_known,
    )


def _pages(schemas: Path | None) -> str:
    """Where the pages are in the user's repository, as far as that is possible without paths of the machine."""
    folder = Path("schemas") if schemas is None or schemas.is_absolute() else schemas
    return (folder / PAGES).as_posix()
