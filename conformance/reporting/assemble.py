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
from conformance.engine.run import Run
from conformance.reporting.github import append_summary
from conformance.reporting.reproduction.commands import with_commands
from conformance.reporting.results import FORMAT, Discovered, Results, RunInfo, Suite, TargetInfo
from conformance.reporting.scope import scope_of
from conformance.reporting.verdict import Verdict, decide, with_baseline
from conformance.reporting.write import write_reports
from conformance.requirements import load_requirements

_INTERRUPTED = "the run was interrupted"


def conclude(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """Decide the verdict and write every report; what was not tried is entered as inconclusive.

    ``error`` is why nothing could be tested.
    """
    with signals.ignored():
        run.complete(_why_not_tried(run, interrupted, error))
        results = assemble(run, interrupted=interrupted, error=error)
        shown = [number for result in results.requirements for f in result.findings for number in f.exchanges]
        exchanges = run.target.recorder.redacted(run.target.redactor, shown)
        settings = run.settings
        try:
            write_reports(
                results,
                exchanges,
                run.contract,
                settings.reports,
                run.pages,
                facts={operation: ask.facts for operation, ask in run.probes.items()},
                mode=settings.reports_mode,
            )
            append_summary(results, os.environ)
        except InputError as error:
            # The verdict comes first: the caller reports this after it.
            run.unwritten = error
    return results


def _why_not_tried(run: Run, interrupted: bool, error: InputError | None) -> str:
    if error is not None:
        return str(error)
    if interrupted:
        return f"{_INTERRUPTED} before it was tried"
    ends = run.limits_reached
    return run.stopped or (f"{', '.join(ends)} was reached before it was tried" if ends else "it was not tried")


def assemble(run: Run, *, interrupted: bool = False, error: InputError | None = None) -> Results:
    """The results of a session, without secrets."""
    target, settings = run.target, run.settings
    baseline, requirements = _requirements(run)
    scope = scope_of(run, requirements)
    if error is not None:
        verdict, reason = Verdict.INCONCLUSIVE, str(error)
    else:
        verdict, reason = decide(
            requirements,
            strict=settings.strict,
            scope=scope,
            stopped="; ".join(filter(None, [_INTERRUPTED if interrupted else "", run.stopped])),
            notes=_notes(run),
        )
    if baseline is not None:
        verdict, reason = with_baseline(verdict, reason, baseline)
    return Results(
        format=FORMAT,
        suite=Suite(version=__version__, contract_digest=run.contract.digest, pages=_pages(settings.schemas)),
        target=TargetInfo(url=target.url, installation=target.installation, given=settings.given),
        run=RunInfo(
            started=run.started.isoformat(timespec="seconds"),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            profile=settings.profile,
            seed=run.seed,
            requests=target.sent,
            workers=run.workers,
            requests_digest=target.recorder.digest(target.redactor),
            id=run.run_id,
            strict=settings.strict,
            fail_on=settings.fail_on,
            interrupted=interrupted,
            stopped=run.stopped,
            error=error.exit_status if error is not None else 0,
            config=run.config.recorded(),
            options=_options(run),
        ),
        verdict=verdict,
        reason=reason,
        requirements=requirements,
        scope=scope,
        baseline=baseline,
        learned=_connection_facts(run)
        + tuple(
            Discovered(operation=operation, name="not called", value=f"{operation} {why}", found=False)
            for operation, why in run.left_out.items()
        )
        + tuple(
            Discovered(operation=operation, name=name, value=target.redactor.line(value), found=found)
            for operation, ask in run.probes.items()
            for name, value, found in ask.facts.notes
        ),
    )


def _options(run: Run) -> dict[str, UsedOption]:
    """The options, also without what only the target knows to be a secret."""
    line = run.target.redactor.line

    def clean(value: Any) -> Any:
        return line(value) if isinstance(value, str) else value

    return {
        name: msgspec.structs.replace(
            used, value=tuple(map(clean, used.value)) if isinstance(used.value, tuple) else clean(used.value)
        )
        for name, used in run.settings.used.items()
    }


def _connection_facts(run: Run) -> tuple[Discovered, ...]:
    """How the target was reached, and which instances of it answered: how often, and in how many findings."""
    target = run.target
    found = [Discovered(operation="", name="proxy", value=target.proxy)] if target.proxy else []
    answers = Counter(filter(None, map(target.instance, target.recorder.exchanges)))
    findings = Counter(name for r in run.results for finding in r.findings for name in finding.instances)
    found += [
        Discovered(operation="", name=f"instance {name}", value=f"{count} answers, {findings[name]} findings")
        for name, count in sorted(answers.items())
    ]
    return tuple(found)


def _notes(run: Run) -> list[str]:
    """What every report has to name, because the run would mean something else without it."""
    notes = list(run.notes)
    if run.target.connection.insecure:
        notes.append("certificates were not checked (--insecure)")
    if not run.settings.wrong_credentials:
        notes.append("no wrong credentials were sent (--no-wrong-credentials)")
    return notes


def _requirements(run: Run) -> tuple[BaselineReport | None, tuple[RequirementResult, ...]]:
    """The baseline's report and the results with what it lists, if there is one."""
    settings = run.settings
    if settings.baseline is None or settings.update_baseline:
        return None, with_commands(run, run.results)
    return apply_baseline(
        run.known_failures,
        with_commands(run, run.results),
        run.started.date(),
        file=settings.baseline.name,
        every=list(load_requirements()),
        narrowed=run.narrowed,
        strict=settings.strict,
        lenient=settings.lenient_baseline,
        accept_known=settings.accept_known,
    )


def _pages(schemas: Path | None) -> str:
    """Where the pages are in the user's repository, as far as that is possible without paths of the machine."""
    folder = Path("schemas") if schemas is None or schemas.is_absolute() else schemas
    return (folder / PAGES).as_posix()


def write_baseline(run: Run, results: Results) -> str:
    """Write the baseline from this run if that was asked for; returns what to print, empty if it was not."""
    path = run.settings.baseline
    if path is None or not run.settings.update_baseline:
        return ""
    if results.run.interrupted:
        return f"{path} is left as it was: the run was interrupted"
    update = update_baseline(
        path,
        run.known_failures,
        results.requirements,
        run.started.date(),
        every=list(load_requirements()),
        narrowed=run.narrowed,
    )
    return f"{path}: {update}"
