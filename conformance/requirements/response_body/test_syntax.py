"""JSON and XML are well-formed. RFC 8259, XML 1.0."""

from __future__ import annotations

from conformance.assertions.responses import expect_value
from conformance.assertions.results import is_json_result, is_result
from conformance.comparison.answer import Answer
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, rfc


@requirement(
    "SHAPE-08",
    MUST,
    "JSON and XML are well-formed, and JSON is in UTF-8 without NaN or Infinity",
    source=rfc(8259, "8.1"),
    fault=("nan-in-json", "xml-unescaped", "xml-zone-mislabelled", "length-in-characters"),
    observes_all=True,
    smoke=True,
)
def test_well_formed(ask: Probe, answer: Answer) -> None:
    """Every successful answer that says it is JSON or XML and has a body. A result without a body is not a JSON text;
    because the page does not mention it, it is a warning."""
    if not answer.is_success:
        return
    if not answer.body:
        _warn_of_no_body(ask, answer)
    elif answer.is_xml:
        _expect_parsed(ask, answer, answer.xml.problem, "XML")
    elif is_json(answer.media_type):
        _expect_parsed(ask, answer, answer.json.problem, "JSON")
        has_mark, expected = answer.body.startswith(b"\xef\xbb\xbf"), "no byte order mark (RFC 8259 8.1)"
        message, actual = "the JSON starts with a byte order mark", repr(answer.body[:8])
        ask.check(not has_mark, message, expected=expected, actual=actual, of=[answer])
        try:
            answer.body.decode("utf-8")
        except UnicodeDecodeError as error:
            actual = repr(answer.body[max(0, error.start - 20) : error.start + 20])
            expect_value(ask, answer, False, f"byte {error.start} of the JSON", "UTF-8 (RFC 8259 8.1)", actual)


def _expect_parsed(ask: Probe, answer: Answer, problem: str, kind: str) -> None:
    message = f"the {kind} is not well-formed: {problem}"
    ask.check(not problem, message, expected=f"well-formed {kind}", actual=answer.text, of=[answer])


def _warn_of_no_body(ask: Probe, answer: Answer) -> None:
    may_be_empty = answer.status in (204, 205) or answer.exchange.request.method == "HEAD"
    # A framework that leaves the body out leaves the type out too.
    type_ = answer.media_type
    lacks = f"says that it is {type_}, and has no body" if type_ else "has neither a type nor a body"
    if is_result(ask, answer) and not may_be_empty and (not type_ or answer.is_xml or is_json(type_)):
        expected = "null or an empty list if there is nothing"
        ask.warn_unless(False, f"the answer {lacks}", expected=expected, actual="no body", of=[answer])


@requirement(
    "SHAPE-09",
    SHOULD,
    "Names within a JSON object are unique",
    source=rfc(8259, "4"),
    fault="duplicate-names",
    observes_all=True,
)
def test_unique_names(ask: Probe, answer: Answer) -> None:
    """Every successful JSON answer."""
    if is_json_result(ask, answer) and answer.body:
        names = ", ".join(dict.fromkeys(answer.json.repeated))
        message = f"a JSON object has {names} more than once"
        ask.check(not names, message, expected="unique names", actual=names, of=[answer])
