"""Content-Type.

Page: Request Headers: Content-Type, with the request types that it lists. RFC 9110, sections 8.3 and 15.5.
"""

from __future__ import annotations

from typing import Any

from conformance.assertions.data import require_data, require_request_body
from conformance.assertions.elements import same_elements
from conformance.assertions.request_encodings import configured_spellings, encodings, xml_spellings
from conformance.assertions.responses import expect_no_server_error, expect_refusal, expect_status, expect_success
from conformance.client.codec_form import encode_form
from conformance.client.codec_json import encode_json
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import NotApplicable
from conformance.core.media_types import FORM, is_json, is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, header, rfc

CONTENT_TYPE = header("Content-Type")


@requirement(
    "CT-01",
    MUST,
    "Each documented request type is accepted and gives what application/json gives",
    source=CONTENT_TYPE,
    fault=("form-refused", "xml-state-lost", "form-first-id-only", "patch-types-refused"),
    smoke=True,
)
def test_documented_types(ask: Probe) -> None:
    """The baseline body is sent in each type. The page does not say how XML and form write an array: several encodings
    are tried, and one that gives the baseline response is enough. 415 is a failure; if no encoding in XML is
    understood, it is inconclusive, unless conformance.toml names the encoding."""
    require_data(ask)
    names = [fact.name for fact in ask.operation.request_types]
    # A reader of each form comes first, for profiles that try only these.
    forms = dict.fromkeys(next((n for n in names if form(n)), "") for form in (is_json, is_xml, lambda n: n == FORM))
    for name in ask.limit_in_smoke(dict.fromkeys([*filter(None, forms), *names]), 3):
        _expect_type(ask, name)


def _expect_type(ask: Probe, media_type: str) -> None:
    bodies = encodings(ask, media_type)
    is_guess = is_xml(media_type) and not configured_spellings(ask)
    best: tuple[int, Answer] | None = None
    # Most of several encodings are guesses.
    intent = Intent.VARIATION if len(bodies) == 1 else Intent.GUESS
    for position, raw in enumerate(bodies):
        answer = ask("request type", intent=intent, content_type=media_type, raw=raw)
        if answer.status == 415 or (len(bodies) == 1 and not answer.is_success):
            expect_success(ask, answer, f"a body of {media_type}", beside=[ask.baseline()])
        if _is_as_baseline(ask, answer):
            best = position, answer
            break
        if answer.is_success and answer.elements and (best is None or _has_more(answer, best[1])):
            best = position, answer
    is_understood = best is not None and _is_as_baseline(ask, best[1])
    if (is_guess and not is_understood) or (best is None and len(bodies) > 1):
        # What is read in part may be read completely in an encoding that is not tried here.
        part = f", and one was read in part ({len(best[1].elements or [])} elements)" if best is not None else ""
        key = f'; name root, namespace and item under [request_xml."{ask.operation.id}"] in conformance.toml'
        ask.leave_inconclusive(
            f"the page shows no body of {media_type}, and none of the {len(bodies)} encodings of {media_type} that "
            f"were tried gave the data{part}{key if is_guess else ''}"
        )
        return
    raw = bodies[best[0] if best is not None else 0]
    if is_guess and best is not None:
        ask.facts.request_xml = xml_spellings(ask)[best[0]]
    _expect_filter(ask, media_type, raw)
    ask.relate("request type", same_elements(ask, f"a body of {media_type}"), content_type=media_type, raw=raw)


def _has_more(answer: Answer, than: Answer) -> bool:
    return len(answer.elements or []) > len(than.elements or [])


def _is_as_baseline(ask: Probe, answer: Answer) -> bool:
    return answer.is_success and _identities(ask, answer) == _identities(ask, ask.baseline())


def _identities(ask: Probe, answer: Answer) -> list[Any]:
    values = [element.get(ask.facts.identity or "") for element in answer.elements or []]
    return values if ask.facts.ordered else sorted(values, key=repr)


