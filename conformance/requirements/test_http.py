"""HTTP.

RFC 9110 and RFC 9112: what applies to every server, whatever the page says.
"""

from __future__ import annotations

from typing import Any

from conformance.assertions.data import require_data
from conformance.assertions.elements import expect_same_as_alone, expect_same_elements, same_elements
from conformance.assertions.representations import stack_trace
from conformance.assertions.responses import expect_success, expect_valid
from conformance.client.credentials import Session
from conformance.client.exchange import Failure, Headers
from conformance.comparison.answer import Answer
from conformance.core.media_types import is_json, is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, principle, rfc


@requirement(
    "HTTP-01", MUST, "Header names match without regard to case", source=rfc(9110, "5.1"), fault="header-case-sensitive"
)
def test_header_names(ask: Probe) -> None:
    """The baseline request with all header names in lower and in upper case; and requests for XML, a time zone, a
    language and with a session, in which a header that is not found makes a difference."""
    xml = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    changes: list[dict[str, Any]] = [{}]
    if xml is not None:
        changes.append({"accept": xml})
    if ask.facts.zones:
        changes.append({"headers": (("SO-TimeZone", next(reversed(ask.facts.zones))),)})
    if ask.facts.languages:
        changes.append({"headers": (("SO-Language", ask.facts.languages[0]),)})
    changes += [{"credential": each} for each in ask.target.credentials if isinstance(each, Session)][:1]
    what = "writing header names in other case"

    def judge(baseline: Answer, other: Answer) -> None:
        expect_success(ask, other, what, beside=[baseline])
        expected, actual = baseline.media_type, other.media_type
        is_same, message = expected == actual, f"{what} changes the type"
        ask.check(is_same, message, expected=expected, actual=actual, of=[baseline, other])
        if not baseline.is_xml:
            expect_same_elements(ask, baseline, other, what)

    for number, change in enumerate(changes):
        # Both cases once, then in turn: names are found in the same way, whatever the header does.
        for recase in (str.lower, str.upper) if number == 0 else (str.lower,) if number % 2 else (str.upper,):
            headers: Headers = tuple((recase(name), value) for name, value in ask.request(**change).headers)
            recased: dict[str, Any] = {"credential": None, "accept": None, "content_type": None, "headers": headers[1:]}
            ask.relate("header case", judge, baseline=change, **recased)


@requirement(
    "HTTP-02",
    SHOULD,
    "An unknown request header changes nothing",
    source=rfc(9110, "5.1"),
    fault="unknown-header-refused",
)
def test_unknown_headers(ask: Probe) -> None:
    """The baseline request with a header that does not exist."""
    ask.relate("unknown header", same_elements(ask, "an unknown request header"), headers=(("X-Unheard-Of", "1"),))


@requirement(
    "HTTP-03",
    MUST,
    "The framing of a response is correct: Content-Length is the body's length, and chunks are well-formed",
    source=rfc(9112, "6"),
    fault="content-length-wrong",
)
def test_framing(ask: Probe) -> None:
    """The baseline request, one in XML, one with $select and a refused one, each on a connection of its own, read to
    the last byte; and every other exchange of the run whose framing is malformed."""
    types = [fact.name for fact in ask.operation.response_types]
    # One of each form: what writes text/xml writes application/xml.
    forms = dict.fromkeys(next((each for each in types if form(each)), "") for form in (is_json, is_xml))
    changes: list[dict[str, Any]] = [{"accept": each} for each in forms if each] or [{}]
    changes.append({"credential": None})
    if ask.facts.identity:
        changes.append({"select": [ask.facts.identity]})
    what, expected = "a response's framing is wrong", "a body of the announced length"
    for change in changes:
        answer = ask.on_wire("framing", **change)
        if answer.exchange.failure in (Failure.TIMEOUT, Failure.DROPPED):
            continue
        problem = answer.exchange.failure_text
        if answer.response is not None:
            trailing = answer.response.trailing_size
            problem = answer.response.framing_problem or (f"{trailing} bytes after the end" if trailing else "")
        expect_valid(ask, answer, problem, what, expected)
    for answer in ask.answers:
        if answer.exchange.failure is Failure.MALFORMED and "end" in answer.exchange.failure_text:
            expect_valid(ask, answer, answer.outcome, what, expected)


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
    if answer.status >= 400 and answer.body:
        shown, expected = stack_trace(answer.text), "no stack trace, no file path"
        ask.check(not shown, "an error body shows the server's insides", expected=expected, actual=shown, of=[answer])


@requirement(
    "HTTP-05",
    MUST,
    "A compressed response decodes to what the uncompressed one holds",
    source=rfc(9110, "8.4"),
    fault="gzip-broken",
)
def test_compression(ask: Probe) -> None:
    """The baseline request with Accept-Encoding: gzip and deflate, and without. A server need not compress."""
    require_data(ask)
    xml = [fact.name for fact in ask.operation.response_types if is_xml(fact.name)][:1]
    for coding, kind in (
        *((coding, ask.json_type) for coding in ("gzip", "deflate", "gzip;q=0.5, identity;q=0.1")),
        *(("gzip", name) for name in xml),
    ):

        def judge(baseline: Answer, packed: Answer, what: str = f"Accept-Encoding: {coding}") -> None:
            is_malformed = packed.response is None and packed.exchange.failure is Failure.MALFORMED
            if is_malformed:
                message, of = f"the response to {what} does not decode", [baseline, packed]
                ask.check(False, message, expected="a whole body", actual=packed.outcome, of=of)
            ask.require_success(baseline)
            expect_same_elements(ask, baseline, packed, what)

        headers = (("Accept-Encoding", coding),)
        ask.relate("compressed", judge, baseline={"accept": kind}, accept=kind, headers=headers)


@requirement(
    "HTTP-06",
    SHOULD,
    "Parallel requests get the same answers as the same requests one by one",
    source=principle("Statelessness; RFC 9110, section 3.3"),
    fault="parallel-mix-up",
)
def test_parallel(ask: Probe) -> None:
    """Different requests at the same time, each on a connection of its own, and the same ones alone."""
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
            expect_same_as_alone(ask, change, answer, "other requests at the same time", parallel=answers)
