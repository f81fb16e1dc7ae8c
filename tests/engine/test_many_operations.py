"""A contract of many operations: each is tested, what cannot be called is named, and one failure stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from conformance.client.in_process import serve as serve_in_process
from conformance.contract.folder import load
from conformance.core.errors import InputError
from conformance.engine.config import Config
from conformance.engine.events import OperationDiscovered
from conformance.engine.partial_evidence import downgrade_too_early
from conformance.engine.result import Level, Place, RequirementResult, Status
from conformance.engine.run import Run
from conformance.engine.settings import Settings
from conformance.engine.waiting import Waiting
from conformance.pages.compile import derive_pages
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication, serve
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from conformance.requirements import load_requirements
from support.many_operations import PAGES
from support.suite_runner import run_settings

SOME = ("OP-01", "SHAPE-0[12]")


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text)
    report = derive_pages([folder], tmp_path / "schemas", workers=1)
    assert report.errors == []
    return tmp_path / "schemas"


def run(url: str, schemas: Path, *operations: str) -> Results:
    settings = Settings(
        target=url, auth=DEMO_AUTH[:1], schemas=schemas, operations=operations, seed=1, reports=Path("unused")
    )
    return run_settings(settings, Config(time_zones=DEMO_TIME_ZONES))


def test_no_false_alarm_whatever_an_operation_answers(schemas: Path) -> None:
    with serve(load(schemas)) as server:
        results = run(server.url, schemas)
    blamed = [(each.id, each.operation, each.reason) for each in results.requirements if each.findings]
    assert blamed == []
    assert {each.operation for each in results.requirements} == {"Objects", "Texts", "Number"}
    not_judged = [each.reason for each in results.requirements if "could not judge" in each.reason]
    assert not_judged == []
    left_out = {each.operation: each.value for each in results.learned if each.name == "not called"}
    assert left_out["Delete"] == "Delete writes: DELETE changes data (RFC 9110, section 9.2)"
    assert "placeholders" in left_out["One"]


def test_only_operations_that_cannot_be_called(schemas: Path) -> None:
    with (
        serve(load(schemas)) as server,
        pytest.raises(InputError, match="no operation that can be called without harm"),
    ):
        run(server.url, schemas, "One", "Delete")


def test_an_operation_that_is_not_there_leaves_the_others_be(schemas: Path) -> None:
    inner = ReferenceApplication(load(schemas))

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith("/Texts"):
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        body, status, headers = run_wsgi_app(inner, environ, buffered=True)
        start(status, list(headers))
        return body

    with serve_in_process(app) as url:
        results = run(url, schemas)
    texts = [each for each in results.requirements if each.operation == "Texts"]
    assert {each.status for each in texts} == {Status.INCONCLUSIVE}
    assert all("/api/v1/Texts (404)" in each.reason for each in texts)
    assert any(each.status is Status.PASSED for each in results.requirements if each.operation == "Objects")
    assert results.verdict is Verdict.INCONCLUSIVE


def test_operations_come_one_after_the_other_and_leave_no_answers(schemas: Path) -> None:
    """What an operation needed of memory is free before the next one is discovered."""
    with serve(load(schemas)) as server:
        session = Run(
            Settings(target=server.url, auth=DEMO_AUTH[:1], schemas=schemas, requirements=SOME, seed=1), Config()
        )
        kept: list[int] = []
        session.listeners.append(
            lambda event: (
                kept.append(sum(len(each.answers) > 0 for each in session.probes.values()))
                if isinstance(event, OperationDiscovered)
                else None
            )
        )
        session.execute_all()
        session.close()
    assert kept == [1, 1, 1]
    assert not any(each.answers for each in session.probes.values())
    senders = [each.operation for each in session.target.recorder.evidence]
    assert senders == sorted(senders, key=senders.index)
    tried = [(each.operation, each.id) for each in session.results]
    assert [id for operation, id in tried if operation == "Objects"] == ["OP-01", "SHAPE-01", "SHAPE-02"]


def test_what_comes_after_its_operation_or_too_early_claims_nothing(schemas: Path) -> None:
    """A plugin of pytest may run a requirement again, or run-wide checks first."""
    with serve(load(schemas)) as server:
        session = Run(
            Settings(
                target=server.url,
                auth=DEMO_AUTH[:1],
                schemas=schemas,
                requirements=SOME,
                operations=("Objects",),
                seed=1,
            ),
            Config(),
        )
        session.allow_partial_evidence = True
        session.execute_all()
        assert {each.status for each in session.results} == {Status.PASSED}
        requirements = {each.id: each for each, _ in session.expected}
        again = session.execute(requirements["OP-01"], "Objects")
        assert again.status is Status.PASSED, "its operation is discovered again"
        session.allow_partial_evidence = False
        shape = [session.execute(requirements[id], "Objects") for id in ("SHAPE-01", "SHAPE-02")]
        early = session.execute(requirements["SHAPE-01"], "Objects")
        session.close()
    assert Status.PASSED not in {each.status for each in shape}
    assert early.status is not Status.PASSED


def test_a_run_wide_check_before_the_others_has_not_passed() -> None:
    known = load_requirements()
    waiting = Waiting([(known["OP-01"], "A"), (known["SHAPE-01"], "A")])
    waiting.begin(known["SHAPE-01"], "A")
    result = RequirementResult(
        id="SHAPE-01", operation="A", level=Level.MUST, title="", chapter="", source=Place(page="", section=""),
        status=Status.PASSED,
    )  # fmt: skip
    assert downgrade_too_early(result, waiting.senders("A")).status is Status.INCONCLUSIVE
    assert not waiting.end(known["SHAPE-01"], "A")
    waiting.begin(known["OP-01"], "A")
    assert waiting.end(known["OP-01"], "A"), "now the operation has all results"
    waiting.begin(known["OP-01"], "A")
    assert not waiting.end(known["OP-01"], "A"), "it is tried again from the beginning"
    assert downgrade_too_early(result, waiting.senders("A")) == result
