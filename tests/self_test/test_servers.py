"""Conforming servers on FastAPI and Django REST framework raise no alarm, whatever they do where the page is open."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from conformance.requirements import load_requirements
from servers.declared import DECLARED, NON_CONFORMING, declared
from servers.variants import CONFORMING
from servers.variants import NON_CONFORMING as NON_CONFORMING_VARIANTS
from support.server_runs import CONFIGURED, MATRIX, SERVERS, run_server

FOLDER = Path(__file__).parents[1] / "servers"
NON_CONFORMING_MATRIX = [
    (server, variant)
    for server in SERVERS
    for variant in NON_CONFORMING_VARIANTS
    if variant in SERVERS[server][0].VARIANTS
]
TOGETHER = (
    "order-unstable+last-started-moves+dates-without-offset",
    "nulls-left-out+zero-for-not-selected+integers-as-decimals",
    "order-unstable+members-by-language+object-holds-anything+xml-types",
    "never-started+progress-moves+own-zone-codes+xml-keys-respelled",
    "nulls-left-out+never-started+odd-texts+order-unstable",
)
SOME = ("OP-01", "SEL-03", "SEL-05", "XSRF-02", "CT-01", "ACC-02", "LANG-02", "CULT-01", "TZ-01", "SHAPE-02", "HTTP-05")


@pytest.mark.parametrize("server", SERVERS)
def test_the_main_features_of_a_server_as_it_is(server):
    run = run_server(server, requirements=SOME)
    assert (run.failed, run.warned, run.inconclusive) == ((), (), ()), run.messages


def test_a_warning_is_the_same_whatever_the_order_of_the_elements():
    run = run_server("django", "nulls-left-out+order-unstable", requirements=("SEL-01", "SHAPE-10"))
    assert (run.failed, run.warned, run.inconclusive) == ((), ("SEL-01", "SHAPE-10"), ()), run.messages


def test_a_key_of_the_configuration_decides_what_no_page_says():
    without = run_server("fastapi", "xml-root-of-its-own", requirements=("CT-01",))
    assert without.inconclusive == ("CT-01",)
    assert "request_xml" in without.messages["CT-01"]
    with_key = run_server("fastapi", "xml-root-of-its-own", requirements=("CT-01",), keys=(*CONFIGURED, "request_xml"))
    assert (with_key.failed, with_key.inconclusive) == ((), ())


@pytest.mark.slow(reason="whole runs, one for each variant")
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("variants", TOGETHER)
def test_variants_that_meet_raise_no_alarm(server, variants):
    run = run_server(server, variants, seed=2)
    warnings = {id for variant in variants.split("+") for id in declared(server, variant).warnings}
    assert not run.failed, run.messages
    assert set(run.warned) == warnings, run.messages
    assert run.inconclusive == (), run.messages
    assert run.verdict == "conformant", run.messages


@pytest.mark.slow(reason="whole runs, one for each variant")
@pytest.mark.parametrize(("server", "variant"), MATRIX)
def test_a_conforming_server_raises_no_alarm(server, variant):
    run = run_server(server, variant)
    right = declared(server, variant)
    assert not run.failed, run.messages
    assert set(run.warned) == set(right.warnings), run.messages
    assert set(run.inconclusive) == set(right.inconclusive), run.messages
    assert run.verdict == right.verdict


@pytest.mark.slow(reason="whole runs, one for each variant")
@pytest.mark.parametrize("server", SERVERS)
def test_an_online_installation_raises_no_alarm(server):
    run = run_server(server, installation="online")
    assert (run.verdict, run.failed, run.warned, run.inconclusive) == ("conformant", (), (), ()), run.messages


@pytest.mark.slow(reason="whole runs, one for each variant")
@pytest.mark.parametrize(("server", "variant"), NON_CONFORMING_MATRIX)
def test_a_malformed_answer_is_reported_as_what_it_is(server, variant):
    run = run_server(server, variant)
    needed, allowed = NON_CONFORMING[variant]
    assert needed <= set(run.failed) <= needed | allowed, run.messages
    assert run.verdict == "non-conformant"


def test_the_servers_share_nothing_with_the_suite():
    modules = sorted(FOLDER.glob("*.py"))
    assert {"fastapi_server.py", "django_server.py"} <= {module.name for module in modules}
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.partition(".")[0] == "conformance"], module.name


def test_each_variant_is_on_a_server_and_each_declaration_is_of_a_variant():
    everywhere = set().union(*(module.VARIANTS for module, _ in SERVERS.values()))
    assert everywhere == set(CONFORMING) | set(NON_CONFORMING_VARIANTS)
    assert {name.rpartition("/")[2] for name in DECLARED} <= set(CONFORMING)
    assert set(NON_CONFORMING) == set(NON_CONFORMING_VARIANTS)
    known = set(load_requirements())
    named = {id for each in DECLARED.values() for id in (*each.warnings, *each.inconclusive)}
    assert named <= known
