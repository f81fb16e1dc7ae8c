"""Operation and status.

Page: title, method and path, Response, Sample Request. RFC 9110: methods (9) and status codes (15).
"""

from __future__ import annotations

from typing import Any

from conformance.assertions import schemathesis_checks
from conformance.assertions.elements import holds_data, require_data
from conformance.assertions.paths import sibling
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
    """The plain request, one for a single state, and one for an id and a state that are known but not together, get a
    status that the page lists."""
    documented = [row.name for row in ask.operation.statuses]
    answers = [ask.baseline()]
    if ask.facts.state is not None:
        for state in ask.limit_in_smoke(ask.facts.known_states[:2], 1):
            answers.append(ask("one state", body={**ask.facts.body, ask.facts.state.request: state}))
        answers += [ask("no match", body=body) for body in _matching_nothing(ask)]
    for answer in answers:
        ask.check(
            str(answer.status) in documented,
            "the documented request is answered with a status that the page does not list",
            expected=" or ".join(documented),
            actual=answer.outcome,
            of=[answer],
        )


def _matching_nothing(ask: Probe) -> list[dict[str, Any]]:
    """A body of one known id with a known state that none of its elements is in; none if there is no such pair."""
    ids, state = ask.facts.ids, ask.facts.state
    if ids is None or state is None:
        return []
    pairs = [(row.get(ids.response), row.get(state.response)) for row in ask.facts.rows]
    free = ((i, s) for i in ask.facts.known_ids for s in ask.facts.known_states if (i, s) not in pairs)
    return [{**ask.facts.body, ids.request: [i], state.request: s} for i, s in free][:1]


@requirement(
    "OP-02",
    MUST,
    "The page's own sample request is accepted, with this target's credentials and ids in it",
    source=SAMPLE_REQUEST,
    fault="language-list-refused",
    smoke=True,
)
def test_the_sample_request_is_accepted(ask: Probe) -> None:
    """The sample's headers as they stand there, its credential and ids replaced: 2xx, and the elements of the plain
    answer, whatever language their text is in. If the sample's media type is none of those that the page lists, and is
    refused, the page contradicts itself, and the sample is tried with a type from its list."""
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
        ask.expect_success(answer, "the page's sample request", beside=[baseline])
        if ask.facts.rows and answer.elements is not None:
            ask.check(
                len(answer.elements) == len(baseline.elements or []),
                "the page's sample request gives other elements than the plain request",
                expected=f"{len(baseline.elements or [])} elements",
                actual=f"{len(answer.elements)} elements",
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


def _other_methods(ask: Probe) -> tuple[str, ...]:
    return AGENT_METHODS if ask.operation.is_agent else ()


@requirement(
    "OP-03",
    MUST,
    "Another method does not run the operation, and a 405 says which methods are allowed",
    source=rfc(9110, "15.5.6"),
    fault=("any-method", "allow-missing"),
)
def test_another_method_does_not_run_it(ask: Probe) -> None:
    """The plain request under GET, PUT, DELETE, PATCH and OPTIONS gives none of the data; a 405 carries Allow.
    GET may return a description of the call. The plain request is the control."""
    baseline = ask.baseline()
    ask.require_success(baseline)
    require_data(ask)
    for method in _other_methods(ask):
        answer = ask("other method", intent=Intent.MALFORMED, method=method)
        if answer.response is None or answer.status >= 500:
            continue
        shown = holds_data(ask, answer) if answer.is_success else None
        ask.check(
            shown is None,
            f"{method} runs the operation: the answer shows {shown}",
            expected="405, or an answer without the data",
            actual=answer.outcome,
            of=[baseline, answer],
        )
        if answer.status == 405:
            ask.check(
                answer.header("Allow") is not None,
                f"the 405 to {method} has no Allow header",
                expected=f"Allow: {ask.operation.method}",
                actual="no Allow",
                of=[baseline, answer],
            )


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
    if answer.wire is not None or exchange.failure is Failure.MALFORMED:
        # Framing is HTTP-03's affair, and a broken content coding HTTP-05's.
        return
    if exchange.failure is not None:
        ask.check(
            False,
            f"a request was not answered ({answer.purpose}): {answer.outcome}",
            expected="an answer",
            actual=answer.outcome,
            of=[answer],
        )
    if answer.status == 501 and exchange.request.method != ask.operation.method:
        return
    problem = schemathesis_checks.problem(answer, "not_a_server_error")
    ask.check(
        problem is None and answer.status < 500,
        f"a request makes the server fail ({answer.purpose})",
        expected="no 5xx",
        actual=answer.outcome,
        of=[answer],
    )


@requirement(
    "OP-05",
    SHOULD,
    "A sibling path that is not documented is 404",
    source=rfc(9110, "15.5.5"),
    fault="sibling-path-answered",
)
def test_a_sibling_path_is_not_found(ask: Probe) -> None:
    """The plain request to the same path with a suffix, beside the plain request itself; the suffix is on the last
    segment, or on the one before where the page's last segment is one value of a documented placeholder."""
    path = sibling(ask.operation.path, ask.paths)
    if path is None:
        raise NotApplicable("every path beside this one fits a documented path with a placeholder")
    baseline = ask.baseline()
    ask.require_success(baseline)
    answer = ask("sibling path", intent=Intent.MALFORMED, path=path)
    ask.check(
        answer.status == 404,
        "a path that the page does not document is not 404",
        expected="404",
        actual=answer.outcome,
        of=[baseline, answer],
    )


@requirement("OP-06", MUST, "An answer to HEAD has no body", source=rfc(9110, "9.3.2"), fault="head-with-body")
def test_head_has_no_body(ask: Probe) -> None:
    """HEAD on a connection of its own, read to the last byte."""
    answer = ask.on_wire("head", intent=Intent.MALFORMED, method="HEAD", raw=b"", content_type=None)
    if answer.wire is None:
        raise Inconclusive(f"HEAD got no answer: {answer.outcome}")
    extra = answer.wire.trailing or answer.body
    ask.check(
        not extra,
        "the answer to HEAD has a body",
        expected="no byte after the header section",
        actual=f"{len(extra)} bytes: {extra!r}",
        of=[answer],
    )
