"""A refusal or an error counts only beside a control that is accepted: credentials that expire, gateways that fail."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import InputError
from conformance.engine import controls
from conformance.engine.discovery import first_contact
from conformance.engine.result import Status
from conformance.reference import DEMO_AUTH
from conformance.requirements import load_requirements
from support.disturbances import Disturbed, Environ, expires_after, flaky, run, running


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (controls, first_contact):
        monkeypatch.setattr(module, "_PAUSE", 0.01)


NEGATIVES = ("AUTH-02", "AUTH-06", "XSRF-01", "XSRF-05")
BLAMED = (Status.FAILED, Status.WARNING)


def test_expired_credentials_are_named_and_nothing_is_blamed() -> None:
    found = run(Disturbed(expires_after(60)), ("AUTH-*", "ACC-*", "SEL-0*", "OP-*"))
    assert found.of(*BLAMED) == []
    named = re.search(r"the credentials of --auth stopped working after (\d+) requests", found.stopped)
    assert named is not None
    assert 50 < int(named.group(1)) <= 60, "the last one that was accepted; refusals may have come after it"
    assert found.sent < 70, "nothing more is sent once the cause is known"
    inconclusive = [each for each in found.results.values() if each.status is Status.INCONCLUSIVE]
    assert inconclusive
    assert {each.reason for each in inconclusive} == {found.stopped}


@pytest.mark.parametrize("requirement", NEGATIVES)
def test_a_blanket_401_proves_no_refusal(requirement: str) -> None:
    whole = run(Disturbed(lambda *_: None), (requirement,))
    assert whole.of(Status.PASSED) == [requirement]
    began = min(e.number for e in whole.exchanges if e.requirement == requirement)
    for count in range(began, whole.sent):
        found = run(Disturbed(expires_after(count)), (requirement,))
        assert found.of(Status.PASSED, *BLAMED) == [], f"expired after {count} of {whole.sent} requests"


def test_a_session_that_ends_in_a_login_page() -> None:
    page = ("200 OK", "text/html", b"<form>Log in</form>")
    found = run(Disturbed(lambda number, _: page if number > 40 else None), ("ACC-*", "SEL-0*", "AUTH-02"))
    assert found.of(*BLAMED) == []
    assert "an HTML page" in found.stopped


def test_renewed_credentials_let_the_run_go_on(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    tickets = ("7T:old-ticket-of-the-first-hour", "7T:new-ticket-of-the-second-hour")
    secret.write_text(tickets[0])

    def answer(number: int, environ: Environ) -> tuple[str, str, bytes] | None:
        # Before the server's own check: a ticket of now is exchanged for the one that the server knows.
        given = environ.get("HTTP_AUTHORIZATION", "")
        if number > 45:
            secret.write_text(tickets[1])
        valid = tickets[number > 45]
        if given == f"SOTicket {valid}" or given == f"SoTicket {valid}":
            environ["HTTP_AUTHORIZATION"] = (
                "SOTicket " + next(a for a in DEMO_AUTH if a.startswith("soticket")).split(":", 1)[1]
            )
            return None
        return ("401 Unauthorized", "text/plain", b"expired") if given else None

    found = run(Disturbed(answer), ("ACC-*", "AUTH-02", "SEL-0*"), auth=(f"soticket:file:{secret}",))
    assert found.stopped == ""
    assert found.of(*BLAMED, Status.INCONCLUSIVE) == []
    assert found.sent > 60


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_flaky_gateway_is_not_blamed_on_requests(seed: int) -> None:
    found = run(
        Disturbed(flaky(0.05, seed)), ("ACC-0[1-8]", "CT-*", "LANG-0[1-4]", "TZ-0[1-4]", "AUTH-0[1-6]"), seed=seed
    )
    assert found.of(*BLAMED) == []
    assert any(e.response and e.response.status == 502 for e in found.exchanges), "the gateway failed at least once"


def test_a_gateway_that_failed_leaves_the_run_unstable_never_green() -> None:
    found = run(
        Disturbed(lambda number, _: ("502 Bad Gateway", "text/html", b"") if number == 30 else None), ("ACC-*", "OP-04")
    )
    result = found.results["OP-04"]
    assert (result.status, result.unstable) == (Status.INCONCLUSIVE, True)
    assert "0 of 3 repetitions" in result.reason
    assert result.findings[0].exchanges
    assert (result.findings[0].repetitions, result.findings[0].reproduced) == (3, 0)


def test_a_gateway_that_stays_away_ends_the_run() -> None:
    gone = ("503 Service Unavailable", "text/html", b"")
    found = run(Disturbed(lambda number, _: gone if number > 40 else None), ("ACC-*", "SEL-0*"))
    assert found.of(*BLAMED) == []
    assert "the gateway or server is not available any more" in found.stopped


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        ("502 Bad Gateway", "text/html", "gateway or server is not available"),
        ("503 Service Unavailable", "text/plain", "gateway or server is not available"),
        ("401 Unauthorized", "text/plain", "refuses the credentials"),
        ("403 Forbidden", "text/html", "login page or a firewall"),
        ("302 Found", "text/plain", "redirects"),
        ("200 OK", "text/html", "HTML page"),
    ],
)
def test_what_nothing_can_be_tested_with(status: str, kind: str, says: str) -> None:
    server = Disturbed(lambda *_: (status, kind, b"<p>"))
    with running(server, ("OP-01",), auth=DEMO_AUTH[:1]) as session, pytest.raises(InputError, match=says) as error:
        session.discover()
    assert error.value.exit_status == 4
    assert server.count == (3 if status[0] == "5" else 1)


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        ("500 Internal Server Error", ["OP-01", "OP-04"]),
        ("418 I'm a teapot", ["OP-01"]),
        ("400 Bad Request", ["OP-01"]),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_a_documented_request_that_fails_is_a_failure(status: str, failed: list[str], kind: str) -> None:
    found = run(Disturbed(lambda *_: (status, kind, b"{}")))
    first = itertools.takewhile(lambda each: not each.requirement, found.exchanges)
    assert len(list(first)) == 3, "as often as the reason says"
    assert found.of(Status.FAILED) == failed
    others = [each for each in found.results.values() if each.status is Status.INCONCLUSIVE]
    assert len(others) + len(failed) + len(found.of(Status.SKIPPED, Status.WARNING)) == len(found.results)
    assert {each.reason for each in others} == {f"the documented request itself gets {status}, 3 times in a row"}
    assert found.sent < 15, "three tries, and the confirmation of each finding"


@pytest.mark.parametrize(
    "fault", [(), ("malformed-basic-crashes",), ("password-case-ignored",), ("stack-trace-shown",)]
)
def test_no_more_than_one_wrong_credential_between_two_right_ones(fault: tuple[str, ...]) -> None:
    server = Disturbed(lambda *_: None, fault)
    run(server, ("AUTH-*", "XSRF-*", "HTTP-04", "OP-04"))
    right = {f"Basic {value}" for value in _basic_values()}
    row = longest = 0
    for environ in server.seen:
        given = environ.get("HTTP_AUTHORIZATION", "")
        if not given.lower().startswith("basic "):
            continue
        row = 0 if f"Basic {given.split(' ', 1)[1]}" in right else row + _is_near(given)
        longest = max(longest, row)
    assert longest <= 1
    assert longest == 1 or fault == ("malformed-basic-crashes",), "it fails before a wrong password is sent"


def _basic_values() -> list[str]:
    from conformance.client.credentials import parse_credential

    return [parse_credential(each).value for each in DEMO_AUTH if each.startswith("basic:")]


def _is_near(given: str) -> int:
    import base64

    user = DEMO_AUTH[0].split(":")[1]
    try:
        text = base64.b64decode(given.split(" ", 1)[1]).decode(errors="replace")
    except ValueError:
        return 0
    return int(text.partition(":")[0] == user)


def test_without_wrong_credentials_none_is_sent() -> None:
    server = Disturbed(lambda *_: None)
    found = run(server, ("AUTH-04",), wrong_credentials=False)
    assert found.results["AUTH-04"].status is Status.INCONCLUSIVE
    assert "--no-wrong-credentials" in found.results["AUTH-04"].reason
    assert sum(_is_near(environ.get("HTTP_AUTHORIZATION", "")) for environ in server.seen if _wrong(environ)) == 0


def _wrong(environ: Any) -> bool:
    given = environ.get("HTTP_AUTHORIZATION", "")
    return given.startswith("Basic ") and given.split(" ", 1)[1] not in _basic_values()


def test_one_answer_that_is_lost_ends_no_run() -> None:
    def answer(number: int, environ: Environ) -> None:
        if number == 30:
            time.sleep(1.5)

    found = run(Disturbed(answer), ("ACC-*", "OP-04"), timeout=0.5)
    assert found.stopped == ""
    assert found.of(*BLAMED) == []
    assert [each.id for each in found.results.values() if each.unstable] == ["OP-04"]
    judge_all_or_a_may = {"ACC-07", "ACC-10"}
    accept = {id for id in load_requirements() if id.startswith("ACC-")}
    assert set(found.of(Status.PASSED)) == accept - judge_all_or_a_may
