"""Pages in, findings out: what ``conformance lint`` does."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from conformance.contract.derive import derive
from conformance.contract.write_folder import Derived
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.pages.compile import named
from conformance.pages.document import read_document
from conformance.pages.lint import rules_page, rules_prose, rules_sample
from conformance.pages.lint.rule import PAGE_RULES, RULES, Finding, Page
from conformance.pages.lint.rules_between import between
from conformance.pages.operation import read_with_lines
from conformance.pages.page_file import PageFile, find_pages
from conformance.pages.pool import each_page

# Importing them registers them.
_ = (rules_page, rules_prose, rules_sample)


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """One page: what it gives, and what its own parts contradict."""

    derived: Derived
    findings: list[Finding]


class LintReport(msgspec.Struct, frozen=True, kw_only=True):
    """All findings in the order of pages and lines, the pages, and one line for each that could not be read."""

    pages: int
    findings: list[Finding]
    errors: list[str]


def lint(
    paths: Sequence[Path],
    *,
    rules: Sequence[str] = (),
    ignore: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LintReport:
    """Lint the pages named, alone or by their folder; ``rules`` and ``ignore`` are ids or globs of them.

    Raises InputError for a rule that does not exist.
    """
    wanted = _chosen(rules, "--rule", set(RULES)) - _chosen(ignore, "--ignore", set())
    pages, errors = find_pages(paths)
    findings: list[Finding] = []
    read: list[tuple[Path, Derived]] = []
    for number, (page, result) in enumerate(zip(pages, each_page(lint_page, Linted, pages, workers), strict=True), 1):
        if progress:
            progress(number, len(pages))
        if isinstance(result, str):
            errors.append(result)
            continue
        read.append((page.path, result.derived))
        findings += result.findings
    findings += between(read)
    kept = [finding for finding in findings if finding.rule in wanted]
    kept.sort(key=lambda each: (each.path, each.line, each.rule, each.message))
    return LintReport(pages=len(read), findings=kept, errors=errors)


def lint_page(page_file: PageFile) -> Linted:
    """What one page contradicts in itself."""
    path = page_file.path
    document = read_document(path, page_file.root)
    operation, request_lines, response_lines = read_with_lines(document)
    contract = derive(operation, request_lines=request_lines, response_lines=response_lines)
    page = Page(
        path=path,
        document=document,
        contract=contract,
        request_lines=request_lines or {},
        response_lines=response_lines or {},
    )
    findings = [
        Finding(
            rule=rule.id,
            level=rule.level,
            path=path.as_posix(),
            line=problem.line,
            message=" ".join(problem.message.split()),
            assumed=problem.assumed,
            operation=operation.id,
        )
        for rule, function in PAGE_RULES
        for problem in function(page)
    ]
    return Linted(derived=named(document, contract), findings=findings)


def _chosen(patterns: Sequence[str], option: str, default: set[str]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        matching = fnmatch.filter(RULES, pattern)
        if not matching:
            raise InputError(f"{option} {pattern}: there is no such rule{nearest(pattern, RULES)}")
        found.update(matching)
    return found if patterns else default
