"""Accept.

Page: Request Headers: Accept, with the response types that it lists. RFC 9110, section 12.
"""

from __future__ import annotations

import codecs
from functools import partial

from hypothesis.strategies import SearchStrategy

from conformance.assertions import schemathesis_checks
from conformance.assertions.elements import require_data, same_membership
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import is_equal, is_equal_in_xml, pairs
from conformance.comparison.outcomes import Inconclusive, NotApplicable, RequirementFailed
from conformance.core.media_types import is_json, is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, rfc
from conformance.strategies.header_values import MALFORMED_ACCEPT, accept_lists

ACCEPT = header("Accept")


def documented(ask: Probe) -> list[str]:
    """The response types that the page lists, in lower case."""
    return [fact.name.lower() for fact in ask.operation.response_types]


def parses(answer: Answer) -> str | None:
    """Why the body does not parse as the type that the response says; None where it does."""
    if is_xml(answer.media_type):
        return answer.xml.problem or None
    return answer.json.problem or None if is_json(answer.media_type) else None


def some_weights(ask: Probe) -> SearchStrategy[list[tuple[str, float]]]:
    """Documented types with weights."""
    if len(documented(ask)) < 2:
        raise NotApplicable("the page lists fewer than two response types")
    return accept_lists(documented(ask))


@requirement(
    "ACC-01",
    MUST,
    "Each documented type alone in Accept gives a response of that type that parses as it",
    source=ACCEPT,
    fault=("accept-ignored", "text-types-mislabelled", "cache-without-accept"),
    smoke=True,
)
def test_each_type(ask: Probe) -> None:
    """The plain request under each type: Content-Type names it, and the body is JSON or XML as it says."""
    for name in ask.limit_in_smoke(sorted(documented(ask), key=is_json), 2):
        answer = ask("accept", accept=name)
        ask.expect_success(answer, f"Accept: {name}")
        ask.check(
            answer.media_type == name,
            f"Accept: {name} gives another type",
            expected=name,
            actual=answer.header("Content-Type") or "no Content-Type",
            of=[answer],
        )
        problem = parses(answer)
        ask.check(
            problem is None,
            f"the response to Accept: {name} does not parse as what it says",
            expected=name,
            actual=problem,
            of=[answer],
        )


@requirement(
    "ACC-02",
    MUST,
    "Every representation carries the same data",
    source=ACCEPT,
    fault=(
        "xml-loses-objects",
        "xml-drops-last-element",
        "xml-moments-without-offset",
        "xml-loses-characters",
        "xml-cuts-long-text",
        "xml-escapes-twice",
    ),
)
def test_representations_agree(ask: Probe) -> None:
    """Each type against the JSON of the plain answer, property by property. XML has its own spelling of null, objects
    and maps: every scalar and every name has to occur. If the other JSON types agree with a type that the plain answer
    differs from, the plain answer is the odd one."""
    require_data(ask)
    for name in documented(ask):
        if name != ask.json_type:
            try:
                ask.relate(f"Accept: {name}", partial(_agree, ask, name), accept=name)
            except Inconclusive as error:
                ask.incomplete(str(error))


def _agree(ask: Probe, name: str, baseline: Answer, other: Answer) -> None:
    ask.require_success(baseline, other)
    try:
        same_data(ask, baseline, other, f"{ask.json_type} and {name}")
    except RequirementFailed as broken:
        _report_the_outlier(ask, name, baseline, other, broken)
        raise


def _report_the_outlier(ask: Probe, name: str, baseline: Answer, other: Answer, broken: RequirementFailed) -> None:
    """Raise what shows that the plain answer is the one that differs from all; nothing where it is not."""
    for third in documented(ask):
        if is_json(third) and third not in (ask.json_type, name):
            witness = ask(f"Accept: {third}", accept=third)
            if not witness.is_success or _differ(ask, witness, other) or not _differ(ask, baseline, witness):
                continue
            raise RequirementFailed(
                f"{broken.message}; {third} has the data of {name}, so {ask.json_type} is the odd one",
                expected=broken.actual,
                actual=broken.expected,
                answers=[other, witness, baseline],
            )


