"""What GitHub Actions reads: annotations on stdout, and the summary in a file that it names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.core.one_line import one_line
from conformance.engine.result import RequirementResult
from conformance.reporting.markdown import markdown
from conformance.reporting.results import Results
from conformance.reporting.severity import Severity, finding_severity, place, severity
from conformance.reporting.status_presentation import state


def workflow_commands(results: Results) -> Iterator[str]:
    """One workflow command for each requirement that needs attention, errors first (GitHub shows ten a step)."""
    if not results.scope.complete:
        yield f"::notice title=conformance::{_data(results.sentence)}"
    if results.baseline is not None:
        for stale in results.baseline.stale:
            weight = Severity.WARNING if results.baseline.lenient else Severity.ERROR
            yield f"::{weight.value} title=baseline::{_data(f'{results.baseline.file}: {stale.text}')}"
    strict = results.run.strict
    for wanted in (Severity.ERROR, Severity.WARNING):
        for result in results.requirements:
            if _weight(result, severity(result, strict=strict)) is wanted:
                known = f" (known: {result.known})" if result.known else ""
                unstable = f" [{state(result)}]" if result.unstable else ""
                yield _command(results, result, wanted, f"{result.reason}{unstable}{known}")
            for finding in result.findings:
                # The reason is the message of the first; what else was found has its own line.
                weight = _weight(result, finding_severity(result, finding, strict=strict))
                if finding.message != result.reason and weight is wanted:
                    yield _command(results, result, wanted, finding.message)


def _weight(result: RequirementResult, weight: Severity) -> Severity:
    """What is known does not ask for attention again and again."""
    return Severity.WARNING if result.known and weight is Severity.ERROR else weight


def append_summary(results: Results, environment: Mapping[str, str]) -> None:
    """Add the Markdown summary to the file that ``GITHUB_STEP_SUMMARY`` names, if it is set."""
    name = environment.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    # The verdict is in the other reports; a summary that cannot be written must not change the exit status.
    with contextlib.suppress(OSError), Path(name).open("ab") as summary:
        summary.write(b"\n" + markdown(results))


def _command(results: Results, result: RequirementResult, weight: Severity, message: str) -> str:
    path, line = place(result, results.suite.pages)
    title = f"{result.id} {result.title}"
    return f"::{weight.value} file={_property(path)},line={line},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
