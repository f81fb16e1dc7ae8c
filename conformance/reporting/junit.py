"""``junit.xml``: a test suite a chapter, a test case a requirement, as Jenkins and GitLab read it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import groupby

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from conformance.client.exchange import RedactedExchange
from conformance.engine.result import RequirementResult, Status
from conformance.reporting.results import Results
from conformance.reporting.status_presentation import state
from conformance.reporting.text import finding_text

# XML 1.0 cannot hold these characters (section 2.2).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results, exchanges: Sequence[RedactedExchange]) -> bytes:
    """The report as XML; ``exchanges`` are redacted.

    A failed requirement is a failure that holds the message, what was sent and what came. An inconclusive one is an
    error, never a skip. A warning fails under ``--strict`` alone, and is in the output of its case.
    """
    # Viewers show the tests that there are: how many there could have been is in the name of the whole report.
    report = JUnitXml(_legal(results.sentence))
    by_chapter = sorted(results.requirements, key=lambda result: result.chapter)
    for chapter, group in groupby(by_chapter, key=lambda result: result.chapter):
        suite = TestSuite(_legal(chapter))
        suite.timestamp = results.run.started
        suite.add_property("verdict", results.verdict.value)
        suite.add_property("reason", _legal(results.reason))
        suite.add_property("run", results.run.id)
        suite.add_property("target", _legal(results.target.url))
        suite.add_property("contract", results.suite.contract_digest)
        suite.add_property("seed", str(results.run.seed))
        for result in group:
            suite.add_testcase(_case(result, exchanges, results))
        report.add_testsuite(suite)
    if not any(result.status is not Status.SKIPPED for result in results.requirements):
        suite = TestSuite("verdict")
        suite.add_property("run", results.run.id)
        case = TestCase("verdict", classname="conformance", time=0)
        case.result = [Error(_legal(results.reason), "inconclusive")]
        suite.add_testcase(case)
        report.add_testsuite(suite)
    _sum(report)
    out = io.BytesIO()
    report.write(out, pretty=True)
    return out.getvalue()


def _sum(report: JUnitXml) -> None:
    """Count each suite and the whole.

    The report's own ``update_statistics`` also sums what was skipped: the schema of Jenkins' xUnit plugin has that
    attribute for a suite alone.
    """
    suites = list(report)
    for suite in suites:
        suite.update_statistics()  # type: ignore[no-untyped-call]
    report.tests = sum(suite.tests for suite in suites)
    report.failures = sum(suite.failures for suite in suites)
    report.errors = sum(suite.errors for suite in suites)
    report.time = round(sum(suite.time for suite in suites), 3)


def _case(result: RequirementResult, exchanges: Sequence[RedactedExchange], results: Results) -> TestCase:
    name = _legal(f"{result.id} {result.title} [{result.operation}]")
    case = TestCase(name, classname=f"conformance.{_slug(result.chapter)}", time=round(result.seconds, 3))
    texts = [_legal(finding_text(finding, exchanges)) for finding in result.findings]
    is_failure = result.status is Status.FAILED or (result.status is Status.WARNING and results.run.strict)
    if is_failure and results.accepts(result):
        # As pytest does with an expected failure.
        case.result = [Skipped(_legal(f"known: {result.known}"))]
        case.system_out = "\n\n".join(texts)
    elif is_failure:
        failure = Failure(_legal(result.reason), result.level.value)
        failure.text = "\n\n".join(texts)
        case.result = [failure]
    elif result.status is Status.INCONCLUSIVE:
        error = Error(_legal(result.reason), state(result))
        error.text = "\n\n".join([_legal(f"inconclusive: {result.reason}"), *texts])
        case.result = [error]
    elif result.status is Status.SKIPPED:
        case.result = [Skipped(_legal(result.reason))]
    elif result.reason:
        case.system_out = "\n\n".join([f"{result.status.value}: {_legal(result.reason)}", *texts])
    return case


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.lower()).strip("_")


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
