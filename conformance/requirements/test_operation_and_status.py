"""Operation and status.

Page: title, method and path, Response, Sample Request. RFC 9110: methods (9) and status codes (15).
"""

from __future__ import annotations

from typing import Any

from conformance.assertions import schemathesis_checks
from conformance.assertions.elements import holds_data, need_data
from conformance.assertions.paths import sibling
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import NotApplicable, Undecided
from conformance.core.media_types import names_one_of
from conformance.engine.plan import AGENT_METHODS
from conformance.engine.probe import Ask
from conformance.engine.request_builder import DEFAULT
from conformance.engine.requirement import MUST, SAMPLE_REQUEST, SHOULD, STATUS, principle, requirement, rfc


@requirement(
    "OP-01",
    MUST,
    "A well-formed, authorised request is answered with a documented status",
    source=STATUS,
    fault="created-status",
    smoke=True,
    judges_baseline=True,
)
def test_documented_status(ask: Ask) -> None:
    """The plain request, one for a single state, and one for an id and a state that are known but not together, get a
    status that the page lists."""
    documented = [row.name for row in ask.operation.statuses]
    answers = [ask.plain()]
    if ask.known.state is not None:
        for state in ask.few(ask.known.known_states[:2], 1):
            answers.append(ask("one state", body={**ask.known.body, ask.known.state.request: state}))
        answers += [ask("no match", body=body) for body in _matching_nothing(ask)]
    for answer in answers:
        ask.check(
            str(answer.status) in documented,
            "the documented request is answered with a status that the page does not list",
            expected=" or ".join(documented),
            actual=answer.outcome,
            of=[answer],
        )


def _matching_nothing(ask: Ask) -> list[dict[str, Any]]:
    """A body of one known id with a known state that none of its elements is in; none if there is no such pair."""
    ids, state = ask.known.ids, ask.known.state
    if ids is None or state is None:
        return []
    pairs = [(row.get(ids.response), row.get(state.response)) for row in ask.known.rows]
    free = ((i, s) for i in ask.known.known_ids for s in ask.known.known_states if (i, s) not in pairs)
    return [{**ask.known.body, ids.request: [i], state.request: s} for i, s in free][:1]


@requirement(
    "OP-02",
    MUST,
    "The page's own sample request is accepted, with this target's credentials and ids in it",
    source=SAMPLE_REQUEST,
    fault="language-list-refused",
    smoke=True,
)
def test_the_sample_request_is_accepted(ask: Ask) -> None:
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

    def judge(plain: Answer, answer: Answer) -> None:
        ask.served(answer, "the page's sample request", beside=[plain])
        if ask.known.rows and answer.elements is not None:
            ask.check(
                len(answer.elements) == len(plain.elements or []),
                "the page's sample request gives other elements than the plain request",
                expected=f"{len(plain.elements or [])} elements",
                actual=f"{len(answer.elements)} elements",
                of=[plain, answer],
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


def _other_methods(ask: Ask) -> tuple[str, ...]:
    return AGENT_METHODS if ask.operation.is_agent else ()


@requirement(
    "OP-03",
    MUST,
    "Another method does not run the operation, and a 405 says which methods are allowed",
    source=rfc(9110, "15.5.6"),
    fault=("any-method", "allow-missing"),
)
def test_another_method_does_not_run_it(ask: Ask) -> None:
    """The plain request under GET, PUT, DELETE, PATCH and OPTIONS gives none of the data; a 405 carries Allow.
    GET may return a description of the call. The plain request is the control."""
    plain = ask.plain()
    ask.need(plain)
    need_data(ask)
    for method in _other_methods(ask):
        answer = ask("other method", intent=Intent.MALFORMED, method=method)
        if answer.response is None or answer.status >= 500:
            continue
        shown = holds_data(ask, answer) if answer.accepted else None
        ask.check(
            shown is None,
            f"{method} runs the operation: the answer shows {shown}",
            expected="405, or an answer without the data",
            actual=answer.outcome,
            of=[plain, answer],
        )
        if answer.status == 405:
            ask.check(
                answer.header("Allow") is not None,
                f"the 405 to {method} has no Allow header",
                expected=f"Allow: {ask.operation.method}",
                actual="no Allow",
                of=[plain, answer],
            )


@requirement(
    "OP-04",
    MUST,
    "No request is answered with 5xx, a dropped connection or not at all",
    source=principle("Robustness; RFC 9110, section 15.6"),
    fault=("crash-on-unknown-state", "select-many-names-crash"),
    passive=True,
    judges_disturbed=True,
)
def test_nothing_makes_it_fall_over(ask: Ask, answer: Answer) -> None:
    """Every exchange of the run, by Schemathesis' own check (not_a_server_error). 501 to another method is allowed,
    and so is a 503 that asks to wait; 5xx to a method that the page does not have is judged too."""
    exchange = answer.exchange
    if answer.wire is not None or exchange.failure == "malformed":
        # Framing is HTTP-03's affair, and a broken content coding HTTP-05's.
        return
    if exchange.failure is not None:
        ask.check(
            False,
            f"a request was not answered ({answer.role}): {answer.outcome}",
            expected="an answer",
            actual=answer.outcome,
            of=[answer],
        )
    if answer.status == 501 and exchange.request.method != ask.operation.method:
        return
    problem = schemathesis_checks.problem(answer, "not_a_server_error")
    ask.check(
        problem is None and answer.status < 500,
        f"a request makes the server fail ({answer.role})",
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
def test_a_sibling_path_is_not_found(ask: Ask) -> None:
    """The plain request to the same path with a suffix, beside the plain request itself; the suffix is on the last
    segment, or on the one before where the page's last segment is one value of a documented placeholder."""
    path = sibling(ask.operation.path, ask.paths)
    if path is None:
        raise NotApplicable("every path beside this one fits a documented path with a placeholder")
    plain = ask.plain()
    ask.need(plain)
    answer = ask("sibling path", intent=Intent.MALFORMED, path=path)
    ask.check(
        answer.status == 404,
        "a path that the page does not document is not 404",
        expected="404",
        actual=answer.outcome,
        of=[plain, answer],
    )


@requirement("OP-06", MUST, "An answer to HEAD has no body", source=rfc(9110, "9.3.2"), fault="head-with-body")
def test_head_has_no_body(ask: Ask) -> None:
    """HEAD on a connection of its own, read to the last byte."""
    answer = ask.on_wire("head", intent=Intent.MALFORMED, method="HEAD", raw=b"", content_type=None)
    if answer.wire is None:
        raise Undecided(f"HEAD got no answer: {answer.outcome}")
    extra = answer.wire.trailing or answer.body
    ask.check(
        not extra,
        "the answer to HEAD has a body",
        expected="no byte after the header section",
        actual=f"{len(extra)} bytes: {extra!r}",
        of=[answer],
    )
