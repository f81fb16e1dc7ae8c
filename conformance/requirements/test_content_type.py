"""Content-Type.

Page: Request Headers: Content-Type, with the request types that it lists. RFC 9110, sections 8.3 and 15.5.
"""

from __future__ import annotations

from typing import Any

from conformance.assertions.elements import expect_same_elements, require_data, require_request_body
from conformance.assertions.request_encodings import configured_spellings, spellings, xml_spellings
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
    """The plain body in each type. How XML and form spell an array is not on the page: several spellings are tried,
    and one that gives the plain answer is enough. 415 to all is a failure; no spelling of XML that is understood is
    undecided, unless conformance.toml names the spelling."""
    require_data(ask)
    names = [fact.name for fact in ask.operation.request_types]
    # A reader of each form comes first, for profiles that try no more than that.
    forms = dict.fromkeys(next((n for n in names if form(n)), "") for form in (is_json, is_xml, lambda n: n == FORM))
    for name in ask.limit_in_smoke(dict.fromkeys([*filter(None, forms), *names]), 3):
        _check_type(ask, name)


def _check_type(ask: Probe, media_type: str) -> None:
    ways = spellings(ask, media_type)
    guessed = is_xml(media_type) and not configured_spellings(ask)
    best: tuple[int, Answer] | None = None
    # Of several spellings most are guesses of ours.
    intent = Intent.VARIATION if len(ways) == 1 else Intent.GUESS
    for position, raw in enumerate(ways):
        answer = ask("request type", intent=intent, content_type=media_type, raw=raw)
        if answer.status == 415 or (len(ways) == 1 and not answer.is_success):
            ask.expect_success(answer, f"a body of {media_type}", beside=[ask.baseline()])
        if answer.is_success and _ids(ask, answer) == _ids(ask, ask.baseline()):
            best = position, answer
            break
        if answer.is_success and answer.elements and (best is None or _more(answer, best[1])):
            best = position, answer
    understood = best is not None and _ids(ask, best[1]) == _ids(ask, ask.baseline())
    if (guessed and not understood) or (best is None and len(ways) > 1):
        # What is read in part only may be read whole in a spelling that nobody guesses.
        part = f", and one was read in part ({len(best[1].elements or [])} elements)" if best is not None else ""
        key = f'; name root, namespace and item under [request_xml."{ask.operation.id}"] in conformance.toml'
        ask.incomplete(
            f"the page shows no body of {media_type}, and none of the {len(ways)} spellings of {media_type} that were "
            f"tried gave the data{part}{key if guessed else ''}"
        )
        return
    # JSON leaves nothing to spell in another way.
    raw = ways[best[0] if best is not None else 0]
    if guessed and best is not None:
        ask.facts.request_xml = xml_spellings(ask)[best[0]]
    _check_filter(ask, media_type, raw)
    ask.relate("request type", expect_same_elements(ask, f"a body of {media_type}"), content_type=media_type, raw=raw)


def _more(answer: Answer, than: Answer) -> bool:
    return len(answer.elements or []) > len(than.elements or [])


def _ids(ask: Probe, answer: Answer) -> list[Any]:
    rows = [row.get(ask.facts.identity or "") for row in answer.elements or []]
    return rows if ask.facts.ordered else sorted(rows, key=repr)


def _check_filter(ask: Probe, media_type: str, raw: bytes) -> None:
    """The body's other property is read too: one single state gives what it gives in JSON."""
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
    ask.relate(
        "request type",
        expect_same_elements(ask, f"a body of {media_type}"),
        baseline={"body": body},
        content_type=media_type,
        raw=changed,
    )


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
        ask.relate("content type", expect_same_elements(ask, f"Content-Type: {value}"), content_type=value)
    names = [fact.name for fact in ask.operation.request_types]
    for name in dict(reversed([(each.rpartition("/")[2], each) for each in names])).values():
        # One of each form: text/xml is read by what reads application/xml. Only spellings that are understood without
        # the parameter can show that it makes no difference.
        for raw in spellings(ask, name):
            bare = ask("request type", content_type=name, raw=raw)
            if bare.is_success and _ids(ask, bare) == _ids(ask, ask.baseline()):
                value = f"{name}; charset=utf-8"
                ask.relate(
                    "content type", expect_same_elements(ask, f"Content-Type: {value}"), content_type=value, raw=raw
                )
                break


@requirement(
    "CT-03",
    SHOULD,
    "A type that is not documented is refused with 415",
    source=rfc(9110, "15.5.16"),
    fault="any-content-type",
)
def test_undocumented_types(ask: Probe) -> None:
    """The plain JSON body under types that the page does not list; the control is the same under JSON."""
    require_request_body(ask)
    baseline = ask.baseline()
    ask.require_success(baseline)
    documented = {fact.name.lower() for fact in ask.operation.request_types}
    for name in ("text/plain", "text/csv", "application/octet-stream", "image/png", "application/x-unheard-of"):
        if name not in documented:
            answer = ask("refused", intent=Intent.MALFORMED, content_type=name)
            ask.check(
                answer.status == 415,
                f"a body of {name}, which the page does not list, is not refused with 415",
                expected="415",
                actual=answer.outcome,
                of=[baseline, answer],
            )


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
    swapped = [(ask.json_request_type, spellings(ask, xml)[0], "XML"), (xml, encode_json(ask.facts.body), "JSON")]
    for declared, raw, kind in swapped:
        answer = ask("refused", intent=Intent.MALFORMED, content_type=declared, raw=raw)
        ask.check(
            answer.refused,
            f"a body of {kind} that is declared as {declared} is not refused",
            expected="4xx",
            actual=answer.outcome,
            of=[baseline, answer],
        )


@requirement(
    "CT-05",
    SHOULD,
    "A body without Content-Type is answered without 5xx",
    source=rfc(9110, "8.3"),
    fault="missing-content-type-crashes",
)
def test_no_content_type(ask: Probe) -> None:
    """The plain body with no word about its type: read or refused, both are lawful."""
    require_request_body(ask)
    answer = ask("no content type", intent=Intent.MALFORMED, content_type=None)
    ask.check(
        0 < answer.status < 500,
        "a body without Content-Type makes the server fail",
        expected="no 5xx",
        actual=answer.outcome,
        of=[answer],
    )
