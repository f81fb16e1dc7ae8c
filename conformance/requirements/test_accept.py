"""Accept.

Page: Request Headers: Accept, with the response types that it lists. RFC 9110, section 12.
"""

from __future__ import annotations

from functools import partial

from hypothesis.strategies import SearchStrategy

from conformance.assertions import schemathesis_checks
from conformance.assertions.data import require_data
from conformance.assertions.representations import charset_problem, documented_types, expect_same_data, parse_problem
from conformance.assertions.responses import (
    expect_media_type,
    expect_no_server_error,
    expect_success,
    expect_valid,
    status_and_type,
)
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, NotApplicable, RequirementFailed
from conformance.core.media_types import is_json
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, MUST, SHOULD, header, rfc
from conformance.strategies.header_values import MALFORMED_ACCEPT, accept_lists

ACCEPT = header("Accept")


def weighted_types(ask: Probe) -> SearchStrategy[list[tuple[str, float]]]:
    """Documented types with weights."""
    if len(documented_types(ask)) < 2:
        raise NotApplicable("the page lists fewer than two response types")
    return accept_lists(documented_types(ask))


@requirement(
    "ACC-01",
    MUST,
    "Each documented type alone in Accept gives a response of that type that parses as it",
    source=ACCEPT,
    fault=("accept-ignored", "text-types-mislabelled", "cache-without-accept"),
    smoke=True,
)
def test_each_type(ask: Probe) -> None:
    """The baseline request is sent with each type: Content-Type names it, and the body parses as JSON or XML."""
    for name in ask.limit_in_smoke(sorted(documented_types(ask), key=is_json), 2):
        answer = ask("accept", accept=name)
        expect_success(ask, answer, f"Accept: {name}")
        expect_media_type(ask, answer, [name], f"Accept: {name}")
        expect_valid(ask, answer, parse_problem(answer), f"the response to Accept: {name} does not parse", name)


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
    """Each type is compared with the JSON of the baseline response, property by property. XML has its own way to write
    null, objects and maps: every scalar and every name has to occur. If the other JSON types agree with a type that the
    baseline response differs from, the baseline response is blamed."""
    require_data(ask)
    for name in documented_types(ask):
        if name != ask.json_type:
            try:
                ask.relate(f"Accept: {name}", partial(_expect_agreement, ask, name), accept=name)
            except Inconclusive as error:
                ask.leave_inconclusive(str(error))


def _expect_agreement(ask: Probe, name: str, baseline: Answer, other: Answer) -> None:
    ask.require_success(baseline, other)
    try:
        expect_same_data(ask, baseline, other, f"{ask.json_type} and {name}")
    except RequirementFailed as failure:
        _blame_baseline_if_it_differs_from_all(ask, name, baseline, other, failure)
        raise


def _blame_baseline_if_it_differs_from_all(
    ask: Probe, name: str, baseline: Answer, other: Answer, failure: RequirementFailed
) -> None:
    for third in documented_types(ask):
        if is_json(third) and third not in (ask.json_type, name):
            witness = ask(f"Accept: {third}", accept=third)
            if not witness.is_success or _differ(ask, witness, other) or not _differ(ask, baseline, witness):
                continue
            raise RequirementFailed(
                f"{failure.message}; {third} has the data of {name}, so {ask.json_type} is wrong",
                expected=failure.actual,
                actual=failure.expected,
                answers=[other, witness, baseline],
            )


def _differ(ask: Probe, one: Answer, two: Answer) -> bool:
    try:
        expect_same_data(ask, one, two, "two types")
    except (RequirementFailed, Inconclusive):
        return True
    return False


@requirement(
    "ACC-03",
    MUST,
    "A request without Accept, or with */*, gets a documented type",
    source=rfc(9110, "12.5.1"),
    fault="accept-required",
)
def test_no_preference(ask: Probe) -> None:
    """The baseline request without Accept and with */*; Schemathesis' content_type_conformance checks the type too."""
    for accept in (None, "*/*"):
        answer = ask("accept", accept=accept)
        what = f"Accept: {accept}" if accept else "a request without Accept"
        expect_success(ask, answer, what)
        expect_media_type(ask, answer, documented_types(ask), what)
        problem = schemathesis_checks.problem(answer, "content_type_conformance")
        expect_valid(ask, answer, problem, f"{what} gives a wrong type", " or ".join(documented_types(ask)))


