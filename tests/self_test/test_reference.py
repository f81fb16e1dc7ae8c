"""The reference server is right: each statement of the page, asked of the correct server."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import jsonschema
import msgspec
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.folder import default_schemas, load
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.reference import DEMO_APP_TOKEN, DEMO_LANGUAGES, DEMO_TIME_ZONES, ReferenceApplication, serve
from conformance.reference.batch_tasks import STATES, TASKS
from conformance.reference.sample_elements import make
from conformance.reference.values import Text
from support.reference_client import BASIC, BEARER, IDS, PASSWORD, SESSIONS, TICKET, USER, Asker, form

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
JSON_TYPES = ("application/json", "text/json", "application/json-patch+json", "application/merge-patch+json")
XML_TYPES = ("application/xml", "text/xml")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(default_schemas())


@pytest.fixture(scope="module")
def ask(contract: Contract) -> Asker:
    return Asker(contract)


@pytest.fixture(scope="module")
def plain(ask: Asker) -> list[dict[str, Any]]:
    return ask.rows()


@pytest.fixture(scope="module")
def server(contract: Contract) -> Any:
    with serve(contract) as running:
        yield running


def xml_value(node: ElementTree.Element) -> Any:
    """What an XML element of the server's spelling holds, scalars as text."""
    if node.get(NIL) == "true":
        return None
    if len(node) == 0:
        return node.text or ""
    return {child.get("Key") or child.tag: xml_value(child) for child in node}


def as_text(value: Any) -> Any:
    """A JSON value with its scalars as XML writes them."""
    if isinstance(value, dict):
        return {name: as_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


# The data


def test_the_data_shows_what_the_page_says(contract: Contract, plain: list[dict[str, Any]]) -> None:
    names = list(contract.operations[0].properties)
    assert len(plain) >= 14
    assert all(list(row) == names for row in plain)
    assert {row["State"] for row in plain} == set(STATES)
    assert len({row["Id"] for row in plain}) == len(plain)
    for name in names:
        assert sum(row[name] not in (None, "") for row in plain) >= 3, name
    for row in plain:
        assert (row["AssociateId"] == 0) == row["IsSystemTask"]
        assert 0 <= row["ProgressPercent"] <= 100
        assert "T" in row["Created"]
        assert datetime.fromisoformat(row["LastStarted"]).utcoffset() is not None
    assert sum(all((row["TableRight"] or {}).values()) and bool(row["TableRight"]) for row in plain) >= 3
    assert max(len(row["FieldProperties"] or ()) for row in plain) >= 4
    text = json.dumps(plain, ensure_ascii=False)
    for needed in ("é", "Σ", "数", "📊", "&", "<", ">", "'", '\\"'):
        assert needed in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "".join(map(str, TASKS)))


def test_the_data_fits_its_schema(contract: Contract, plain: list[dict[str, Any]]) -> None:
    jsonschema.Draft202012Validator(contract.operations[0].response or {}).validate(plain)
    assert ids_of(plain) == sorted(ids_of(plain))


def ids_of(rows: list[dict[str, Any]]) -> list[int]:
    return [row["Id"] for row in rows]


def test_the_samples_owners_have_nothing(ask: Asker) -> None:
    assert ask.rows([732, 11]) == []


def test_owners_states_and_order(ask: Asker, plain: list[dict[str, Any]]) -> None:
    assert ask.rows([7, 3, 7]) == ask.rows([3, 7]) == [row for row in plain if row["AssociateId"] in (3, 7)]
    assert ask.rows([0]) == [row for row in plain if row["IsSystemTask"]]
    for state in STATES:
        assert ask.rows(state=state) == [row for row in plain if row["State"] == state]
    assert ask.rows(body="{}") == ask.rows(body='{"AssociateIds": null, "State": null}') == []
    assert ask.rows(body='{"associateids": [3]}') == ask.rows([3])
    assert ask.rows(body='{"AssociateIds": [3.0, 1e5], "Other": {"a": []}}') == ask.rows([3])


# Operation and status


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_not_allowed(ask: Asker, method: str) -> None:
    response = ask(method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["x", "/", "/More"])
def test_other_paths_are_not_found(ask: Asker, path: str) -> None:
    assert ask(path=path).status_code == 404


