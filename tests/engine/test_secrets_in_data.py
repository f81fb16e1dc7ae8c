"""What was taken out of an answer decides nothing: no requirement passes or fails by comparing a mark."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from conformance.client.secret_names import holds_mark
from conformance.comparison.outcomes import RedactedValue
from conformance.comparison.redacted import RedactedNumber, RedactedText, as_redacted, redacted_in
from conformance.engine.result import RequirementResult, Status
from conformance.reference import DEMO_AUTH, ReferenceApplication
from conformance.reporting.conclude import results_of
from conformance.reporting.results import Results
from support.disturbances import running
from support.suite_runner import contract

COMPARING = ("SEL-02", "ACC-02", "TZ-02", "SHAPE-02", "RES-06")
"""Each of them needs every value of the elements."""
OTHERS = ("OP-01", "OP-05", "SEL-03", "SEL-01", "HTTP-04", "SHAPE-06")
ALL = (*COMPARING, *OTHERS)


class Watched:
    """The reference server; keeps the bodies that it is sent, and shows the key in errors and in a header if asked."""

    def __init__(self, key: str, *faults: str, shows_key: bool = False) -> None:
        self._inner = ReferenceApplication(contract(), faults=faults)
        self._key = key
        self._shows_key = shows_key
        self.bodies: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.bodies.append(body.decode("utf-8", "replace"))
        environ["wsgi.input"] = io.BytesIO(body)
        status: list[Any] = []
        parts = b"".join(self._inner(environ, lambda *args: status.extend(args)))
        line, headers = status[:2]
        if self._shows_key:
            headers = [*headers, ("X-Key-Seen", self._key)]
            if line.startswith("4") and environ["REQUEST_METHOD"] != "HEAD":
                parts = json.dumps({"error": f"not with {self._key}"}).encode()
                kept = [pair for pair in headers if pair[0].lower() not in ("content-length", "content-type")]
                headers = [*kept, ("Content-Type", "application/json"), ("Content-Length", str(len(parts)))]
        start(line, headers)
        return [parts]


def judged(server: Watched, key: str, monkeypatch: pytest.MonkeyPatch, only: tuple[str, ...] = ALL) -> Results:
    monkeypatch.setenv("KEY", key)
    with running(server, only, auth=DEMO_AUTH, headers=("X-Key: env:KEY",)) as run:
        run.allow_partial_evidence = True
        run.discover()
        run.execute_expected()
        return results_of(run)


def by_id(results: Results) -> dict[str, RequirementResult]:
    return {each.id: each for each in results.requirements}


@pytest.mark.parametrize(
    ("key", "more"),
    [
        pytest.param("809364", (), id="a text"),
        pytest.param("duplicates", (), id="in a longer text"),
        pytest.param("4717", ("SHAPE-03",), id="a number"),
        pytest.param("2021", ("SHAPE-04", "TZ-01", "TZ-04"), id="the year of a date-time"),
    ],
)
def test_a_secret_in_the_data_decides_nothing(key: str, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    server = Watched(key)
    results = judged(server, key, monkeypatch, (*ALL, *more))
    found = by_id(results)
    assert {each.id: each.reason for each in results.requirements if each.status is Status.FAILED} == {}
    for id in (*COMPARING, *more):
        assert found[id].status is Status.INCONCLUSIVE, id
        assert "the answers hold a secret of the run where data is (" in found[id].reason
        assert "use an account whose secret does not occur in the data" in found[id].reason
    assert {id: found[id].status for id in OTHERS} == dict.fromkeys(OTHERS, Status.PASSED)
    assert results.exit_status == 3
    assert not any(map(holds_mark, server.bodies)), "what stands for a secret is never sent"


def test_other_values_are_still_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    results = judged(Watched("809364", "select-truncates-text", "percent-as-text"), "809364", monkeypatch)
    found = by_id(results)
    assert found["SEL-02"].status is Status.FAILED
    assert found["SHAPE-02"].status is Status.FAILED
    assert "ProgressPercent" in found["SHAPE-02"].reason


def test_a_secret_in_errors_and_headers_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "Zq3vT9kLm2xW8bN4"
    shown, hidden = (judged(Watched(key, shows_key=shows), key, monkeypatch) for shows in (True, False))
    assert {each.id: each.status for each in shown.requirements} == {
        each.id: each.status for each in hidden.requirements
    }
    assert shown.exit_status == hidden.exit_status


def test_values_with_a_mark_are_known_as_such() -> None:
    value = {"Id": 1999990001, "Name": "a [secret:basic.password] b", "Rows": [{"Text": "plain", "Count": 7}]}
    found = as_redacted(value)
    assert found == value
    assert isinstance(found["Id"], RedactedNumber)
    assert isinstance(found["Name"], RedactedText)
    assert redacted_in(7, "x", [{"Rows": found["Rows"]}]) == ""
    assert redacted_in(None, [found]) == "1999990001"
    with pytest.raises(RedactedValue, match=r"secret:basic\.password"):
        as_redacted([{"[secret:basic.password]": 1}])
