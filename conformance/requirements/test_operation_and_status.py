"""Operation and status.

Page: title, method and path, Response, Sample Request. RFC 9110: methods (9) and status codes (15).
"""

from __future__ import annotations

from typing import Any

from conformance.assertions import schemathesis_checks
from conformance.assertions.data import require_data
from conformance.assertions.paths import sibling
from conformance.assertions.responses import expect_no_data, expect_status, expect_success, is_server_error
from conformance.client.exchange import Failure, Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.core.media_types import names_one_of
from conformance.engine.plan import AGENT_METHODS
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.request_builder import DEFAULT
from conformance.engine.requirement import MUST, SAMPLE_REQUEST, SHOULD, STATUS, principle, rfc


@requirement(
    "OP-01",
    MUST,
    "A well-formed, authorised request is answered with a documented status",
    source=STATUS,
    fault="created-status",
    smoke=True,
    judges_baseline=True,
)
def test_documented_status(ask: Probe) -> None:
    """The baseline request, one for a single state, and one for a known id and a known state that do not occur
    together, get a status that the page lists."""
    documented = [fact.name for fact in ask.operation.statuses]
    answers = [ask.baseline()]
    if ask.facts.state is not None:
        for state in ask.limit_in_smoke(ask.facts.known_states[:2], 1):
            answers.append(ask("one state", body={**ask.facts.body, ask.facts.state.request: state}))
        answers += [ask("no match", body=body) for body in _matching_nothing(ask)]
    for answer in answers:
        expect_status(ask, answer, documented, "the documented request")


def _matching_nothing(ask: Probe) -> list[dict[str, Any]]:
    """A body of one known id with a known state that none of its elements is in; none if there is no such pair."""
    ids, state = ask.facts.ids, ask.facts.state
    if ids is None or state is None:
        return []
    pairs = [(element.get(ids.response), element.get(state.response)) for element in ask.facts.elements]
    free = ((i, s) for i in ask.facts.known_ids for s in ask.facts.known_states if (i, s) not in pairs)
    return [{**ask.facts.body, ids.request: [i], state.request: s} for i, s in free][:1]


@requirement(
    "OP-02",
    MUST,
    "The page's sample request, with this target's credentials and ids, is accepted",
    source=SAMPLE_REQUEST,
    fault="language-list-refused",
    smoke=True,
)
def test_the_sample_request_is_accepted(ask: Probe) -> None:
    """The sample's headers are sent as the page has them, its credential and ids replaced: 2xx, and the elements of the
    baseline response, in whatever language their text is. If the sample's media type is not one of those that the page
    lists, and is refused, the page contradicts itself, and the sample is tried with a type from its list."""
    sample = ask.operation.sample_request
    assert sample is not None
    ours = {"accept", "content-type", "authorization", "x-xsrf-token", "so-apptoken", "host", "content-length"}
    headers = {name.lower(): value for name, value in sample.headers}
    change: dict[str, Any] = {
        "accept": headers.get("accept", DEFAULT),
        "content_type": headers.get("content-type", DEFAULT),
        "headers": tuple((name, value) for name, value in sample.headers if name.lower() not in ours),
    }

    def judge(baseline: Answer, answer: Answer) -> None:
        expect_success(ask, answer, "the page's sample request", beside=[baseline])
        if ask.facts.elements and answer.elements is not None:
            expected, actual = len(baseline.elements or []), len(answer.elements)
            ask.check(
                expected == actual,
                "the page's sample request gives other elements than the baseline request",
                expected=f"{expected} elements",
                actual=f"{actual} elements",
                of=[baseline, answer],
            )

    for name, status, listed in (
        ("accept", 406, ask.operation.response_types),
        ("content_type", 415, ask.operation.request_types),
    ):
        value = change[name]
        if isinstance(value, str) and listed and not names_one_of(value, [fact.name for fact in listed]):
            answer = ask("sample", **change)
            if answer.status == status:
                change[name] = DEFAULT
                ask.observe(f"the sample's {value} is not among the page's types; it is refused with {answer.outcome}")
    ask.relate("sample", judge, **change)