@requirement(
    "ACC-04",
    SHOULD,
    "application/* and text/* give a documented type within the range",
    source=rfc(9110, "12.5.1"),
    fault="type-range-refused",
)
def test_ranges(ask: Probe) -> None:
    """Each range in which the page lists a type."""
    for kind in ("application", "text"):
        inside = [name for name in documented_types(ask) if name.startswith(f"{kind}/")]
        if inside:
            expect_media_type(ask, ask("accept", accept=f"{kind}/*"), inside, f"Accept: {kind}/*")


@requirement(
    "ACC-05",
    SHOULD,
    "Weights in Accept are respected, and q=0 excludes a type",
    source=rfc(9110, "12.4.2"),
    fault=("weights-ignored", "weights-to-one-digit"),
    weights=weighted_types,
)
def test_weights(ask: Probe, weights: list[tuple[str, float]]) -> None:
    """Documented types with different weights give the one with the greatest; with weight 0 it is not given."""
    best = max(weights, key=lambda pair: pair[1])[0]
    accept = ", ".join(name if weight == 1 else f"{name};q={weight}" for name, weight in weights)
    expect_media_type(ask, ask("accept", accept=accept), [best], f"Accept: {accept}")
    rest = [f"{name};q={weight}" for name, weight in weights if name != best]
    for without in (", ".join([*rest, f"{best};q=0"]), f"{best};q=0, */*"):
        answer = ask("accept", accept=without)
        ask.check(
            answer.is_success and answer.media_type != best,
            f"Accept: {without} gives the type that it excludes",
            expected=f"another type than {best}",
            actual=status_and_type(answer),
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
        if name in documented_types(ask):
            continue
        answer = ask("accept", intent=Intent.UNCERTAIN, accept=name)
        ask.check(
            answer.status == 406 or (answer.is_success and answer.media_type in documented_types(ask)),
            f"Accept: {name}, which the page does not list, gives neither 406 nor a type that it lists",
            expected=" or ".join(["406", *documented_types(ask)]),
            actual=status_and_type(answer),
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
    verify, kind = (ask.check, "a") if answer.is_success else (ask.warn_unless, "an error")
    message = f"{kind} response has a body and no Content-Type"
    verify(bool(answer.media_type), message, expected="Content-Type", actual="none", of=[answer])
    charset = answer.response.charset
    problem = charset_problem(answer.body, charset)
    message = f"a body does not decode in the charset that it names: {problem}"
    ask.check(problem is None, message, expected=f"bytes in {charset or 'UTF-8'}", actual=answer.text, of=[answer])


@requirement(
    "ACC-08",
    MUST,
    "Parameters in Accept are tolerated",
    source=ACCEPT,
    fault=("accept-parameters-refused", "accept-case-sensitive"),
)
def test_parameters(ask: Probe) -> None:
    """The JSON type with the charset parameter of the page's sample, and with others, gives a documented type."""
    name = ask.json_type
    for value in (f"{name}; charset=utf-8", f"{name};charset=UTF-8", f"{name}; q=0.9; charset=utf-8"):
        answer = ask("accept", accept=value)
        expect_success(ask, answer, f"Accept: {value}", beside=[ask.baseline()])
        expect_media_type(ask, answer, documented_types(ask), f"Accept: {value}")


@requirement(
    "ACC-09",
    SHOULD,
    "A malformed Accept is answered without 5xx",
    source=rfc(9110, "2.4"),
    fault="malformed-accept-crashes",
)
def test_malformed(ask: Probe) -> None:
    """Values that are not valid in Accept."""
    for value in MALFORMED_ACCEPT:
        answer = ask("malformed accept", intent=Intent.MALFORMED, accept=value)
        expect_no_server_error(ask, answer, f"Accept: {value}")


@requirement(
    "ACC-10", MAY, "Vary names the headers that changed the response", source=rfc(9110, "12.5.5"), fault="vary-missing"
)
def test_vary(ask: Probe) -> None:
    """What Vary names in the baseline response."""
    baseline = ask.baseline()
    if baseline.response is None:
        raise Inconclusive(baseline.outcome)
    names = [value for key, value in baseline.response.headers if key.lower() == "vary"]
    ask.observe(f"Vary: {', '.join(names)}" if names else "no Vary")
