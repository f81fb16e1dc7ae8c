"""HTTP.

RFC 9110 and RFC 9112: what every server owes, whatever the page says.
"""

from __future__ import annotations

import re
from typing import Any

from conformance.assertions.elements import as_alone, check_same_elements, expect_same_elements, require_data
from conformance.client.credentials import Session
from conformance.client.exchange import Failure, Headers
from conformance.comparison.answer import Answer
from conformance.core.media_types import is_json, is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, principle, rfc

_TRACES = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^\s*File \"[^\"]+\", line \d+"
    r"|^\s+at [\w.$<>`]+\(.*\)( in .+:line \d+)?"
    r"|\b[A-Z]:\\(?:[\w .-]+\\)+[\w.-]+\.\w+"
    r"|/(?:usr|home|var|opt|srv|app|site-packages)/[\w./-]+\.(?:py|rb|php|js|java|cs|go)\b"
    r"|\bStackTrace\b.{0,40}\bat "
    r"|\bgoroutine \d+ \[",
    re.MULTILINE,
)


@requirement(
    "HTTP-01", MUST, "Header names match without regard to case", source=rfc(9110, "5.1"), fault="header-case-sensitive"
)
def test_header_names(ask: Probe) -> None:
    """The plain request with all header names in lower and in upper case; and one under XML and in a time zone, where
    the header makes a difference that shows."""
    xml = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    changes: list[dict[str, Any]] = [{}]
    if xml is not None:
        changes.append({"accept": xml})
    if ask.facts.zones:
        changes.append({"headers": (("SO-TimeZone", next(reversed(ask.facts.zones))),)})
    if ask.facts.languages:
        changes.append({"headers": (("SO-Language", ask.facts.languages[0]),)})
    changes += [{"credential": each} for each in ask.target.credentials if isinstance(each, Session)][:1]
    for number, change in enumerate(changes):
        # Both ways once; then in turn, for what a header does is another matter than how its name is found.
        for recase in (str.lower, str.upper) if number == 0 else (str.lower,) if number % 2 else (str.upper,):
            request = ask.request(**change)
            headers: Headers = tuple((recase(name), value) for name, value in request.headers)

            def judge(baseline: Answer, other: Answer) -> None:
                ask.expect_success(other, "writing header names in other case", beside=[baseline])
                ask.check(
                    other.media_type == baseline.media_type,
                    "writing header names in other case changes the type",
                    expected=baseline.media_type,
                    actual=other.media_type,
                    of=[baseline, other],
                )
                if not baseline.is_xml:
                    check_same_elements(ask, baseline, other, "writing header names in other case")

            ask.relate(
                "header case",
                judge,
                baseline=change,
                credential=None,
                accept=None,
                content_type=None,
                headers=headers[1:],
            )


@requirement(
    "HTTP-02",
    SHOULD,
    "An unknown request header changes nothing",
    source=rfc(9110, "5.1"),
    fault="unknown-header-refused",
)
def test_unknown_headers(ask: Probe) -> None:
    """The plain request with a header that nobody knows."""
    ask.relate(
        "unknown header", expect_same_elements(ask, "an unknown request header"), headers=(("X-Unheard-Of", "1"),)
    )