def test_head_has_no_body_on_the_wire(server: Any) -> None:
    data = on_the_wire(server, "HEAD", close=True)
    head, _, body = data.partition(b"\r\n\r\n")
    assert b" 405 " in head
    assert b"Content-Length: " in head
    assert body == b""


def on_the_wire(server: Any, method: str, *, close: bool, **headers: str) -> bytes:
    body = b'{"AssociateIds": [3], "State": "All"}'
    named = {"Host": "x", "Authorization": BASIC, "Content-Type": "application/json"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"Content-Length": str(len(body))} | ({"Connection": "close"} if close else {})
    path = server.application.contract.operations[0].operation.path
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in named.items())
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(head.encode() + b"\r\n" + body)
        while data := connection.recv(65536):
            received += data
    return received


# $select


def test_select_nulls_the_rest(ask: Asker, plain: list[dict[str, Any]]) -> None:
    expected = [{name: row[name] if name in ("Name", "State") else None for name in row} for row in plain]
    spellings = ("$select=Name,State", "$select=state,NAME,state", "%24select=Name%2CState", "$select= Name , state ",
                 "$select=Name,nosuch,State,nosuch/child", "$select=Name&$select=State")  # fmt: skip
    for query in spellings:
        assert ask.rows(query=query) == expected, query
    assert ask.rows(query="$select=nosuch") == [dict.fromkeys(row) for row in plain]
    assert ask.rows(query="$select=") == ask.rows(query="$select=%20,") == plain


def test_select_reaches_children(ask: Asker, plain: list[dict[str, Any]]) -> None:
    for row, before in zip(ask.rows(query="$select=tableright%2Fmask"), plain, strict=True):
        right = before["TableRight"]
        assert row == {**dict.fromkeys(before), "TableRight": right and {"Mask": right["Mask"], "Reason": None}}
    both = ask.rows(query="$select=TableRight/Mask,TableRight/Reason")
    whole = ask.rows(query="$select=TableRight,TableRight/Mask")
    assert both == whole == ask.rows(query="$select=TableRight/Mask,TableRight")
    rates = ask.rows([3], query="$select=ParameterObject/rate")
    assert rates[0]["ParameterObject"]["Rate"] == "0.75"
    assert rates[0]["ParameterObject"]["Source"] is None


def test_select_is_not_kept(ask: Asker, plain: list[dict[str, Any]]) -> None:
    ask.rows(query="$select=Id")
    assert ask.rows() == plain


# Authorization


def test_every_scheme_lets_in(ask: Asker) -> None:
    for auth in (BASIC, TICKET, BEARER, BASIC.replace("Basic", "bAsIc"), TICKET.replace("SoTicket", "SOTICKET")):
        assert ask(auth=auth).status_code == 200
        assert ask(auth=auth, X_XSRF_TOKEN="wrong", SO_AppToken="any").status_code == 200
    for session in SESSIONS:
        assert ask(auth=None, **session).status_code == 200


def refused_headers() -> dict[str, dict[str, str]]:
    wrong = b64encode(f"{USER}:{PASSWORD}x".encode()).decode()
    values = {"empty": "", "scheme alone": "Basic", "unknown scheme": BASIC.replace("Basic", "Digest"),
              "wrong password": f"Basic {wrong}", "no Base64": "Basic !!!~~~", "half": BASIC[:18],
              "more": BASIC + "QUJD", "half a ticket": TICKET[:30], "no ticket": "SoTicket 7T:abc==",
              "ticket as bearer": TICKET.replace("SoTicket", "Bearer"), "other characters": "Bearer é"}  # fmt: skip
    first, second = SESSIONS
    return {"nothing": {}, **{name: {"Authorization": value} for name, value in values.items()},
            "cookie alone": {"Cookie": first["Cookie"]}, "token alone": {"X-XSRF-TOKEN": first["X-XSRF-TOKEN"]},
            "another's token": {**first, "X-XSRF-TOKEN": second["X-XSRF-TOKEN"]},
            "empty token": {**first, "X-XSRF-TOKEN": ""},
            "unknown session": {**first, "Cookie": "ReferenceSession=none"},
            "wrong authorization in a session": {**first, "Authorization": f"Basic {wrong}"}}  # fmt: skip


