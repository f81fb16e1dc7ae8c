"""The journal of a run holds all that its reports are made of, and what each requirement was tried with."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance.journal
from conformance.comparison.target_facts import FactName
from conformance.core.errors import InputError
from conformance.engine.config import Config
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.engine.trial import LONGEST_DRAWS, draws_as_json
from conformance.journal.reader import JournalReader
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, serve
from conformance.reporting.conclude import conclude
from conformance.reporting.from_journal import JournalReports
from conformance.reporting.journaling import keep_journal, read_record
from conformance.reporting.recorded_contract import read_contract, read_facts, read_pages
from support.suite_runner import contract

CHOSEN = ("SEL-01", "SEL-02", "SEL-03", "RES-05", "ACC-01", "SHAPE-01")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with a fault; its reports are written."""
    with serve(contract(), faults=["select-ignored"]) as server:
        chosen = Settings(
            target=server.url, auth=DEMO_AUTH, seed=1, requirements=CHOSEN, reports=tmp_path_factory.mktemp("reports")
        )
        made = Run(chosen, Config(time_zones=DEMO_TIME_ZONES))
        try:
            keep_journal(made)
            made.execute_all()
            conclude(made)
        finally:
            made.close()
    assert made.unwritten is None
    return made


@pytest.fixture
def database(run: Run) -> sqlite3.Connection:
    found = sqlite3.connect(run.settings.reports / "journal.sqlite")
    found.create_function(
        "sqlar_uncompress", 2, lambda data, size: data if len(data) == size else zlib.decompress(data)
    )
    return found


def test_contract_and_pages_are_in_it(run: Run) -> None:
    with JournalReader(run.settings.reports / "journal.sqlite") as reader:
        assert read_contract(reader, run.contract.digest) == run.contract
        assert read_pages(reader) == run.pages
        facts = {operation: probe.facts.for_pairing() for operation, probe in run.probes.items()}
        assert read_facts(reader) == facts


def test_the_reports_are_made_again_without_the_contract_folder(run: Run, tmp_path: Path) -> None:
    path = run.settings.reports / "journal.sqlite"
    with JournalReader(path) as reader:
        JournalReports(reader, read_record(reader, path)).write(tmp_path)
    written = {each.name: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()}
    assert len(written) > 6
    for name, content in written.items():
        assert content == (run.settings.reports / name).read_bytes(), name


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("DELETE FROM documents WHERE name = 'contract'", "its contract is not the one of its record; "),
        ("DELETE FROM documents WHERE name LIKE 'contract/%'", "its contract of v1Batch"),
        ("UPDATE documents SET size = 2, data = CAST('{}' AS BLOB) WHERE name LIKE 'contract%'", "is damaged ("),
        ("UPDATE documents SET size = 3, data = CAST('{}' AS BLOB) WHERE name LIKE 'facts/%'", "is damaged ("),
    ],
)
def test_another_contract_is_refused(run: Run, tmp_path: Path, statement: str, line: str) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes((run.settings.reports / "journal.sqlite").read_bytes())
    database = sqlite3.connect(path)
    with database:
        assert database.execute(statement).rowcount
    database.close()
    with JournalReader(path) as reader, pytest.raises(InputError) as caught:
        JournalReports(reader, read_record(reader, path))
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


def test_each_fact_has_the_exchanges_that_it_comes_from(run: Run, database: sqlite3.Connection) -> None:
    (probe,) = run.probes.values()
    facts = database.execute("SELECT name, value, found FROM facts ORDER BY place").fetchall()
    assert facts == [(str(name), value, found) for name, value, found in probe.facts.notes]
    query = "SELECT exchange FROM fact_exchanges JOIN facts ON fact = place WHERE name = ? ORDER BY exchange"
    numbers = {name: [number for (number,) in database.execute(query, (name,))] for name, _, _ in facts}
    assert all(numbers.values())
    # What the baseline response shows, what two of them show, and what was asked for.
    (baseline,) = numbers[FactName.ELEMENTS]
    assert database.execute("SELECT status FROM exchanges WHERE number = ?", (baseline,)).fetchone() == (200,)
    assert len(numbers[FactName.ORDER]) == 2
    query = (
        "SELECT DISTINCT purpose FROM exchanges WHERE number IN (SELECT exchange FROM fact_exchanges WHERE fact = ?)"
    )
    place = [name for name, _, _ in facts].index(FactName.TIME_ZONES)
    assert {purpose for (purpose,) in database.execute(query, (place,))} == {"baseline", "zone"}
    assert baseline in numbers[FactName.TIME_ZONES]


def test_each_attempt_has_its_draws_and_its_exchanges(run: Run, database: sqlite3.Connection) -> None:
    query = """SELECT a.place, a.repeats, a.draws, a.exact FROM attempts AS a JOIN trials AS t ON t.number = a.trial
    WHERE t.requirement = ? ORDER BY a.place"""
    attempts = database.execute(query, ("SEL-03",)).fetchall()
    first = [(place, draws) for place, repeats, draws, _ in attempts if repeats is None]
    again = [(repeats, draws) for _, repeats, draws, _ in attempts if repeats is not None]
    assert [place for place, *_ in attempts] == list(range(1, len(attempts) + 1))
    assert all(exact for *_, exact in attempts)
    assert all(json.loads(draws)["names"] for _, draws in first)
    # The failure is confirmed with the draws that shrinking has left.
    assert len(again) == run.settings.confirm == 3
    assert set(again) <= set(first)
    (used,) = database.execute(
        """SELECT count(DISTINCT u.exchange) FROM trials AS t JOIN trial_exchanges AS u ON u.trial = t.number
        WHERE t.requirement = 'SEL-03'"""
    ).fetchone()
    (result,) = (each for each in run.results if each.id == "SEL-03")
    assert used == result.exchanges
    query = """SELECT u.purpose, u.intent, e.number FROM trial_exchanges AS u JOIN trials AS t ON t.number = u.trial
    JOIN exchanges AS e ON e.number = u.exchange WHERE t.requirement = 'SEL-03' AND u.attempt = ? ORDER BY u.place"""
    for place, *_ in attempts:
        used = [(purpose, intent) for purpose, intent, _ in database.execute(query, (place,))]
        assert used[0] == ("baseline", "baseline")
        assert set(used[1:]) <= {("selected", "variation"), ("baseline", "baseline")}
        assert ("selected", "variation") in used


def test_the_queries_of_its_documentation_find_something(database: sqlite3.Connection) -> None:
    text = (Path(conformance.journal.__file__).parent / "SCHEMA.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert len(queries) == 5
    for query in queries:
        # No answer of the reference server has status 500.
        found = database.execute(query.replace("e.status >= 500", "e.status >= 200")).fetchall()
        assert found, query
        assert all(len(row) > 1 for row in found)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(categories=["L", "Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=5), PLAIN, max_size=3))
def test_plain_draws_are_recorded_as_they_are(draws: dict[str, object]) -> None:
    text, exact = draws_as_json(draws)
    assert exact
    assert json.loads(text) == draws


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b"\xff", "\"b'\\\\xff'\""), (float("nan"), '"nan"'), ("x" * LONGEST_DRAWS, "null")],
    ids=["bytes", "not a number", "long"],
)
def test_draws_that_are_not_enough_say_so(value: object, shown: str) -> None:
    assert draws_as_json({"value": value}) == (f'{{"value":{shown}}}', False)
