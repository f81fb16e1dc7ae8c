"""Assertions on representations: a body is what its Content-Type says, and every type carries the same data."""

from __future__ import annotations

import codecs
import re

from conformance.assertions.elements import expect_equal_in_xml, expect_same_membership, matched_values
from conformance.comparison.answer import Answer
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import NotApplicable
from conformance.core.media_types import is_json, is_xml
from conformance.engine.probe import Probe

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


def documented_types(ask: Probe) -> list[str]:
    """The response types that the page lists, in lower case."""
    return [fact.name.lower() for fact in ask.operation.response_types]


def require_xml_type(ask: Probe) -> str:
    """The first response type that is XML; raises NotApplicable if the page lists none."""
    found = next((fact.name for fact in ask.operation.response_types if is_xml(fact.name)), None)
    if found is None:
        raise NotApplicable("the page lists no XML type")
    return found


def expect_same_data(ask: Probe, baseline: Answer, other: Answer, types: str) -> None:
    """Check that an answer in JSON and another one, in JSON or XML, hold the same elements and values."""
    expect_same_membership(ask, baseline, other, f"the choice between {types}")
    for name, value, node in matched_values(ask, baseline, other, ask.contract.properties):
        message = f"{name} differs between {types}"
        if other.is_xml:
            expect_equal_in_xml(ask, value, node, message, of=[baseline, other])
        else:
            message = f"{message}: the other has {node!r}"
            ask.check(is_equal(value, node), message, expected=value, actual=node, of=[baseline, other])


def parse_problem(answer: Answer) -> str:
    """Why the body does not parse as the type that the response names; empty if it does."""
    if is_xml(answer.media_type):
        return answer.xml.problem
    return answer.json.problem if is_json(answer.media_type) else ""


def charset_problem(body: bytes, charset: str | None) -> str | None:
    """Why the body is not in the charset that the response names; None if it is, or if none is named."""
    if charset is None:
        return None
    try:
        name = codecs.lookup(charset).name
        body.decode(name)
    except LookupError:
        return f"{charset} is not a charset"
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not {charset}"
    if name not in ("utf-8", "ascii") and not body.isascii():
        # Every byte is some letter in ISO 8859-1; but text of its letters is hardly ever valid UTF-8 by chance.
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return f"it says {charset} and is UTF-8"
    return None


def stack_trace(text: str) -> str:
    """The beginning of a stack trace, or a path of the server's files, in a text; empty if it shows none."""
    found = _TRACES.search(text)
    return text[found.start() : found.start() + 200] if found else ""
