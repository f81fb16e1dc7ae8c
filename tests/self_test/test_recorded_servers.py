"""Answers of other stacks, byte for byte: no requirement takes their spelling for a fault, and a fault still shows."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from conformance.client.codec_xml import XmlSpelling, encode_xml, namespaces
from conformance.client.in_process import serve
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from support.recorded_servers import ARRAYS, CONTRACT, RECORDED, SOME, read_data_contract, server, tried
from support.suite_runner import run_settings

FOLDERS = ("aspnet", "xmlserializer", "express")


@pytest.mark.parametrize("folder", FOLDERS)
def test_types_agree_and_select_means_the_same_under_each(folder: str) -> None:
    results = tried(server(folder), "ACC-02", "SEL-07")
    assert {id: each.reason for id, each in results.items() if each.status is not Status.PASSED} == {}


@pytest.mark.parametrize(
    ("folder", "old", "new", "failing"),
    [
        ("aspnet", b">list A &amp; B<", b">list A <", "ACC-02"),
        ("aspnet", b"<d3p1:Key>Limit</d3p1:Key>", b"<d3p1:Key>Limits</d3p1:Key>", "ACC-02"),
        ("xmlserializer", b"<State>Waiting</State>", b"", "ACC-02"),
        ("xmlserializer", b"<string>yes</string>", b"<string />", "ACC-02"),
        ("express", b'<_2nd_run type="string">yes</_2nd_run>', b'<_2nd_run type="string"/>', "ACC-02"),
        ("express", b'<ProgressPercent type="number">42<', b'<ProgressPercent type="number">24<', "ACC-02"),
        ("express", b'<Context type="null"/>', b'<Context type="string">nightly</Context>', "SEL-07"),
    ],
)
def test_what_is_lost_in_xml_shows(folder: str, old: bytes, new: bytes, failing: str) -> None:
    inner = server(folder)

    def app(environ, start):
        (body,) = inner(environ, start)
        selected = failing == "SEL-07"
        return [body.replace(old, new) if bool(environ["QUERY_STRING"]) == selected else body]

    assert (RECORDED / folder / ("some.xml" if failing == "SEL-07" else "plain.xml")).read_bytes().count(old)
    assert tried(app, failing)[failing].status is Status.FAILED


def test_the_recorded_selection_is_what_is_asked_for() -> None:
    asked = set()
    inner = server("aspnet")

    def app(environ, start):
        asked.add(environ["QUERY_STRING"])
        return inner(environ, start)

    tried(app, "SEL-07")
    assert asked == {"", f"$select={SOME}", "$select=Id,TableRight/Mask"}


def test_a_data_contract_is_found_by_the_namespaces_of_the_answers() -> None:
    results = tried(server("aspnet", read_data_contract), "CT-01")
    # A form is not read by this server, and no key of the configuration says anything of forms.
    assert "xml" not in results["CT-01"].reason
    assert "application/x-www-form-urlencoded" in results["CT-01"].reason


def test_a_spelling_that_cannot_be_guessed_is_asked_for_by_the_name_of_its_key() -> None:
    reason = tried(server("express"), "CT-01")["CT-01"].reason
    assert "encodings of application/xml that were tried gave the data" in reason
    assert '[request_xml."v1BatchAgent_GetBatchTaskInfosByAssociatesAndState"] in conformance.toml' in reason


def test_a_configured_spelling_decides() -> None:
    spelling = XmlSpelling(root="BatchQuery", item="id", namespace="urn:q", alphabetical=True)

    def understood(body: bytes) -> dict[str, list[int]] | None:
        return {"AssociateIds": [17]} if b'<BatchQuery xmlns="urn:q"><AssociateIds><id>17</id>' in body else None

    config = Config(request_xml={"v1BatchAgent_*": spelling})
    assert "xml" not in tried(server("express", understood), "CT-01", config=config)["CT-01"].reason
    refused = tried(server("express"), "CT-01", config=config)["CT-01"]
    assert refused.status is Status.FAILED
    assert refused.reason == "a body of application/xml is not accepted"


def test_a_body_as_a_data_contract() -> None:
    spelling = XmlSpelling(
        root="request", item="int", namespace=CONTRACT[1:-1], item_namespace=ARRAYS[1:-1], alphabetical=True
    )
    body = encode_xml({"State": "All", "AssociateIds": [17, 21]}, spelling)
    assert read_data_contract(body) == {"AssociateIds": [17, 21], "State": "All"}
    assert read_data_contract(body.replace(b"AssociateIds", b"Users")) is None


def test_namespaces_of_an_answer() -> None:
    assert namespaces((RECORDED / "aspnet" / "plain.xml").read_bytes()) == (CONTRACT[1:-1], ARRAYS[1:-1])
    assert namespaces((RECORDED / "xmlserializer" / "plain.xml").read_bytes()) == ()
    assert namespaces(b"<a") == ()


def test_the_answer_that_differs_from_all_is_the_one_to_blame() -> None:
    inner = server("aspnet")

    def app(environ, start):
        (body,) = inner(environ, start)
        if environ["HTTP_ACCEPT"] == "application/json" and not environ["QUERY_STRING"]:
            body = body.replace(b'"ProgressPercent":42', b'"ProgressPercent":24')
        return [body]

    result = tried(app, "ACC-02")["ACC-02"]
    assert result.status is Status.FAILED
    assert result.reason.endswith("application/json-patch+json has the data of text/json, so application/json is wrong")
    assert (result.findings[0].expected, result.findings[0].actual) == ("42", "24")
    assert "-H 'Accept: application/json'" in result.findings[0].curl.splitlines()[-1]


def test_a_type_that_cannot_be_read_is_named() -> None:
    inner = server("aspnet")

    def app(environ, start):
        (body,) = inner(environ, start)
        return [body.replace(b"</ArrayOfBatchTaskInfo>", b"") if "text/xml" in environ["HTTP_ACCEPT"] else body]

    result = tried(app, "ACC-02")["ACC-02"]
    assert result.status is Status.INCONCLUSIVE
    assert result.reason.startswith(
        "the answer (Accept: text/xml) cannot be read as elements: its XML is not well-formed"
    )


def test_ids_that_are_written_as_decimals() -> None:
    inner = server("express")

    def app(environ, start):
        (body,) = inner(environ, start)
        if "json" in environ.get("HTTP_ACCEPT", "json"):
            body = re.sub(rb'(Id":\d+)', rb"\1.0", body)
        return [body]

    results = tried(app, "ACC-02", "SEL-07")
    assert {id: each.reason for id, each in results.items() if each.status is not Status.PASSED} == {}


def test_the_note_on_configured_ids_names_the_state_where_that_is_the_cause() -> None:
    rows = json.loads((RECORDED / "express" / "plain.json").read_text())
    rows.append({**rows[0], "Id": 4500, "AssociateId": 30, "State": "Failed"})

    def app(environ, start):
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        found = [row for row in rows if row["AssociateId"] in asked["AssociateIds"]]
        # All is without what has failed.
        found = [row for row in found if asked["State"] == (row["State"] if row["State"] == "Failed" else "All")]
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(found).encode()]

    with serve(app) as url:
        settings = Settings(target=url, seed=1, requirements=("OP-01",), reports=Path("unused"))
        results = run_settings(settings, Config(ids=(17, 21, 30, 31)))
    assert [each.value for each in results.learned if each.name == "configured ids"] == [
        "30 of the configuration give elements in state Failed, and none in All, which the baseline request has",
        "31 of the configuration give no element in any state; other ids do",
    ]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (True, "the answer says that it is application/json, and has no body"),
        (False, "the answer has neither a type nor a body"),
    ],
)
def test_a_result_without_a_body_is_a_warning(typed, reason) -> None:
    inner = server("express")

    def app(environ, start):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        is_null = b"548" in body

        def begin(status, headers):
            start(status, [each for each in headers if typed or not is_null or each[0].lower() != "content-type"])

        (answer,) = inner(environ, begin)
        return [b"" if is_null else answer]

    result = tried(app, "SHAPE-08")["SHAPE-08"]
    assert result.status is Status.WARNING
    assert result.reason == reason