def _differ(ask: Probe, one: Answer, two: Answer) -> bool:
    try:
        same_data(ask, one, two, "two types")
    except (RequirementFailed, Inconclusive):
        return True
    return False


def same_data(ask: Probe, baseline: Answer, other: Answer, types: str) -> None:
    """Check that an answer in JSON and another one, in JSON or XML, hold the same elements and values."""
    same_membership(ask, baseline, other, f"the choice between {types}")
    for before, after in pairs(baseline, other, ask.facts):
        for prop in ask.contract.properties:
            if prop in ask.facts.volatile:
                continue
            value, node = before.get(prop), after.get(prop)
            differs = None if is_equal(value, node) else f"the other has {node!r}"
            problem = is_equal_in_xml(value, node) if other.is_xml else differs
            ask.check(
                problem is None,
                f"{prop} differs between {types}: {problem}",
                expected=value,
                actual=node,
                of=[baseline, other],
            )


@requirement(
    "ACC-03", MUST, "No Accept, and */*, give a documented type", source=rfc(9110, "12.5.1"), fault="accept-required"
)
def test_no_preference(ask: Probe) -> None:
    """The plain request without Accept and with */*; Schemathesis' content_type_conformance judges the type too."""
    for accept in (None, "*/*"):
        answer = ask("accept", accept=accept)
        what = f"Accept: {accept}" if accept else "a request without Accept"
        ask.expect_success(answer, what)
        problem = schemathesis_checks.problem(answer, "content_type_conformance")
        ask.check(
            answer.media_type in documented(ask) and problem is None,
            f"{what} gives a type that the page does not list",
            expected=" or ".join(documented(ask)),
            actual=answer.header("Content-Type") or problem,
            of=[answer],
        )


@requirement(
    "ACC-04",
    SHOULD,
    "application/* and text/* give a documented type inside the range",
    source=rfc(9110, "12.5.1"),
    fault="type-range-refused",
)
def test_ranges(ask: Probe) -> None:
    """Each range of which the page lists a type."""
    for kind in ("application", "text"):
        inside = [name for name in documented(ask) if name.startswith(f"{kind}/")]
        if inside:
            answer = ask("accept", accept=f"{kind}/*")
            ask.check(
                answer.is_success and answer.media_type in inside,
                f"Accept: {kind}/* gives no {kind} type of the page",
                expected=" or ".join(inside),
                actual=f"{answer.outcome}, {answer.media_type or 'no type'}",
                of=[answer],
            )


@requirement(
    "ACC-05",
    SHOULD,
    "Weights are honoured, and q=0 excludes a type",
    source=rfc(9110, "12.4.2"),
    fault=("weights-ignored", "weights-to-one-digit"),
    weights=some_weights,
)
def test_weights(ask: Probe, weights: list[tuple[str, float]]) -> None:
    """Documented types with unlike weights give the heaviest; the same with its weight set to 0 gives another."""
    best = max(weights, key=lambda pair: pair[1])[0]
    accept = ", ".join(name if weight == 1 else f"{name};q={weight}" for name, weight in weights)
    answer = ask("accept", accept=accept)
    ask.check(
        answer.media_type == best,
        f"Accept: {accept} does not give the type of the greatest weight",
        expected=best,
        actual=f"{answer.outcome}, {answer.media_type or 'no type'}",
        of=[answer],
    )
    rest = [f"{name};q={weight}" for name, weight in weights if name != best]
    for without in (", ".join([*rest, f"{best};q=0"]), f"{best};q=0, */*"):
        answer = ask("accept", accept=without)
        ask.check(
            answer.is_success and answer.media_type != best,
            f"Accept: {without} gives the type that it excludes",
            expected=f"another type than {best}",
            actual=f"{answer.outcome}, {answer.media_type or 'no type'}",
            of=[answer],
        )


