"""The conforming variants: none fails, each warns of what it departs from and nothing else, and none passes for nothing."""

from __future__ import annotations

import fnmatch
import functools

import pytest
from werkzeug.test import Client

from conformance.client.credentials import parse_credential
from conformance.core.errors import InputError
from conformance.reference import DEMO_AUTH, VARIANTS, ReferenceApplication
from conformance.reference.variants.catalogue import Variants
from conformance.reporting.verdict import Verdict
from conformance.requirements import load_requirements
from support.suite_runner import contract
from support.variant_runs import VariantRun, run_variant

# These wait, and their waiting is what they are; the benchmark runs them whole.
SLOW = ("slow", "rate-limited")

# That an unknown language, culture or zone is not an error shows without any data.
HARMLESS = {"LANG-05", "CULT-03", "TZ-05"}


@functools.cache
def ran(variant: str) -> VariantRun:
    return run_variant(variant, profile="smoke" if variant in SLOW else "standard")


def named(patterns: tuple[str, ...]) -> set[str]:
    return {id for id in load_requirements() for pattern in patterns if fnmatch.fnmatch(id, pattern)}


@pytest.mark.slow(reason="a run of the suite for each variant")
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_false_alarm(variant: str) -> None:
    run = ran(variant)
    assert run.false_alarms == [], {id: run.reasons[id] for id in run.false_alarms}
    # The smoke profile is a part of the suite.
    assert run.verdict == (Verdict.PARTIAL.value if variant in SLOW else run.expected_verdict), run.inconclusive
    departs = VARIANTS[variant].departs
    assert set(run.warned) == set(departs)


@pytest.mark.slow(reason="a run of the suite for each variant")
@pytest.mark.parametrize("variant", [each.id for each in VARIANTS.values() if each.inconclusive])
def test_what_gives_no_evidence_stays_inconclusive(variant: str) -> None:
    run = ran(variant)
    expected = named(VARIANTS[variant].inconclusive) - HARMLESS
    assert expected - set(run.inconclusive) == set(), "passed for nothing"


@pytest.mark.slow(reason="a run of the suite for each variant")
@pytest.mark.parametrize(("variant", "id"), [(each.id, id) for each in VARIANTS.values() for id in each.observed])
def test_what_a_variant_does_is_recorded(variant: str, id: str) -> None:
    assert id in ran(variant).observed
    assert ran(variant).reasons[id] != ran("").reasons[id]


@pytest.mark.slow(reason="a run of the suite for each variant")
def test_nothing_is_passed_of_a_server_without_data() -> None:
    run = ran("no-data")
    about_data = named(("SEL-*", "LANG-*", "CULT-*", "TZ-*", "RES-*"))
    assert about_data & set(run.passed) == HARMLESS
    assert run.verdict == Verdict.INCONCLUSIVE.value


def test_each_variant_says_what_it_is() -> None:
    assert len(VARIANTS) == 53
    known = load_requirements()
    for variant in VARIANTS.values():
        assert variant.title.endswith(".")
        assert set(variant.departs) <= set(known)
        assert all(named((pattern,)) for pattern in variant.inconclusive)


def answers(variants: list[str]) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """What a server of these variants says to one request of each kind."""
    client = Client(ReferenceApplication(contract(), variants=variants))
    operation = contract().operations[0].operation
    every = {"AssociateIds": list(range(20)), "State": "All"}
    found = []
    for changes, headers in (
        ({}, {}), ({}, {"Accept": "text/xml"}), ({}, {"Accept-Encoding": "gzip"}), ({}, {"Accept": "image/png"}),
        ({}, {"SO-TimeZone": "Asia/Kolkata"}), ({"query_string": "$select=Id"}, {}), ({"json": {**every, "State": "No"}}, {}),
        ({"json": {**every, "More": 1}}, {}), ({"method": "HEAD"}, {}), ({}, {"Authorization": "none"}), ({}, {}),
    ):  # fmt: skip
        for credential in DEMO_AUTH[:4]:
            lines = dict(parse_credential(credential).headers()) | {"Accept": "application/json"} | headers
            options = {"json": every, "method": "POST", **changes}
            response = client.open(operation.path, headers=lines, **options)
            found.append((response.status_code, sorted(response.headers.items()), response.data))
    return found


@pytest.mark.parametrize("variant", [each for each in VARIANTS if each not in (*SLOW, "connection-close")])
def test_a_variant_shows(variant: str) -> None:
    assert answers([variant]) != answers([])


def test_the_plain_server_says_the_same_each_time() -> None:
    assert answers([]) == answers([])


def test_an_unknown_variant() -> None:
    with pytest.raises(InputError, match=r"--variant slo: there is no such variant; did you mean slow\?"):
        Variants(["slo"])