@pytest.mark.parametrize("case", refused_headers())
def test_others_are_refused(ask: Asker, case: str) -> None:
    response = ask(auth=None, **refused_headers()[case])
    assert response.status_code == 401
    challenges = response.headers.getlist("WWW-Authenticate")
    assert [challenge.split()[0] for challenge in challenges] == ["Basic", "SoTicket", "Bearer"]
    assert list(json.loads(response.data)) == ["Message"]


def test_authorization_comes_first(ask: Asker) -> None:
    assert ask(auth=None, method="GET", content_type=None, body=b"x", Accept="image/png").status_code == 401


def test_online(contract: Contract) -> None:
    online = Asker(contract, installation="online")
    assert online(auth=TICKET, SO_AppToken=DEMO_APP_TOKEN).status_code == 200
    assert online(auth=TICKET).status_code == 401
    assert online(auth=TICKET, SO_AppToken="wrong").status_code == 401
    assert online(auth=BEARER).status_code == 200
    assert online(auth=BASIC).status_code == 401


# Content-Type and body


@pytest.mark.parametrize("kind", JSON_TYPES)
def test_json_types(ask: Asker, kind: str) -> None:
    expected = ask.rows([3, 7], "Failed")
    text = '{ "State" : "F\\u0061iled", "A\\u0073sociateIds" : [ 3,\n7 ] }'
    for parameters in ("", "; charset=utf-8", ';charset="UTF-8"', "; CHARSET=Utf-8; x=y"):
        assert ask.rows(body=text, content_type=kind + parameters) == expected
        assert ask.rows(body=text, content_type=kind.upper() + parameters) == expected
    assert ask.rows(body=text.encode("utf-16"), content_type=f"{kind}; charset=utf-16") == expected
    assert ask.rows(body=text.encode("utf-8-sig"), content_type=kind) == expected


XML_BODIES = (
    "<request><AssociateIds><int>3</int><int>7</int></AssociateIds><State>Failed</State></request>",
    '<?xml version="1.0" encoding="utf-8"?>\n<r><AssociateIds>3</AssociateIds><State>Failed</State>'
    "<AssociateIds>7</AssociateIds></r>",
    '<x:r xmlns:x="urn:a" xmlns:b="urn:b"><x:AssociateIds><b:long>3</b:long><b:long> 7 </b:long></x:AssociateIds>'
    "<x:State>Failed</x:State><x:Other><y/></x:Other></x:r>",
    '<r xmlns="urn:d"><!-- order --><State>F&#97;iled</State><associateids><a>3</a><b>7</b></associateids></r>',
)


@pytest.mark.parametrize("kind", XML_TYPES)
@pytest.mark.parametrize("body", XML_BODIES)
def test_xml_bodies(ask: Asker, kind: str, body: str) -> None:
    expected = ask.rows([3, 7], "Failed")
    assert ask.rows(body=body, content_type=kind) == expected
    assert ask.rows(body=body, content_type=kind + '; charset="utf-8"') == expected
    assert ask.rows(body=body.encode("utf-16"), content_type=kind + "; charset=utf-16") == expected


def test_more_xml(ask: Asker) -> None:
    nil = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'
    for body in ("<r/>", "<r><AssociateIds/></r>", f"<r><AssociateIds {nil}/><State {nil}/></r>"):
        assert ask.rows(body=body, content_type="text/xml") == []
    declared = XML_BODIES[1].replace("utf-8", "iso-8859-1").encode("iso-8859-1")
    assert ask.rows(body=declared, content_type="text/xml") == ask.rows([3, 7], "Failed")


def test_form_bodies(ask: Asker) -> None:
    expected = ask.rows([3, 7], "Failed")
    kind = "application/x-www-form-urlencoded"
    bodies = (form(AssociateIds=[3, 7], State="Failed"), "AssociateIds[]=3&State=Failed&AssociateIds[]=7",
              "AssociateIds%5B0%5D=3&AssociateIds%5B1%5D=7&State=F%61iled&Other=1")  # fmt: skip
    for body in bodies:
        assert ask.rows(body=body, content_type=kind) == expected
        assert ask.rows(body=body, content_type=kind.title() + "; charset=utf-8") == expected
    assert ask.rows(body="", content_type=kind) == ask.rows(body="AssociateIds=", content_type=kind) == []


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/octet-stream", "application/json; charset=nosuch",
             "application/json; charset=base64", "application/jsonx", "json"],
)  # fmt: skip
def test_types_that_are_refused(ask: Asker, kind: str | None) -> None:
    assert ask(content_type=kind).status_code == 415