def _expect_filter(ask: Probe, media_type: str, raw: bytes) -> None:
    """Check that the body's other property is read too: one single state gives what it gives in JSON."""
    facts = ask.facts
    if facts.state is None:
        return
    asked = facts.body.get(facts.state.request)
    states = [state for state in facts.known_states if state != asked]
    if not isinstance(asked, str) or not asked or not states:
        return
    state = min(states, key=len)
    old, new = asked.encode(), state.encode()
    if raw.count(old) != 1:
        return
    body = {**facts.body, facts.state.request: state}
    if is_json(media_type):
        changed = encode_json(body)
    elif media_type == FORM:
        changed = raw.replace(encode_form({"x": asked})[2:], encode_form({"x": state})[2:])
    else:
        changed = raw.replace(old, new)
    judge = same_elements(ask, f"a body of {media_type}")
    ask.relate("request type", judge, baseline={"body": body}, content_type=media_type, raw=changed)


@requirement(
    "CT-02",
    MUST,
    "Type names and parameters match without regard to case; a charset is accepted, quoted or not",
    source=CONTENT_TYPE,
    fault=("content-type-case-sensitive", "charset-quoted-refused", "charset-case-sensitive"),
)
def test_spelling_of_the_type(ask: Probe) -> None:
    """The JSON type in other case, and with charset=utf-8 in the forms that RFC 9110 8.3.1 makes equal."""
    name = ask.json_request_type
    for value in (
        name.title(),
        name.upper(),
        f"{name}; charset=utf-8",
        f"{name};charset=UTF-8",
        f'{name}; charset="utf-8"',
        f"{name} ; Charset=utf-8",
    ):
        ask.relate("content type", same_elements(ask, f"Content-Type: {value}"), content_type=value)
    names = [fact.name for fact in ask.operation.request_types]
    for name in dict(reversed([(each.rpartition("/")[2], each) for each in names])).values():
        # One of each form: what reads application/xml also reads text/xml. Only an encoding that is understood without
        # the parameter can show that it makes no difference.
        for raw in encodings(ask, name):
            if _is_as_baseline(ask, ask("request type", content_type=name, raw=raw)):
                value = f"{name}; charset=utf-8"
                judge = same_elements(ask, f"Content-Type: {value}")
                ask.relate("content type", judge, content_type=value, raw=raw)
                break


@requirement(
    "CT-03",
    SHOULD,
    "A type that is not documented is refused with 415",
    source=rfc(9110, "15.5.16"),
    fault="any-content-type",
)
def test_undocumented_types(ask: Probe) -> None:
    """The baseline body under types that the page does not list; the control is the same under JSON."""
    require_request_body(ask)
    baseline = ask.baseline()
    ask.require_success(baseline)
    documented = {fact.name.lower() for fact in ask.operation.request_types}
    for name in ("text/plain", "text/csv", "application/octet-stream", "image/png", "application/x-unheard-of"):
        if name not in documented:
            answer = ask("refused", intent=Intent.MALFORMED, content_type=name)
            expect_status(ask, answer, ["415"], f"a body of {name}, which the page does not list,", beside=[baseline])


@requirement(
    "CT-04",
    SHOULD,
    "A body that is not of its declared type is refused with 4xx",
    source=rfc(9110, "15.5.1"),
    fault="body-guessed",
)
def test_body_of_another_type(ask: Probe) -> None:
    """XML declared as JSON, and JSON declared as XML; the control is JSON declared as JSON."""
    require_request_body(ask)
    baseline = ask.baseline()
    ask.require_success(baseline)
    xml = next((fact.name for fact in ask.operation.request_types if is_xml(fact.name)), None)
    if xml is None:
        raise NotApplicable("the page lists no XML type")
    swapped = [(ask.json_request_type, encodings(ask, xml)[0], "XML"), (xml, encode_json(ask.facts.body), "JSON")]
    for declared, raw, kind in swapped:
        answer = ask("refused", intent=Intent.MALFORMED, content_type=declared, raw=raw)
        expect_refusal(ask, answer, f"a body of {kind} that is declared as {declared}", control=baseline)


@requirement(
    "CT-05",
    SHOULD,
    "A body without Content-Type is answered without 5xx",
    source=rfc(9110, "8.3"),
    fault="missing-content-type-crashes",
)
def test_no_content_type(ask: Probe) -> None:
    """The baseline body without its type: it may be read or refused."""
    require_request_body(ask)
    answer = ask("no content type", intent=Intent.MALFORMED, content_type=None)
    expect_no_server_error(ask, answer, "a body without Content-Type")
