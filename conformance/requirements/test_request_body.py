"""Request body.

Page: Request Body, with its table; the sample shows what the table does not specify. RFC 8259, RFC 9110 15.5.1.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.assertions.data import require_data, require_request_body
from conformance.assertions.elements import expect_same_elements, same_elements
from conformance.assertions.request_encodings import encodings
from conformance.assertions.responses import (
    expect_no_data,
    expect_no_server_error,
    expect_refusal,
    expect_status,
    is_server_error,
)
from conformance.client.codec_json import encode_json
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable
from conformance.core.media_types import is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, REQUEST_BODY, SHOULD, rfc
from conformance.strategies.bodies import (
    allowed_bodies,
    boundary_ids,
    escaped,
    forbidden_bodies,
    id_subsets,
    is_clearly_invalid,
)

AWKWARD_TEXTS = ("'", '"', "a'b", "%", "\\", "x" * 300, "\u20ac\U0001f600", "<a>&amp;", "null", "-1")


def some_allowed(ask: Probe) -> SearchStrategy[Any]:
    """Bodies that the derived request schema allows."""
    require_request_body(ask)
    return allowed_bodies(ask.contract)


def some_forbidden(ask: Probe) -> SearchStrategy[Any]:
    """Bodies that it forbids beyond any lenient reading."""
    require_request_body(ask)
    return forbidden_bodies(ask.contract)


def some_known(ask: Probe) -> SearchStrategy[dict[str, Any]]:
    """Bodies of ids and states that this target has."""
    require_request_body(ask)
    facts = ask.facts
    parts: dict[str, SearchStrategy[Any]] = {name: st.just(value) for name, value in facts.body.items()}
    if facts.ids is not None:
        if not facts.known_ids:
            raise Inconclusive("no id that gives data is known; name some under ids in conformance.toml")
        parts[facts.ids.request] = id_subsets(facts.known_ids)
    if facts.state is not None and facts.known_states:
        words = [word for word in (facts.every_state, *facts.known_states) if word]
        parts[facts.state.request] = st.sampled_from(words)
    return st.fixed_dictionaries(parts)


@requirement(
    "BODY-01",
    MUST,
    "Every body that the schema allows is answered with a documented status",
    source=REQUEST_BODY,
    fault="no-match-204",
    body=some_allowed,
    facts=some_known,
)
def test_allowed_bodies(ask: Probe, body: Any, facts: dict[str, Any]) -> None:
    """Bodies that Schemathesis makes from the derived schema get a documented status, or 4xx if a value means nothing
    to this target; texts with quotes, wildcards or great length are among them. Bodies of ids and states that it has
    get a documented status, and those of nonexistent ids the same, or 4xx."""
    documented = [fact.name for fact in ask.operation.statuses]
    bodies = [("allowed body", body, True), ("known body", facts, False)]
    if ask.facts.ids is not None:
        bodies.append(("nonexistent ids", {**ask.facts.body, ask.facts.ids.request: [2147480001, 2147480002]}, True))
    for name, schema in (ask.contract.request or {}).get("properties", {}).items():
        if schema.get("type") in ("string", ["string", "null"]):
            bodies += [("allowed body", {**ask.facts.body, name: text}, True) for text in AWKWARD_TEXTS]
    for purpose, value, is_lenient in bodies:
        answer = ask(purpose, intent=Intent.UNCERTAIN if is_lenient else Intent.VARIATION, body=value)
        expect_status(ask, answer, [*documented, *(["4xx"] if is_lenient else [])], "a body that the page allows")


@requirement(
    "BODY-02",
    MUST,
    "A body that cannot be parsed is not answered with data",
    source=rfc(9110, "15.5.1"),
    fault="broken-body-understood",
    smoke=True,
)
def test_malformed_bodies(ask: Probe) -> None:
    """The beginning of the baseline body, and text that no lenient reader accepts as JSON or XML: 4xx. An answer
    without data is a warning, data is a failure. The control is the baseline request."""
    require_request_body(ask)
    baseline = ask.baseline()
    ask.require_success(baseline)
    whole = encode_json(ask.facts.body)
    texts = [whole[: len(whole) // 2], whole[:-1], b"}{", b"\xff\xfe\x00{", b"<<<>>>", b""]
    malformed = [(ask.json_request_type, raw) for raw in texts]
    for fact in ask.operation.request_types:
        if is_xml(fact.name):
            raw = encodings(ask, fact.name)[0]
            malformed += [(fact.name, raw[: len(raw) // 2]), (fact.name, raw[: raw.rindex(b"<")])]
    for media_type, raw in ask.limit_in_smoke(malformed, 3):
        answer = ask("malformed body", intent=Intent.MALFORMED, content_type=media_type, raw=raw)
        if is_server_error(answer):
            continue
        what = f"a body that is not {'XML' if is_xml(media_type) else 'JSON'}"
        expect_no_data(ask, answer, what, expected="4xx", beside=[baseline])
        is_refused, message = answer.is_refused or not raw, f"{what} is not refused"
        ask.warn_unless(is_refused, message, expected="4xx", actual=answer.outcome, of=[baseline, answer])


@requirement(
    "BODY-03",
    SHOULD,
    "A body that parses but violates the schema is refused with 4xx",
    source=REQUEST_BODY,
    fault="wrong-types-ignored",
    body=some_forbidden,
)
def test_forbidden_bodies(ask: Probe, body: Any) -> None:
    """Bodies of the wrong kind that Schemathesis makes: an object for an array, words for numbers, an array for the
    whole body; and the baseline body with the same mistakes. Numbers as text, null and missing properties may be
    accepted. OP-04 covers 5xx."""
    baseline = ask.baseline()
    ask.require_success(baseline)
    for wrong in (body, *_clearly_invalid(ask)):
        answer = ask("forbidden body", intent=Intent.MALFORMED, body=wrong)
        holds, message = answer.is_refused or is_server_error(answer), "a body of the wrong type is not refused"
        ask.check(holds, message, expected="4xx", actual=answer.outcome, of=[baseline, answer])


def _clearly_invalid(ask: Probe) -> list[Any]:
    """The baseline body with each property in turn of a kind that it cannot be, and in an array."""
    bodies: list[Any] = [[ask.facts.body]]
    for name, schema in (ask.contract.request or {}).get("properties", {}).items():
        wrong: list[Any] = [[{"a": 1}], {"a": 1}] if "array" in str(schema.get("type")) else [{"a": 1}]
        bodies += [{**ask.facts.body, name: value} for value in wrong]
    return [body for body in bodies if is_clearly_invalid(body, ask.contract.request or {})]


@requirement(
    "BODY-04",
    MUST,
    "Order of properties, white space and escapes make no difference",
    source=rfc(8259, "4"),
    fault="escapes-not-decoded",
    smoke=True,
)
def test_json_spelling(ask: Probe) -> None:
    """A body that asks for one state, with its properties reversed, with white space everywhere, and with names and
    texts escaped."""
    require_request_body(ask)
    body = discriminating_body(ask)
    spelled = {
        "the order of the properties": encode_json(dict(reversed(body.items()))),
        "white space": json.dumps(body, indent="\t", separators=(" ,\r\n ", " : ")).encode(),
        "escapes": escaped(body).encode(),
    }
    for what, raw in ask.limit_in_smoke(reversed(spelled.items()), 1):
        ask.relate("spelled", same_elements(ask, what), baseline={"body": body}, raw=raw)


def discriminating_body(ask: Probe) -> dict[str, Any]:
    """The baseline body, asking for one state if one is known: then the answer shows if a property is lost."""
    facts = ask.facts
    if facts.state is None or not facts.known_states:
        return facts.body
    return {**facts.body, facts.state.request: facts.known_states[0]}


@requirement(
    "BODY-05",
    MUST,
    "Integers at and beyond the bounds of int32, and empty or very long arrays, cause no 5xx",
    source=REQUEST_BODY,
    fault="int32-overflow-crashes",
)
def test_bounds(ask: Probe) -> None:
    """Arrays of ids at and beyond the bounds may be accepted or refused, but the server does not fail."""
    require_request_body(ask)
    if ask.facts.ids is None:
        raise NotApplicable("the request has no array of integers")
    name = ask.facts.ids.request
    for ids in boundary_ids():
        answer = ask("bounds", intent=Intent.UNCERTAIN, body={**ask.facts.body, name: ids})
        expect_no_server_error(ask, answer, f"{name} = {f'{len(ids)} ids' if len(ids) > 2 else ids}")


@requirement(
    "BODY-06",
    SHOULD,
    "An additional property is ignored or refused with 4xx",
    source=REQUEST_BODY,
    fault="additional-property-crashes",
)
def test_additional_properties(ask: Probe) -> None:
    """The baseline body with a property that the page does not have, of each kind."""
    require_request_body(ask)
    baseline, what = ask.baseline(), "an additional property in the body"
    for value in ("text", None, {"a": [1]}):
        body = {**ask.facts.body, "NoSuchProperty": value}
        answer = ask("additional property", intent=Intent.UNCERTAIN, body=body)
        if answer.is_success:
            ask.relate("additional property", same_elements(ask, what), body=body)
        else:
            expect_refusal(ask, answer, what, control=baseline)


@requirement(
    "BODY-07",
    SHOULD,
    "A chunked body means what the same body with Content-Length means",
    source=rfc(9112, "7.1"),
    fault=("chunked-ignored", "chunked-cut"),
)
def test_chunked(ask: Probe) -> None:
    """The baseline body in two chunks. A server may insist on Content-Length with 411 (RFC 9110 15.5.12)."""
    require_request_body(ask)
    require_data(ask)
    body = discriminating_body(ask)

    def judge(baseline: Answer, chunked: Answer) -> None:
        if chunked.status == 411:
            ask.observe("a chunked body is refused with 411")
            return
        expect_same_elements(ask, baseline, chunked, "a chunked body")

    ask.relate("chunked", judge, baseline={"body": body}, body=body, chunked=True)