MALFORMED: dict[str, list[Any]] = {
    "application/json": [
        "", "{", "[1,2", '{"AssociateIds": [NaN]}', '{"AssociateIds": [Infinity]}', b'{"State": "\xff\xfe"}', "null",
        "[]", '"text"', "5", '{"AssociateIds": 3}', '{"AssociateIds": "3"}', '{"AssociateIds": {"a": 3}}',
        '{"AssociateIds": ["3"]}', '{"AssociateIds": [3.5]}', '{"AssociateIds": [true]}', '{"AssociateIds": [null]}',
        '{"AssociateIds": [[3]]}', '{"AssociateIds": [2147483648]}', '{"AssociateIds": [-2147483649]}',
        '{"AssociateIds": [1e400]}', '{"AssociateIds": [' + "9" * 5000 + "]}", '{"State": 5}', '{"State": ["All"]}',
        '{"State": "Nosuch"}', '{"State": "\\ud800"}', "[" * 100_000, '{"a":' * 100_000, "<r/>", "State=All", "{}{}",
    ],
    "application/xml": [
        "", "<r>", "text", "<r>text</r>", "{}", "<r></s>", '<!DOCTYPE r [<!ENTITY a "3">]><r><State>&a;</State></r>',
        "<r><AssociateIds><int>x</int></AssociateIds></r>", "<r><AssociateIds><int/></AssociateIds></r>",
        "<r><AssociateIds><i><j>3</j></i></AssociateIds></r>", "<r><State>Nosuch</State></r>", "<a>" * 100_000,
        "<r><AssociateIds>2147483648</AssociateIds></r>", "State=All",
    ],
    "application/x-www-form-urlencoded": [
        "{}", '{"AssociateIds":[3]}', "<r/>", "AssociateIds", "AssociateIds=x", "State=%ff", "State=Nosuch",
        "AssociateIds=" + "9" * 5000,
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), [(kind, body) for kind, bodies in MALFORMED.items() for body in bodies],
                         ids=lambda value: str(value)[:30])  # fmt: skip
def test_bodies_that_are_refused(ask: Asker, kind: str, body: Any) -> None:
    response = ask(body=body, content_type=kind)
    assert response.status_code == 400
    assert list(json.loads(response.data)) == ["Message"]


def test_deep_but_unused(ask: Asker) -> None:
    xml = "<r><x>" + "<a>" * 50_000 + "</a>" * 50_000 + "</x></r>"
    assert ask(body=xml, content_type="text/xml").status_code in (200, 400)


def test_very_long_arrays(ask: Asker, server: Any) -> None:
    assert ask.rows(range(100_000)) == ask.rows([*IDS, 29, 1204, 9001])
    body = {"AssociateIds": list(range(100_000)), "State": "All"}
    assert len(requests.post(url(server), json=body, auth=(USER, PASSWORD), timeout=20).json()) == len(TASKS)


# Accept


@pytest.mark.parametrize("kind", [*JSON_TYPES, *XML_TYPES])
def test_each_type_and_its_data(ask: Asker, plain: list[dict[str, Any]], kind: str) -> None:
    for accept in (kind, kind.upper(), f"{kind}; charset=utf-8", f"image/png, {kind};q=0.1"):
        response = ask(Accept=accept)
        assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert int(response.headers["Content-Length"]) == len(response.data)
    if kind in JSON_TYPES:
        assert json.loads(response.data) == plain
    else:
        root = ElementTree.fromstring(response.data)
        # A map without entries and a text without characters look the same in XML, and there are no such maps.
        assert [xml_value(item) for item in root] == as_text(plain)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"), ("*/*", "application/json"), ("application/*", "application/json"),
        ("text/*", "text/json"), ("text/xml;q=0.5, application/xml", "application/xml"),
        ("application/json;q=0, */*;q=0.1", "text/json"), ("text/*;q=0.4, text/xml;q=0.8", "text/xml"),
        ("text/xml, application/json", "text/xml"), ("text/xml, */*", "text/xml"), (";;;", "application/json"),
        ("application/json;q=abc, text/xml", "text/xml"), ("application", "application/json"), ("", "application/json"),
        ("application/merge-patch+json;version=2", "application/merge-patch+json"), (",,", "application/json"),
        ("application/json;q=5", "application/json"), ('"application/json', "application/json"),
    ],
)  # fmt: skip
def test_negotiation(ask: Asker, accept: str | None, expected: str) -> None:
    response = ask() if accept is None else ask(Accept=accept)
    assert response.status_code == 200
    assert response.mimetype == expected


