"""How much a result weighs in formats that know errors, warnings and notes; and where it points to."""

from __future__ import annotations

from enum import StrEnum

from conformance.engine.result import Finding, Level, RequirementResult, Status


class Severity(StrEnum):
    """What a reader has to do about it."""

    ERROR = "error"
    """It keeps the run from ending well."""
    WARNING = "warning"
    NONE = "none"


def severity(result: RequirementResult, *, strict: bool) -> Severity:
    """An inconclusive MUST is an error: it keeps the verdict from being conformant, as a failure does."""
    if result.status is Status.FAILED or (result.status is Status.WARNING and strict):
        return Severity.ERROR
    if result.status is Status.INCONCLUSIVE:
        return Severity.ERROR if result.level is Level.MUST else Severity.WARNING
    return Severity.WARNING if result.status is Status.WARNING else Severity.NONE


def finding_severity(result: RequirementResult, finding: Finding, *, strict: bool) -> Severity:
    """A failed requirement may hold findings that only warn."""
    if finding.level is not Level.MUST and not strict:
        return Severity.WARNING
    return severity(result, strict=strict)


def place(result: RequirementResult, pages: str) -> tuple[str, int]:
    """File and line of the page in the folder ``pages``; for an RFC, the top of the operation's page."""
    page = result.source.page or f"{result.operation}.md"
    return f"{pages}/{page}", max(1, result.source.line)