@requirement(
    "OP-03",
    MUST,
    "Another method does not run the operation, and a 405 says which methods are allowed",
    source=rfc(9110, "15.5.6"),
    fault=("any-method", "allow-missing"),
)
def test_another_method_does_not_run_it(ask: Probe) -> None:
    """The baseline request under GET, PUT, DELETE, PATCH and OPTIONS gives none of the data; a 405 carries Allow.
    GET may return a description of the call. The baseline request is the control."""
    baseline = ask.baseline()
    ask.require_success(baseline)
    require_data(ask)
    for method in AGENT_METHODS if ask.operation.is_agent else ():
        answer = ask("other method", intent=Intent.MALFORMED, method=method)
        if is_server_error(answer):
            continue
        expected = "405, or an answer without the data"
        expect_no_data(ask, answer, f"{method} runs the operation and", expected=expected, beside=[baseline])
        if answer.status == 405:
            is_given, expected = answer.header("Allow") is not None, f"Allow: {ask.operation.method}"
            message = f"the 405 to {method} has no Allow header"
            ask.check(is_given, message, expected=expected, actual="no Allow", of=[baseline, answer])


@requirement(
    "OP-04",
    MUST,
    "No request is answered with 5xx, a dropped connection or not at all",
    source=principle("Robustness; RFC 9110, section 15.6"),
    fault=("crash-on-unknown-state", "select-many-names-crash"),
    observes_all=True,
    judges_disturbed=True,
)
def test_no_request_causes_a_server_error(ask: Probe, answer: Answer) -> None:
    """Every exchange of the run, by Schemathesis' own check (not_a_server_error). 501 to another method is allowed,
    and so is a 503 that asks to wait; 5xx to a method that the page does not have is judged too."""
    exchange = answer.exchange
    if answer.is_read_to_end or exchange.failure is Failure.MALFORMED:
        # HTTP-03 covers framing, and HTTP-05 a malformed content coding.
        return
    if exchange.failure is not None:
        message = f"a request was not answered ({answer.purpose}): {answer.outcome}"
        ask.check(False, message, expected="an answer", actual=answer.outcome, of=[answer])
    if answer.status == 501 and exchange.request.method != ask.operation.method:
        return
    problem = schemathesis_checks.problem(answer, "not_a_server_error")
    is_fine, message = problem is None and not is_server_error(answer), f"a request fails ({answer.purpose})"
    ask.check(is_fine, message, expected="no 5xx", actual=answer.outcome, of=[answer])


@requirement(
    "OP-05", SHOULD, "An undocumented sibling path gives 404", source=rfc(9110, "15.5.5"), fault="sibling-path-answered"
)
def test_a_sibling_path_is_not_found(ask: Probe) -> None:
    """The baseline request to the same path with a suffix, with the baseline request as the control; the suffix is on
    the last segment, or on the one before if the page's last segment is a value of a documented placeholder."""
    path = sibling(ask.operation.path, ask.paths)
    if path is None:
        raise NotApplicable("every path beside this one fits a documented path with a placeholder")
    baseline = ask.baseline()
    ask.require_success(baseline)
    answer = ask("sibling path", intent=Intent.MALFORMED, path=path)
    expect_status(ask, answer, ["404"], "a path that the page does not document", beside=[baseline])


@requirement("OP-06", MUST, "A response to HEAD has no body", source=rfc(9110, "9.3.2"), fault="head-with-body")
def test_head_has_no_body(ask: Probe) -> None:
    """HEAD on a connection of its own, read to the last byte."""
    answer = ask.on_wire("head", intent=Intent.MALFORMED, method="HEAD", raw=b"", content_type=None)
    if answer.response is None:
        raise Inconclusive(f"HEAD got no answer: {answer.outcome}")
    extra = answer.response.trailing or answer.body
    size = answer.response.trailing_size or answer.response.received_size
    message, expected = "the response to HEAD has a body", "no byte after the header section"
    ask.check(not extra, message, expected=expected, actual=f"{size} bytes: {extra!r}", of=[answer])
