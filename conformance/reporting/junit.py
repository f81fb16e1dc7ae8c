"""``junit.xml``: a test suite a chapter, a test case a requirement, as Jenkins and GitLab read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from conformance.engine.result import RequirementResult, Status
from conformance.reporting.evidence import Exchanges
from conformance.reporting.results import Results
from conformance.reporting.status_presentation import state
from conformance.reporting.text import finding_text

# XML 1.0 cannot hold these characters (section 2.2).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FAILURE, _ERROR, _SKIPPED = "failure", "error", "skipped"
_COUNTED = {"errors": _ERROR, "failures": _FAILURE, _SKIPPED: _SKIPPED}
"""The attributes of a suite, and the elements that they count."""
_ONE_ERROR = {"tests": "1", "errors": "1", "failures": "0", "skipped": "0", "time": "0.0"}
"""What counts in place of requirements if none was tried."""


def junit(results: Results, exchanges: Exchanges) -> bytes:
    """The report as XML; ``exchanges`` are redacted.

    A failed requirement is a failure that holds the message, what was sent and what came. An inconclusive one is an
    error, never a skip. A warning fails under ``--strict`` alone, and is in the output of its case.
    """
    return b"".join(junit_parts(results, exchanges))


def junit_parts(results: Results, exchanges: Exchanges) -> Iterator[bytes]:
    """The same in parts, a test case at a time: there may be very many, with long texts."""
    return (part.encode() for part in _parts(results, exchanges))


def _parts(results: Results, exchanges: Exchanges) -> Iterator[str]:
    by_chapter = sorted(results.requirements, key=lambda result: result.chapter)
    chapters = {chapter: list(group) for chapter, group in groupby(by_chapter, key=lambda result: result.chapter)}
    counts = {chapter: _count(group, results) for chapter, group in chapters.items()}
    nothing_tried = all(result.status is Status.SKIPPED for result in results.requirements)
    extra = [_ONE_ERROR] if nothing_tried else []
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    # Viewers show the tests that there are: how many there could have been is in the name of the whole report.
    yield _start("testsuites", {"name": results.sentence} | _sum([*counts.values(), *extra]))
    for chapter, group in chapters.items():
        head = {"name": chapter, "timestamp": results.run.started} | counts[chapter]
        yield f"\t{_start('testsuite', head)}"
        yield _properties(
            {
                "verdict": results.verdict.value,
                "reason": results.reason,
                "run": results.run.id,
                "target": results.target.url,
                "contract": results.suite.contract_digest,
                "seed": str(results.run.seed),
            }
        )
        for result in group:
            yield _case(result, exchanges, results)
        yield "\t</testsuite>\n"
    if nothing_tried:
        yield f"\t{_start('testsuite', {'name': 'verdict'} | _ONE_ERROR)}"
        yield _properties({"run": results.run.id})
        yield f"\t\t{_start('testcase', {'name': 'verdict', 'classname': 'conformance', 'time': '0.0'})}"
        yield f"\t\t\t{_element(_ERROR, {'message': results.reason, 'type': 'inconclusive'})}"
        yield "\t\t</testcase>\n\t</testsuite>\n"
    yield "</testsuites>\n"


def _count(group: Sequence[RequirementResult], results: Results) -> dict[str, str]:
    found = Counter(_kind(result, results) for result in group)
    seconds = sum(round(result.seconds, 3) for result in group)
    counted = {name: str(found[kind]) for name, kind in _COUNTED.items()}
    return {"tests": str(len(group)), **counted, "time": str(round(float(seconds), 3))}


def _sum(counts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The whole; without what was skipped, because the schema of Jenkins' xUnit plugin has that for a suite alone."""
    suites = list(counts)
    whole = {name: str(sum(int(suite[name]) for suite in suites)) for name in ("tests", "failures", "errors")}
    return {**whole, "time": str(round(float(sum(float(suite["time"]) for suite in suites)), 3))}


def _kind(result: RequirementResult, results: Results) -> str:
    """The element that says what became of it; empty for a pass, and for what only informs."""
    is_failure = result.status is Status.FAILED or (result.status is Status.WARNING and results.run.strict)
    if is_failure:
        # As pytest does with an expected failure.
        return _SKIPPED if results.accepts(result) else _FAILURE
    return {Status.INCONCLUSIVE: _ERROR, Status.SKIPPED: _SKIPPED}.get(result.status, "")


def _case(result: RequirementResult, exchanges: Exchanges, results: Results) -> str:
    head = {
        "name": f"{result.id} {result.title} [{result.operation}]",
        "classname": f"conformance.{_slug(result.chapter)}",
        "time": str(round(float(result.seconds), 3)),
    }
    content = "".join(f"\t\t\t{each}" for each in _content(result, exchanges, results))
    if not content:
        return f"\t\t{_element('testcase', head)}"
    return f"\t\t{_start('testcase', head)}{content}\t\t</testcase>\n"


def _content(result: RequirementResult, exchanges: Exchanges, results: Results) -> Iterator[str]:
    texts = [finding_text(finding, exchanges) for finding in result.findings]
    kind = _kind(result, results)
    if kind == _FAILURE:
        yield _element(kind, {"message": result.reason, "type": result.level.value}, "\n\n".join(texts))
    elif kind == _ERROR:
        said = "\n\n".join([f"inconclusive: {result.reason}", *texts])
        yield _element(kind, {"message": result.reason, "type": state(result)}, said)
    elif result.status is Status.SKIPPED:
        yield _element(kind, {"message": result.reason})
    elif kind == _SKIPPED:
        yield _element(kind, {"message": f"known: {result.known}"})
        yield _element("system-out", {}, "\n\n".join(texts))
    elif result.reason:
        yield _element("system-out", {}, "\n\n".join([f"{result.status.value}: {result.reason}", *texts]))


def _properties(properties: Mapping[str, str]) -> str:
    lines = "".join(f"\t\t\t{_element('property', {'name': k, 'value': v})}" for k, v in properties.items())
    return f"\t\t<properties>\n{lines}\t\t</properties>\n"


def _start(name: str, attributes: Mapping[str, str]) -> str:
    return f"<{name}{_attributes(attributes)}>\n"


def _element(name: str, attributes: Mapping[str, str], text: str = "") -> str:
    if not text:
        return f"<{name}{_attributes(attributes)}/>\n"
    shown = _escaped(text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"<{name}{_attributes(attributes)}>{shown}</{name}>\n"


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items() if value or name == "value")


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace(">", "&gt;")
    return _ILLEGAL.sub("\ufffd", text)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.lower()).strip("_")
