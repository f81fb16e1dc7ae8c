"""What each fault of the reference server does: one request that shows it, and which requirements fail beside its own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from werkzeug.test import TestResponse

from conformance.reference import DEMO_APP_TOKEN
from support.reference_client import BASIC, BEARER, SESSIONS, TICKET, Asker, form

Rows = list[dict[str, Any]]
FORM = "application/x-www-form-urlencoded"
FIRST, SECOND = SESSIONS


def status(**request: Any) -> Callable[[Asker], Any]:
    """The status of one request."""
    return lambda ask: ask(**request).status_code


def header(name: str, **request: Any) -> Callable[[Asker], Any]:
    """A header of the answer to one request."""
    return lambda ask: ask(**request).headers.get(name)


def rows(see: Callable[[Rows], Any], **request: Any) -> Callable[[Asker], Any]:
    """What ``see`` finds in the elements of the answer to one request."""

    def shown(ask: Asker) -> Any:
        response = ask(**request)
        return see(json.loads(response.data)) if response.status_code < 400 else response.status_code

    return shown


def column(name: str, **request: Any) -> Callable[[Asker], Any]:
    """One property of all elements, absent ones included."""
    return rows(lambda found: [row.get(name, "absent") for row in found], **request)


def answer(see: Callable[[TestResponse], Any], **request: Any) -> Callable[[Asker], Any]:
    """What ``see`` finds in the answer to one request."""
    return lambda ask: see(ask(**request))


def well_formed(response: TestResponse) -> bool:
    try:
        ElementTree.fromstring(response.data)
    except ElementTree.ParseError:
        return False
    return True


def xml_column(name: str, **request: Any) -> Callable[[Asker], Any]:
    """The text of one property in XML."""
    return answer(lambda r: ["".join(e.itertext()) for e in ElementTree.fromstring(r.data).iter(name)],
                  Accept="application/xml", **request)  # fmt: skip


def second(see: Callable[[Asker], Any], **first: Any) -> Callable[[Asker], Any]:
    """What is seen after another request."""

    def shown(ask: Asker) -> Any:
        ask(**first)
        return see(ask)

    return shown


def xml(body: str) -> dict[str, Any]:
    return {"body": body, "content_type": "application/xml"}


def pairs_of(name: str) -> Callable[[TestResponse], int]:
    """How often a name occurs in one object."""
    most = []

    def count(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        most.append(sum(key == name for key, _ in pairs))
        return dict(pairs)

    def see(response: TestResponse) -> int:
        json.loads(response.data, object_pairs_hook=count)
        return max(most)

    return see


def keeps_moments(ask: Asker) -> bool:
    """Whether date-times of both halves of the year keep their moment in a zone."""
    plain, moved = ask.rows([12]), ask.rows([12], SO_TimeZone="America/New_York")
    return all(
        datetime.fromisoformat(before[name]) == datetime.fromisoformat(after[name])
        for before, after in zip(plain, moved, strict=True)
        for name in ("Created", "LastStarted")
    )


# The observation on the correct server, and on the faulty one.
SHOWN: dict[str, tuple[Callable[[Asker], Any], Any, Any]] = {
    "created-status": (status(), 200, 201),
    "language-list-refused": (status(Accept_Language="fr,de,ru,zh"), 200, 400),
    "any-method": (status(method="PUT"), 405, 200),
    "allow-missing": (header("Allow", method="GET"), "POST", None),
    "crash-on-unknown-state": (status(state="Nosuch"), 400, 500),
    "sibling-path-answered": (status(path="Too"), 404, 200),
    "finished-lack-percent": (rows(lambda r: ["ProgressPercent" in x for x in r], ids=[3]), [True, True], [False, True]),
    "select-truncates-text": (rows(lambda r: max(len(x["Name"]) for x in r) > 12, query="$select=Name"), True, False),
    "select-ignored": (rows(lambda r: r[0]["Id"], query="$select=Name"), None, 101),
    "select-keeps-objects": (rows(lambda r: r[0]["TableRight"] is None, query="$select=Name"), True, False),
    "select-case-sensitive": (rows(lambda r: r[0]["Id"], query="$select=id"), 101, None),
    "select-parent-whole": (rows(lambda r: r[0]["TableRight"]["Reason"], query="$select=TableRight/Mask"), None,
                            "[SR_READ_ONLY_FIELD_77]"),
    "select-child-lost": (rows(lambda r: r[0]["TableRight"] is None, query="$select=TableRight/Mask"), False, True),
    "select-drops-elements": (rows(len, query="$select=Request"), 17, 5),
    "select-reorders": (column("Id", ids=[7], query="$select=State,Id"), [121, 122, 123], [122, 123, 121]),
    "select-json-only": (xml_column("Id", ids=[3], query="$select=Name"), ["", ""], ["117", "118"]),
    "select-duplicate-toggles": (rows(lambda r: r[0]["Id"], query="$select=Id,Id"), 101, None),
    "select-unknown-refused": (status(query="$select=Id,nosuch"), 200, 400),
    "select-empty-nulls-all": (rows(lambda r: r[0]["Id"], query="$select="), 101, None),
    "select-encoded-ignored": (rows(lambda r: r[0]["Name"] is None, query="%24select=Id"), True, False),
    "select-pretty-printed": (lambda ask: len(ask(query="$select=Id").data) < len(ask().data), True, False),
    "select-sticky": (second(rows(lambda r: r[0]["Name"] is None), query="$select=Id"), False, True),
    "bearer-refused": (status(auth=BEARER), 200, 401),
    "anonymous-allowed": (status(auth=None), 401, 200),
    "challenge-missing": (header("WWW-Authenticate", auth="Basic x") , 'Basic realm="reference"', None),
    "password-unchecked": (status(auth="Basic amFuZS5kb2U6d3Jvbmc="), 401, 200),
    "ticket-prefix-checked": (status(auth=TICKET[:-20]), 401, 200),
    "malformed-basic-crashes": (status(auth="Basic !!!~~~???"), 401, 500),
    "scheme-case-sensitive": (status(auth=BASIC.replace("Basic", "basic")), 200, 401),
    "unknown-scheme-as-basic": (status(auth=BASIC.replace("Basic", "Nosuch")), 401, 200),
    "refusal-leaks-data": (answer(lambda r: b"3.14159" in r.data, auth=None), False, True),
    "xsrf-unchecked": (status(auth=None, Cookie=FIRST["Cookie"]), 401, 200),
    "session-refused": (status(auth=None, **FIRST), 200, 401),
    "xsrf-any-value": (status(auth=None, **{**FIRST, "X-XSRF-TOKEN": SECOND["X-XSRF-TOKEN"]}), 401, 200),
    "xsrf-always-checked": (status(X_XSRF_TOKEN="wrong"), 200, 401),
    "token-without-session": (status(auth=None, X_XSRF_TOKEN=FIRST["X-XSRF-TOKEN"]), 401, 200),
    "app-token-refused": (status(auth=TICKET, SO_AppToken=DEMO_APP_TOKEN), 200, 401),
    "app-token-onsite-refused": (status(SO_AppToken="any"), 200, 401),
    "form-refused": (status(body=form(AssociateIds=[3]), content_type=FORM), 200, 415),
    "xml-state-lost": (rows(len, **xml("<r><AssociateIds>7</AssociateIds><State>Failed</State></r>")), 1, 3),
    "content-type-case-sensitive": (status(content_type="Application/JSON"), 200, 415),
    "charset-quoted-refused": (status(content_type='application/json; charset="utf-8"'), 200, 415),
    "any-content-type": (status(content_type="text/plain"), 415, 200),
    "body-guessed": (status(content_type="application/xml"), 400, 200),
    "missing-content-type-crashes": (status(content_type=None), 415, 500),
    "accept-ignored": (answer(lambda r: r.mimetype, Accept="text/xml"), "text/xml", "application/json"),
    "text-types-mislabelled": (answer(lambda r: r.mimetype, Accept="text/json"), "text/json", "application/json"),
    "xml-loses-objects": (answer(lambda r: b"<Mask>" in r.data, Accept="text/xml"), True, False),
    "accept-required": (status(), 200, 406),
    "type-range-refused": (status(Accept="text/*"), 200, 406),
    "weights-ignored": (answer(lambda r: r.mimetype, Accept="text/xml;q=0, text/json"), "text/json", "text/xml"),
    "unknown-type-echoed": (answer(lambda r: (r.status_code, r.mimetype), Accept="image/png"),
                            (406, "application/json"), (200, "image/png")),
    "charset-wrong": (answer(lambda r: r.mimetype_params, Accept="text/json"), {"charset": "utf-8"},
                      {"charset": "utf-16"}),
    "content-type-missing": (header("Content-Type", Accept="text/json"), "text/json; charset=utf-8", None),
    "accept-parameters-refused": (status(Accept="application/json; charset=utf-8"), 200, 406),
    "malformed-accept-crashes": (status(Accept="application/json;q=abc"), 200, 500),
    "vary-missing": (answer(lambda r: "Vary" in r.headers), True, False),
    "language-drops-elements": (rows(len, Accept_Language="fr"), 17, 15),
    "language-ignored": (rows(lambda r: "NO:" in r[2]["Name"], Accept_Language="fr"), False, True),
    "so-language-ignored": (rows(lambda r: r[0]["Name"], ids=[3], Accept_Language="fr", SO_Language="de"),
                            "Firmenimport", "Import de sociétés"),
    "language-weights-ignored": (rows(lambda r: r[0]["Name"], ids=[3], Accept_Language="fr;q=0.1, de"), "Firmenimport",
                                 "Import de sociétés"),
    "unknown-language-refused": (status(Accept_Language="xx-nosuch"), 200, 400),
    "language-sticky": (second(rows(lambda r: r[0]["Name"][:3], ids=[3]), Accept_Language="de"), "NO:", "Fir"),
    "translation-always-on": (rows(lambda r: r[0]["Name"][:3], ids=[3], Accept_Language="de", SO_Language="x"), "NO:",
                              "Fir"),
    "culture-without-language": (rows(lambda r: r[0]["Result"], ids=[3], SO_Culture="de"), "3.14159", "3,14159"),
    "culture-in-numbers": (rows(lambda r: r[0]["DetailsRecord"], ids=[3], SO_Culture="de", SO_Language="en"), 4989,
                           "4.989"),
    "unknown-culture-refused": (status(SO_Culture="nosuch", SO_Language="en"), 200, 400),
    "time-zone-ignored": (rows(lambda r: r[0]["Created"], ids=[12], SO_TimeZone="UTC"), "2018-12-24T11:34:45+00:00",
                          "2018-12-24T12:34:45+01:00"),
    "time-zone-standard-offset": (rows(lambda r: r[0]["LastStarted"], ids=[12], SO_TimeZone="America/New_York"),
                                  "2022-08-15T02:00:00-04:00", "2022-08-15T01:00:00-04:00"),
    # Whatever season it is today, the date-times have both.
    "time-zone-current-offset": (keeps_moments, True, False),
    "time-zone-changes-text": (rows(lambda r: r[0]["Name"][:3], ids=[3], SO_TimeZone="UTC"), "NO:", "Com"),
    "time-zone-sticky": (second(rows(lambda r: r[0]["LastStarted"][-6:], ids=[12]), SO_TimeZone="Asia/Kolkata"),
                         "+02:00", "+05:30"),
    "time-zone-bad-shape": (rows(lambda r: r[0]["LastStarted"], ids=[12], SO_TimeZone="NO"),
                            "2022-08-15T08:00:00+02:00", "2022-08-15 08:00+02:00"),
    "time-zone-json-only": (xml_column("LastStarted", ids=[38], SO_TimeZone="UTC"),
                            ["2020-06-06T04:06:06+00:00", "2022-02-01T15:30:00.700000+00:00"],
                            ["2020-06-06T06:06:06+02:00", "2022-02-01T16:30:00.700000+01:00"]),
    "unknown-time-zone-crashes": (status(SO_TimeZone="nosuch"), 200, 500),
    "created-kept-in-utc": (rows(lambda r: r[0]["Created"], ids=[12], SO_TimeZone="Asia/Kolkata"),
                            "2018-12-24T17:04:45+05:30", "2018-12-24T11:34:45+00:00"),
    "no-match-204": (status(ids=[732]), 200, 204),
    "broken-body-understood": (rows(len, body="{"), 400, 20),
    "wrong-types-ignored": (rows(len, body='{"AssociateIds": 3, "State": "All"}'), 400, 20),
    "escapes-not-decoded": (rows(len, body='{"\\u0041ssociateIds": [3], "State": "All"}'), 2, 0),
    "int32-overflow-crashes": (status(ids=[2**31]), 400, 500),
    "additional-property-crashes": (status(body='{"Other": 1}'), 200, 500),
    "object-instead-of-array": (rows(type, ids=[29]), list, dict),
    "null-for-empty": (rows(type, ids=[732]), list, type(None)),
    "percent-as-text": (column("ProgressPercent", ids=[38]), [100, 82], ["100", "82"]),
    "count-as-float": (rows(lambda r: type(r[0]["StartCount"])), int, float),
    "count-beyond-int32": (column("DetailsRecord", ids=[3]), [4989, 5006], [2**31 + 5, 5006]),
    "date-us-format": (rows(lambda r: r[0]["LastStarted"], ids=[3]), "2021-03-28T01:30:00+01:00",
                       "3/28/2021 1:30:00 AM"),
    "date-impossible": (rows(lambda r: r[0]["LastStarted"], ids=[3]), "2021-03-28T01:30:00+01:00",
                        "2021-02-30T10:00:00+01:00"),
    "offset-missing": (rows(lambda r: r[0]["Created"], ids=[3]), "2006-08-23T18:28:48.147545+02:00",
                       "2006-08-23T18:28:48.147545"),
    "table-right-as-text": (rows(lambda r: type(r[0]["TableRight"]), ids=[3]), dict, str),
    "additional-property": (rows(lambda r: "RowVersion" in r[0]), False, True),
    "property-forgotten": (rows(lambda r: ["FileName" in x for x in r], ids=[3]), [True, True], [False, False]),
    "nan-in-json": (answer(lambda r: b":NaN" in r.data, ids=[3]), False, True),
    "xml-unescaped": (answer(well_formed, Accept="text/xml", ids=[3]), True, False),
    "duplicate-names": (answer(pairs_of("Name"), ids=[38, 3]), 1, 2),
    "other-associates": (column("AssociateId", ids=[3]), [3, 3], [3, 3, 9001]),
    "state-ignored": (rows(len, ids=[3], state="Waiting"), 1, 2),
    "last-id-lost": (rows(len, ids=[7, 3]), 5, 2),
    "duplicate-id-doubles": (rows(len, ids=[3, 3]), 2, 4),
    "all-without-failed": (column("State", ids=[7]), ["Started", "Failed", "Finished"], ["Started", "Finished"]),
    "unstable-result": (lambda ask: ask.rows([3])[0]["Result"] == ask.rows([3])[0]["Result"], True, False),
    "duplicate-rows": (column("Id", ids=[3]), [117, 118], [117, 117, 118]),
    "system-task-owned": (column("IsSystemTask", ids=[3]), [False, False], [True, False]),
    "percent-beyond-100": (column("ProgressPercent", ids=[3]), [100, 0], [310, 0]),
    "unknown-header-refused": (status(X_Nosuch="1"), 200, 400),
    "stack-trace-shown": (answer(lambda r: b'.py\\", line ' in r.data, state="Nosuch"), False, True),
    "gzip-broken": (answer(lambda r: len(json.loads(gzip.decompress(r.data))), Accept_Encoding="gzip"), 17, 16),
}  # fmt: skip


# Faults that every ordinary request shows.
EVERYWHERE = {
    "created-status", "finished-lack-percent", "property-forgotten", "accept-required", "vary-missing", "percent-as-text", "count-as-float",
    "count-beyond-int32", "date-us-format", "date-impossible", "offset-missing", "table-right-as-text",
    "additional-property", "nan-in-json", "duplicate-names", "other-associates", "last-id-lost",
    "all-without-failed", "unstable-result", "duplicate-rows", "system-task-owned", "percent-beyond-100",
    "created-kept-in-utc", "third-id-lost", "two-ids-at-most",
}  # fmt: skip

# What else fails or is inconclusive with the standard profile and seed 1: exactly these requirements.
DEPENDENTS: dict[str, set[str]] = {
    "created-status": {"BODY-01"},
    "crash-on-unknown-state": {"BODY-01"},
    "select-truncates-text": {"SEL-04", "SEL-07", "SEL-09"},
    "select-ignored": {"SEL-04", "SEL-05", "SEL-07", "SEL-09"},
    "select-keeps-objects": {"SEL-04", "SEL-07", "SEL-09"},
    "select-case-sensitive": {"SEL-09"},
    "select-parent-whole": {"SEL-07"},
    "select-reorders": {"SEL-02", "SEL-04", "SEL-08", "SEL-09"},
    "finished-lack-percent": {"SHAPE-10"},
    "property-forgotten": {"SEL-01"},
    "malformed-basic-crashes": {"OP-04"},
    "session-refused": {"XSRF-01", "XSRF-03", "XSRF-05"},
    "app-token-refused": {"AUTH-01"},
    "missing-content-type-crashes": {"OP-04"},
    "accept-ignored": {"ACC-04", "ACC-05"},
    "text-types-mislabelled": {"ACC-04", "ACC-05"},
    "charset-wrong": {"ACC-01", "ACC-02", "SHAPE-08"},
    "content-type-missing": {"ACC-01", "ACC-04", "ACC-05"},
    "accept-parameters-refused": {"OP-02"},
    "malformed-accept-crashes": {"OP-04"},
    "language-drops-elements": {"CULT-02", "OP-02"},
    "language-ignored": {"LANG-03", "LANG-04", "LANG-06", "LANG-07", "LANG-08"},
    "time-zone-bad-shape": {"TZ-01", "TZ-04"},
    "unknown-time-zone-crashes": {"OP-04"},
    "no-match-204": {"OP-01"},
    "broken-body-understood": {"CT-04"},
    "int32-overflow-crashes": {"OP-04"},
    "additional-property-crashes": {"BODY-01", "OP-04"},
    "xml-unescaped": {"ACC-01", "ACC-02", "LANG-08", "TZ-04"},
    "content-length-wrong": {"ACC-01", "ACC-02", "ACC-05"},
    "select-first-element-only": {"SEL-04", "SEL-05", "SEL-07", "SEL-09"},
    "select-loses-false": {"SEL-04", "SEL-07"},
    "select-loses-zero": {"SEL-04", "SEL-07"},
    "select-loses-single-members": {"SEL-04", "SEL-07"},
    # Who needs no credentials needs no session either.
    "anonymous-remembered": {"XSRF-05"},
    "cache-without-credentials": {"AUTH-02", "AUTH-07", "AUTH-06", "XSRF-01", "XSRF-03", "XSRF-05"},
    "xml-moments-without-offset": {"TZ-04"},
    "xml-zone-mislabelled": {"TZ-04"},
    "culture-groups-thousands": {"CULT-02", "SHAPE-02"},
    "cache-without-language": {"LANG-03", "LANG-04", "LANG-06", "LANG-07", "LANG-08"},
    # A selection in another zone than the baseline request's is a comparison across zones.
    "cache-without-zone": {"SEL-02"},
    "cache-without-accept": {"ACC-04", "ACC-05"},
    "length-in-characters": {"SEL-07"},
    "xml-gzip-label-lost": {"SHAPE-08"},
    "xml-loses-characters": {"LANG-08"},
    "xml-escapes-twice": {"LANG-08"},
    # Id 0 has tasks of its own, so it is among the ids that are combined.
    "zero-id-means-all": {"RES-03", "RES-04"},
    "two-ids-at-most": {"RES-04"},
}

_BETWEEN_REQUESTS = "HTTP-06 sends requests at once; chance decides which of them get what the server kept of another"
BY_CHANCE: dict[str, tuple[str, str]] = {
    "language-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
    "parallel-mix-up": ("LANG-06", "chance decides whether one of its requests meets another"),
    "select-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
    "time-zone-lingers": ("HTTP-06", _BETWEEN_REQUESTS),
    "time-zone-sticky": ("HTTP-06", _BETWEEN_REQUESTS),
}
"""Faults of concurrency: the requirement that a run blames and another does not, and why."""


def exact(fault: str, blamed: set[str]) -> set[str]:
    """Of the requirements that a run blames for the fault those that each run blames."""
    return blamed - {BY_CHANCE[fault][0]} if fault in BY_CHANCE else blamed
