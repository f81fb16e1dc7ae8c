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
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.pages.compile import derive_pages
from conformance.reference import DEMO_AUTH, DEMO_TIME_ZONES, ReferenceApplication, serve
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from support.many_operations import PAGES
from support.suite_runner import run_settings


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