@pytest.mark.parametrize("accept", ["image/png", "text/plain, text/html", "application/json;q=0", "*/*;q=0"])
def test_nothing_acceptable(ask: Asker, accept: str) -> None:
    assert ask(Accept=accept).status_code == 406


def test_vary(ask: Asker) -> None:
    varied = set(ask().headers["Vary"].split(", "))
    assert varied >= {"Accept", "Accept-Language", "SO-Language", "SO-Culture", "SO-TimeZone", "Accept-Encoding"}


def test_select_under_every_type(ask: Asker) -> None:
    selected = ask.rows(query="$select=Id,TableRight/Mask")
    for kind in XML_TYPES:
        root = ElementTree.fromstring(ask(query="$select=Id,TableRight/Mask", Accept=kind).data)
        assert [xml_value(item) for item in root] == as_text(selected)


# Languages and cultures


def names(ask: Asker, *languages: str, **headers: str) -> list[str]:
    if languages:
        headers["Accept-Language"] = languages[0]
    return [row["Name"] for row in ask.rows([3], **headers)]


RAW = [task["Name"].raw for task in TASKS if task["AssociateId"] == 3]
ENGLISH = ["Company import", "Mailing & replies"]
GERMAN = ["Firmenimport", "Versand & Antworten"]
FRENCH = ["Import de sociétés", "Mailing & replies"]
NORWEGIAN = ["Import av firmaer", "Utsending & svar"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ENGLISH), ("en-GB", ENGLISH), ("EN-us", ENGLISH), ("de", GERMAN), ("fr", FRENCH), ("nb-NO", NORWEGIAN),
        ("no", NORWEGIAN), ("fr,de,ru,zh", FRENCH), ("de;q=0.3, ru, en;q=0.8", ENGLISH), ("de;q=0, fr;q=0.1", FRENCH),
        ("ru, zh", RAW), ("*", RAW), ("xx-klingon", RAW), (";;q=x", RAW), ("", RAW), ("de;q=7", RAW), ("é", RAW),
    ],
)  # fmt: skip
def test_accept_language(ask: Asker, language: str, expected: list[str]) -> None:
    assert names(ask, language) == expected
    if expected != RAW:
        assert names(ask, SO_Language=language) == expected
        assert names(ask, "sv", SO_Language=language) == expected


def test_language_changes_text_only(ask: Asker, plain: list[dict[str, Any]]) -> None:
    seen = set()
    for language in DEMO_LANGUAGES:
        rows = ask.rows(Accept_Language=language)
        seen.add(json.dumps(rows))
        for row, before in zip(rows, plain, strict=True):
            for name, value in before.items():
                assert row[name] == value or isinstance(value, str | dict)
                assert type(row[name]) is type(value)
            assert (row["Created"], row["LastStarted"]) == (before["Created"], before["LastStarted"])
    assert len(seen) == len(DEMO_LANGUAGES)
    first = ask.rows([3], Accept_Language="fr")[0]
    assert first["FieldProperties"]["Name"]["FieldRight"]["Reason"] == "Champ obligatoire"
    assert "[SR_" in json.dumps(plain)
    assert "[SR_" not in json.dumps(ask.rows(Accept_Language="sv"))


def test_fallback(ask: Asker) -> None:
    texts = {row["Id"]: row for row in ask.rows(Accept_Language="de")}
    only_norwegian_and_swedish = next(task for task in TASKS if task["Id"] == 142)["Name"]
    assert isinstance(only_norwegian_and_swedish, Text)
    assert texts[142]["Name"] == only_norwegian_and_swedish.raw
    assert texts[123]["Name"] == "Monthly report"


@pytest.mark.parametrize("off", ["x", "X", "*"])
def test_translation_off(ask: Asker, off: str) -> None:
    assert names(ask, "de", SO_Language=off) == RAW
    assert names(ask, "de", SO_Language="nosuch") == GERMAN