@requirement(
    "HTTP-03",
    MUST,
    "A response's framing is right: Content-Length is the body's length, chunks are well-formed",
    source=rfc(9112, "6"),
    fault="content-length-wrong",
)
def test_framing(ask: Probe) -> None:
    """The plain request, one in XML, one with $select and a refused one, each on a connection of its own, read to the
    last byte; and every other exchange of the run whose framing broke."""
    types = [fact.name for fact in ask.operation.response_types]
    # One of each form: what writes text/xml writes application/xml.
    forms = dict.fromkeys(next((each for each in types if form(each)), "") for form in (is_json, is_xml))
    changes: list[dict[str, Any]] = [{"accept": each} for each in forms if each] or [{}]
    changes.append({"credential": None})
    if ask.facts.identity:
        changes.append({"select": [ask.facts.identity]})
    for change in changes:
        answer = ask.on_wire("framing", **change)
        if answer.exchange.failure in (Failure.TIMEOUT, Failure.DROPPED):
            continue
        problem = answer.exchange.failure_text
        if answer.wire is not None:
            trailing = answer.wire.trailing
            problem = answer.wire.problem or (f"{len(trailing)} bytes after the end" if trailing else "")
        ask.check(
            not problem,
            f"a response's framing is wrong: {problem}",
            expected="a body of the announced length",
            actual=problem,
            of=[answer],
        )
    for answer in ask.answers:
        if answer.exchange.failure is Failure.MALFORMED and "end" in answer.exchange.failure_text:
            ask.check(
                False,
                f"a response's framing is wrong: {answer.outcome}",
                expected="a body of the announced length",
                actual=answer.outcome,
                of=[answer],
            )


@requirement(
    "HTTP-04",
    SHOULD,
    "An error body shows no stack trace or file path of the server",
    source=principle("OWASP: Improper Error Handling"),
    fault="stack-trace-shown",
    observes_all=True,
)
def test_no_stack_traces(ask: Probe, answer: Answer) -> None:
    """Every 4xx and 5xx of the run."""
    if answer.status < 400 or not answer.body:
        return
    found = _TRACES.search(answer.text)
    ask.check(
        found is None,
        "an error body shows the server's insides",
        expected="no stack trace, no file path",
        actual=answer.text[found.start() : found.start() + 200] if found else "",
        of=[answer],
    )


@requirement(
    "HTTP-05",
    MUST,
    "A compressed response decodes to what the uncompressed one holds",
    source=rfc(9110, "8.4"),
    fault="gzip-broken",
)
def test_compression(ask: Probe) -> None:
    """The plain request with Accept-Encoding: gzip and deflate, against the one without. A server need not compress."""
    require_data(ask)
    xml = [fact.name for fact in ask.operation.response_types if is_xml(fact.name)][:1]
    for coding, kind in (
        *((coding, ask.json_type) for coding in ("gzip", "deflate", "gzip;q=0.5, identity;q=0.1")),
        *(("gzip", name) for name in xml),
    ):

        def judge(baseline: Answer, packed: Answer, coding: str = coding) -> None:
            if packed.response is None and packed.exchange.failure is Failure.MALFORMED:
                ask.check(
                    False,
                    f"the response to Accept-Encoding: {coding} does not decode",
                    expected="a whole body",
                    actual=packed.outcome,
                    of=[baseline, packed],
                )
            ask.require_success(baseline)
            check_same_elements(ask, baseline, packed, f"Accept-Encoding: {coding}")

        headers = (("Accept-Encoding", coding),)
        ask.relate("compressed", judge, baseline={"accept": kind}, accept=kind, headers=headers)


@requirement(
    "HTTP-06",
    SHOULD,
    "Requests in parallel answer as the same requests one after the other",
    source=principle("Statelessness; RFC 9110, section 3.3"),
    fault="parallel-mix-up",
)
def test_parallel(ask: Probe) -> None:
    """Unlike requests at the same time, each on a connection of its own, against the same ones alone."""
    require_data(ask)
    changes: list[dict[str, Any]] = [{}]
    if ask.facts.identity:
        changes.append({"select": [ask.facts.identity]})
    if ask.facts.ids is not None:
        changes += [{"body": {**ask.facts.body, ask.facts.ids.request: [i]}} for i in ask.facts.known_ids[:1]]
    changes += [{"headers": (("SO-TimeZone", code),)} for code in list(ask.facts.zones)[:1]]
    changes += [{"headers": (("SO-Language", code),)} for code in ask.facts.languages[:1]]
    for _ in range(2):
        answers = ask.together("parallel", changes)
        for change, answer in zip(changes, answers, strict=True):
            as_alone(ask, change, answer, "other requests at the same time", together=answers)
