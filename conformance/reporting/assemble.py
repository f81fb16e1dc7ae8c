"""From a finished session to results and written reports."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from conformance import __version__
from conformance.contract.folder import PAGES
from conformance.core import signals
from conformance.core.errors import InputError
from conformance.engine.baseline.application import BaselineReport, apply_baseline
from conformance.engine.baseline.update import update_baseline
from conformance.engine.options.effective import UsedOption
from conformance.engine.result import RequirementResult
from conformance.engine.run import Session, load_requirements
from conformance.reporting.github import append_summary
from conformance.reporting.reproduction.commands import with_commands
from conformance.reporting.results import FORMAT, Discovered, Results, Run, Suite, TargetInfo
from conformance.reporting.scope import scope_of
from conformance.reporting.verdict import Verdict, decide, with_baseline
from conformance.reporting.write import write_reports

_INTERRUPTED = "the run was interrupted"


def conclude(session: Session, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """Decide the verdict and write every report; what was not tried is entered as inconclusive.

    ``error`` is why nothing could be tested.
    """
    with signals.ignored():
        session.complete(_why_not_tried(session, interrupted, error))
        results = assemble(session, interrupted=interrupted, error=error)
        shown = [number for result in results.requirements for f in result.findings for number in f.exchanges]
        exchanges = session.target.recorder.redacted(session.target.redactor, shown)
        settings = session.settings
        try:
            write_reports(
                results,
                exchanges,
                session.contract,
                settings.reports,
                session.pages,
                facts={operation: ask.facts for operation, ask in session.asks.items()},
                mode=settings.reports_mode,
            )
            append_summary(results, os.environ)
        except InputError as error:
            # The verdict comes first: who called says this after it.
            session.unwritten = error
    return results


def _why_not_tried(session: Session, interrupted: bool, error: InputError | None) -> str:
    if error is not None:
        return str(error)
    if interrupted:
        return f"{_INTERRUPTED} before it was tried"
    ends = session.limits_reached
    return session.stopped or (f"{', '.join(ends)} was reached before it was tried" if ends else "it was not tried")


def assemble(session: Session, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """The results of a session, without secrets."""
    target, settings = session.target, session.settings
    baseline, requirements = _known(session)
    scope = scope_of(session, requirements)
    if error is not None:
        verdict, reason = Verdict.INCONCLUSIVE, str(error)
    else:
        verdict, reason = decide(
            requirements,
            strict=settings.strict,
            scope=scope,
            stopped="; ".join(filter(None, [_INTERRUPTED if interrupted else "", session.stopped])),
            notes=_notes(session),
        )
    if baseline is not None:
        verdict, reason = with_baseline(verdict, reason, baseline)
    return Results(
        format=FORMAT,
        suite=Suite(version=__version__, contract_digest=session.contract.digest, pages=_pages(settings.schemas)),
        target=TargetInfo(url=target.url, installation=target.installation, given=settings.given),
        run=Run(
            started=session.started.isoformat(timespec="seconds"),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            profile=settings.profile,
            seed=session.seed,
            requests=target.sent,
            workers=session.workers,
            requests_digest=target.recorder.digest(target.redactor),
            id=session.run_id,
            strict=settings.strict,
            fail_on=settings.fail_on,
            interrupted=interrupted,
            stopped=session.stopped,
            error=error.exit_status if error is not None else 0,
            config=session.config.recorded(),
            options=_options(session),
        ),
        verdict=verdict,
        reason=reason,
        requirements=requirements,
        scope=scope,
        baseline=baseline,
        learned=_way(session)
        + tuple(
            Discovered(operation=operation, name="not called", value=f"{operation} {why}", found=False)
            for operation, why in session.left_out.items()
        )
        + tuple(
            Discovered(operation=operation, name=name, value=target.redactor.line(value), found=found)
            for operation, ask in session.asks.items()
            for name, value, found in ask.facts.notes
        ),
    )


def _options(session: Session) -> dict[str, UsedOption]:
    """The options, also without what only the target knows to be a secret."""
    line = session.target.redactor.line

    def clean(value: Any) -> Any:
        return line(value) if isinstance(value, str) else value

    return {
        name: msgspec.structs.replace(
            used, value=tuple(map(clean, used.value)) if isinstance(used.value, tuple) else clean(used.value)
        )
        for name, used in session.settings.used.items()
    }


def _way(session: Session) -> tuple[Discovered, ...]:
    """How the target was reached, and which instances of it answered: how often, and in how many findings."""
    target = session.target
    found = [Discovered(operation="", name="proxy", value=target.proxy)] if target.proxy else []
    answers = Counter(filter(None, map(target.instance, target.recorder.exchanges)))
    findings = Counter(name for r in session.results for finding in r.findings for name in finding.instances)
    found += [
        Discovered(operation="", name=f"instance {name}", value=f"{count} answers, {findings[name]} findings")
        for name, count in sorted(answers.items())
    ]
    return tuple(found)


def _notes(session: Session) -> list[str]:
    """What every report has to name, for the run would say something else without it."""
    notes = list(session.notes)
    if session.target.connection.insecure:
        notes.append("certificates were not checked (--insecure)")
    if not session.settings.wrong_credentials:
        notes.append("no wrong credentials were sent (--no-wrong-credentials)")
    return notes


def _known(session: Session) -> tuple[BaselineReport | None, tuple[RequirementResult, ...]]:
    """The baseline's report and the results with what is known, where one is held against the run."""
    settings = session.settings
    if settings.baseline is None or settings.update_baseline:
        return None, with_commands(session, session.results)
    return apply_baseline(
        session.known_failures,
        with_commands(session, session.results),
        session.started.date(),
        file=settings.baseline.name,
        every=list(load_requirements()),
        narrowed=session.narrowed,
        strict=settings.strict,
        lenient=settings.lenient_baseline,
        accept_known=settings.accept_known,
    )


def _pages(schemas: Path | None) -> str:
    """Where the pages are in the user's repository, as far as that can be said without the machine's own paths."""
    folder = Path("schemas") if schemas is None or schemas.is_absolute() else schemas
    return (folder / PAGES).as_posix()


def write_baseline(session: Session, results: Results) -> str:
    """Write the baseline from this run where that was asked for; returns what to tell, empty where it was not."""
    path = session.settings.baseline
    if path is None or not session.settings.update_baseline:
        return ""
    if results.run.interrupted:
        return f"{path} is left as it was: the run was interrupted"
    update = update_baseline(
        path,
        session.known_failures,
        results.requirements,
        session.started.date(),
        every=list(load_requirements()),
        narrowed=session.narrowed,
    )
    return f"{path}: {update}"