@requirement(
    "ACC-06",
    MUST,
    "A type that is not documented gives 406 or a documented type",
    source=rfc(9110, "12.5.1"),
    fault="unknown-type-echoed",
)
def test_undocumented_types(ask: Probe) -> None:
    """Types that the page does not list, alone in Accept."""
    for name in ("text/csv", "image/png", "application/x-unheard-of"):
        if name in documented(ask):
            continue
        answer = ask("accept", intent=Intent.UNCERTAIN, accept=name)
        fine = answer.status == 406 or (answer.is_success and answer.media_type in documented(ask))
        ask.check(
            fine,
            f"Accept: {name}, which the page does not list, gives neither 406 nor a type that it lists",
            expected=f"406, or {' or '.join(documented(ask))}",
            actual=f"{answer.outcome}, {answer.media_type or 'no type'}",
            of=[answer],
        )


@requirement(
    "ACC-07",
    MUST,
    "A response with a body names its type, and its bytes decode in the charset that it names",
    source=rfc(9110, "8.3"),
    fault=("charset-wrong", "content-type-missing", "xml-gzip-label-lost"),
    observes_all=True,
    smoke=True,
)
def test_type_and_charset(ask: Probe, answer: Answer) -> None:
    """Every response of the run that has a body; in an error response a missing type is a warning."""
    if not answer.body or answer.exchange.request.method == "HEAD":
        return
    assert answer.response is not None
    named = bool(answer.media_type)
    if answer.is_success:
        ask.check(
            named, "a response has a body and no Content-Type", expected="Content-Type", actual="none", of=[answer]
        )
    else:
        ask.warn_unless(
            named,
            "an error response has a body and no Content-Type",
            expected="Content-Type",
            actual="none",
            of=[answer],
        )
    problem = _charset_problem(answer.body, answer.response.charset)
    ask.check(
        problem is None,
        f"a body does not decode in the charset that it names: {problem}",
        expected=f"bytes in {answer.response.charset or 'UTF-8'}",
        actual=answer.text,
        of=[answer],
    )


def _charset_problem(body: bytes, charset: str | None) -> str | None:
    if charset is None:
        return None
    try:
        name = codecs.lookup(charset).name
        body.decode(name)
    except LookupError:
        return f"{charset} is no charset"
    except UnicodeDecodeError as error:
        return f"byte {error.start} is no {charset}"
    if name not in ("utf-8", "ascii") and not body.isascii():
        # Every byte is some letter in ISO 8859-1; but text of its letters is next to never valid UTF-8 by chance.
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return f"it says {charset} and is UTF-8"
    return None


@requirement(
    "ACC-08",
    MUST,
    "Parameters on Accept are tolerated",
    source=ACCEPT,
    fault=("accept-parameters-refused", "accept-case-sensitive"),
)
def test_parameters(ask: Probe) -> None:
    """The JSON type with the charset parameter of the page's sample, and with others: served, as that type."""
    name = ask.json_type
    for value in (f"{name}; charset=utf-8", f"{name};charset=UTF-8", f"{name}; q=0.9; charset=utf-8"):
        answer = ask("accept", accept=value)
        ask.expect_success(answer, f"Accept: {value}", beside=[ask.baseline()])
        ask.check(
            answer.media_type in documented(ask),
            f"Accept: {value} gives a type that the page does not list",
            expected=name,
            actual=answer.media_type or "no type",
            of=[answer],
        )


@requirement(
    "ACC-09",
    SHOULD,
    "A malformed Accept is answered without 5xx",
    source=rfc(9110, "2.4"),
    fault="malformed-accept-crashes",
)
def test_malformed(ask: Probe) -> None:
    """Values that are no Accept."""
    for value in MALFORMED_ACCEPT:
        answer = ask("malformed accept", intent=Intent.MALFORMED, accept=value)
        ask.check(
            0 < answer.status < 500,
            f"Accept: {value} makes the server fail",
            expected="no 5xx",
            actual=answer.outcome,
            of=[answer],
        )


@requirement(
    "ACC-10", MAY, "Vary names the headers that changed the response", source=rfc(9110, "12.5.5"), fault="vary-missing"
)
def test_vary(ask: Probe) -> None:
    """What Vary names in the plain answer."""
    baseline = ask.baseline()
    if baseline.response is None:
        raise Inconclusive(baseline.outcome)
    names = [value for key, value in baseline.response.headers if key.lower() == "vary"]
    ask.observe(f"Vary: {', '.join(names)}" if names else "no Vary")