def test_culture(ask: Asker, plain: list[dict[str, Any]]) -> None:
    def shown(**headers: str) -> tuple[str, str]:
        rows = ask.rows([3], **headers)
        return rows[0]["Result"], rows[1]["Context"]

    assert shown() == shown(SO_Culture="de") == ("3.14159", "2019-09-23")
    assert shown(Accept_Language="de") == shown(Accept_Language="en", SO_Culture="de") == ("3,14159", "23.09.19")
    assert shown(SO_Language="nb-no", SO_Culture="sv") == ("3,14159", "2019-09-23")
    assert shown(Accept_Language="en", SO_Culture="nosuch!") == shown(Accept_Language="en") == ("3.14159", "9/23/19")
    assert ask.rows(SO_Culture="fr") == plain
    assert ask.rows(SO_Culture="fr", Accept_Language="de", SO_Language="x") == plain
    for row, before in zip(ask.rows(SO_Culture="fr", Accept_Language="de"), plain, strict=True):
        assert [v for v in row.values() if isinstance(v, int)] == [v for v in before.values() if isinstance(v, int)]
        assert row["Created"] == before["Created"]


# Time zones


@pytest.mark.parametrize(
    ("code", "zone"),
    [*DEMO_TIME_ZONES.items(), ("US-NY", "America/New_York"), ("no", "Europe/Oslo"), ("america/new_york",) * 2,
     ("US-CA, includeTZOffset", "America/Los_Angeles"), ("DK", "Europe/Copenhagen"), ("FR", "Europe/Paris")],
)  # fmt: skip
def test_time_zones(ask: Asker, plain: list[dict[str, Any]], code: str, zone: str) -> None:
    known = ZoneInfo({"america/new_york": "America/New_York"}.get(zone, zone))
    rows = ask.rows(SO_TimeZone=code)
    root = ElementTree.fromstring(ask(SO_TimeZone=code, Accept="text/xml").data)
    for row, before, item in zip(rows, plain, root, strict=True):
        for name in ("Created", "LastStarted"):
            moment = datetime.fromisoformat(before[name])
            assert row[name] == moment.astimezone(UTC).astimezone(known).isoformat()
            assert item.findtext(name) == row[name]
        assert {**row, "Created": 0, "LastStarted": 0} == {**before, "Created": 0, "LastStarted": 0}


@pytest.mark.parametrize("code", ["nosuch", "", "Europe/Nowhere", "../../etc/passwd", "é", ",", "+02:00"])
def test_unknown_time_zone(ask: Asker, plain: list[dict[str, Any]], code: str) -> None:
    assert ask.rows(SO_TimeZone=code) == plain


def test_date_times(plain: list[dict[str, Any]]) -> None:
    created = {row["Id"]: row["Created"] for row in plain}
    assert created[102] == "1998-04-17T18:28:48.147545+02:00"
    assert created[101] == "2003-11-02T04:05:06+01:00"
    assert {value[-6:] for value in created.values()} == {"+01:00", "+02:00"}
    assert len({row[name][:4] for row in plain for name in ("Created", "LastStarted")}) >= 12


# HTTP


def url(server: Any) -> str:
    return str(server.url + server.application.contract.operations[0].operation.path)


def test_gzip(ask: Asker, plain: list[dict[str, Any]]) -> None:
    for accepted in ("gzip", "deflate, GZIP;q=0.5", "*"):
        response = ask(Accept_Encoding=accepted)
        assert response.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(response.data)) == plain
        assert int(response.headers["Content-Length"]) == len(response.data)
    for accepted in ("identity", "gzip;q=0", "br", ""):
        assert "Content-Encoding" not in ask(Accept_Encoding=accepted).headers


def test_over_http(server: Any, plain: list[dict[str, Any]]) -> None:
    with requests.Session() as session:
        session.auth = (USER, PASSWORD)
        body = {"AssociateIds": IDS, "State": "All"}
        response = session.post(url(server), json=body, params={"$select": "Id,Name"}, timeout=5)
        assert [row["Id"] for row in response.json()] == [row["Id"] for row in plain]
        assert session.post(url(server), json=body, headers={"x-unknown": "1"}, timeout=5).json() == plain
        chunks = iter([json.dumps(body)[:9].encode(), json.dumps(body)[9:].encode()])
        kind = {"content-type": "application/json"}
        assert session.post(url(server), data=chunks, headers=kind, timeout=5).json() == plain
        assert session.get(server.url + "/nothing", timeout=5).status_code == 404


def test_two_requests_on_one_connection(server: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    headers = {"Authorization": BASIC, "Content-Type": "application/json"}
    path = server.application.contract.operations[0].operation.path
    counts = []
    for ids, method in (([3], "POST"), ([7], "HEAD"), ([3, 7], "POST")):
        connection.request(method, path, json.dumps({"AssociateIds": ids}), headers)
        used = connection.sock
        body = connection.getresponse().read()
        counts.append(len(json.loads(body)) if body else 0)
        assert connection.sock is used is not None
    connection.close()
    assert counts == [2, 0, 5]


def test_parallel_requests(server: Any, ask: Asker) -> None:
    wishes = [(ids, query, language) for ids in ([3], [7, 12], [0]) for query in ("", "$select=Name", "$select=Id")
              for language in ("en", "de", "fr")]  # fmt: skip
    expected = [ask.rows(ids, query=query, Accept_Language=language) for ids, query, language in wishes]

    def post(wish: tuple[list[int], str, str]) -> Any:
        ids, query, language = wish
        headers = {"Accept-Language": language, "Authorization": BASIC}
        return requests.post(
            f"{url(server)}?{query}", json={"AssociateIds": ids, "State": "All"}, headers=headers, timeout=10
        ).json()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(post, wishes * 3)) == expected * 3


def test_the_port_is_given_back(contract: Contract) -> None:
    with serve(contract) as first, pytest.raises(InputError, match=f"--port {first.port}"):
        serve(contract, port=first.port)
    with serve(contract, port=first.port) as second:
        assert second.port == first.port
    second.close()
    second.wait()


_HEADERS = ("Accept", "Accept-Language", "SO-Language", "SO-Culture", "SO-TimeZone", "Accept-Encoding", "Content-Type",
            "Content-Encoding", "Host", "Cookie", "X-XSRF-TOKEN", "X-Any")  # fmt: skip
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
_PARTS = st.lists(st.sampled_from(["en", "x/y", "*", "/", "q", "=", ";", ",", '"', "-", "1", "charset", "utf-8", "de",
                                   "application/xml", "UTC", " "]), max_size=8).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None, database=None)
@given(
    headers=st.dictionaries(st.sampled_from(_HEADERS), _VALUES | _PARTS, max_size=4),
    kind=st.sampled_from(["application/json", "text/xml", "application/x-www-form-urlencoded"]),
    body=st.binary(max_size=40) | st.text(alphabet='{}[]<>/"&=;aA1é%:,\\u', max_size=40).map(str.encode),
    query=st.text(alphabet="$select=NameId/,%2CF&é", max_size=20).map(lambda tail: "$select=" + tail),
)
def test_nothing_crashes(headers: dict[str, str], kind: str, body: bytes, query: str) -> None:
    ask = Asker(load(default_schemas()))
    named = {name.replace("-", "_"): value for name, value in headers.items() if name != "Content-Type"}
    for sent in (None, body):
        response = ask(body=sent, content_type=headers.get("Content-Type", kind), query=query, **named)
        assert response.status_code in (200, 400, 406, 415)
    assert ask(auth=headers.get("X-Any", ""), **named).status_code == 401


# Faults and other contracts


def test_unknown_fault(contract: Contract) -> None:
    with pytest.raises(InputError, match="did you mean select-ignored") as caught:
        ReferenceApplication(contract, ["select-ignord"])
    assert "\n" not in str(caught.value)


def test_another_contract(contract: Contract) -> None:
    operation = msgspec.structs.replace(
        contract.operations[0].operation, id="other", path="/api/v1/Agents/Other/{id}/Do"
    )
    other = msgspec.structs.replace(contract.operations[0], operation=operation)
    asker = Asker(Contract(operations=(other,), digest=""))
    asker.path = "/api/v1/Agents/Other/5/Do"
    rows = asker.rows()
    assert len(rows) == 3
    assert len({json.dumps(row) for row in rows}) == 3
    assert list(rows[0]) == list(other.properties)
    assert asker.rows(SO_TimeZone="UTC")[0]["Created"].endswith("+00:00")
    assert ElementTree.fromstring(asker(Accept="text/xml").data).tag.startswith("ArrayOf")
    assert make({"enum": ["a", "b"]}, 3) == "b"
