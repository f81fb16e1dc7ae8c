"""X-XSRF-TOKEN and SO-AppToken.

Page: Request Headers: a session needs its token unless there is Authorization; partner apps name themselves.
"""

from __future__ import annotations

from conformance.assertions.credentials import access_methods, sessions
from conformance.assertions.elements import same_elements
from conformance.assertions.responses import expect_refusal, expect_success
from conformance.client.credentials import Session, Ticket
from conformance.client.exchange import Intent
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, header

XSRF = header("X-XSRF-TOKEN")
APP_TOKEN = header("SO-AppToken")
STATUSES = (401, 403, 400)


@requirement(
    "XSRF-01",
    MUST,
    "A session cookie alone, without Authorization, is refused",
    source=XSRF,
    fault=("xsrf-unchecked", "xsrf-form-unchecked"),
)
def test_a_cookie_is_not_enough(ask: Probe) -> None:
    """The session's cookie without its token, also with other types and $select; the control has the token too."""
    for number, session in enumerate(sessions(ask)):
        for change in ({}, *(access_methods(ask).values() if number == 0 else ())):
            control = ask("control", intent=Intent.CONTROL, credential=session, **change)
            if not change or control.is_success:
                changed = {**change, "credential": None, "headers": (("Cookie", session.cookie),)}
                answer = ask("refused", intent=Intent.REFUSAL, control=control, **changed)
                what = "a session cookie without X-XSRF-TOKEN"
                expect_refusal(ask, answer, what, statuses=STATUSES, control=control)


@requirement(
    "XSRF-02", MUST, "A session cookie with its X-XSRF-TOKEN is accepted", source=XSRF, fault="session-refused"
)
def test_a_session_with_its_token(ask: Probe) -> None:
    """The baseline request with each configured session."""
    for session in sessions(ask):
        answer = ask("control", intent=Intent.CONTROL, credential=session)
        expect_success(ask, answer, "a session with its X-XSRF-TOKEN", beside=[ask.baseline()])


@requirement(
    "XSRF-03",
    MUST,
    "A wrong, empty or another session's token is refused",
    source=XSRF,
    fault=("xsrf-any-value", "xsrf-first-half", "xsrf-any-session"),
)
def test_wrong_tokens(ask: Probe) -> None:
    """Each session's cookie with a changed token, half of it, an empty one, and the other session's token if two are
    configured; the control is its own token."""
    every = sessions(ask)
    for session in every:
        control = ask("control", intent=Intent.CONTROL, credential=session)
        tokens = session.wrong_tokens()
        foreign = next((each.xsrf for each in every if each.xsrf != session.xsrf), None)
        if foreign is not None:
            tokens["another session's"] = foreign
        # What compares tokens compares those of every session; another session's is the one to try with each.
        for what, token in tokens.items() if session is every[0] else [*tokens.items()][-2:]:
            headers = (("Cookie", session.cookie), ("X-XSRF-TOKEN", token))
            answer = ask("refused", intent=Intent.REFUSAL, control=control, credential=None, headers=headers)
            expect_refusal(ask, answer, f"a session with {what} X-XSRF-TOKEN", statuses=STATUSES, control=control)


@requirement(
    "XSRF-04",
    MUST,
    "With Authorization, no X-XSRF-TOKEN is needed, and a wrong one is ignored",
    source=XSRF,
    fault="xsrf-always-checked",
)
def test_authorization_needs_no_token(ask: Probe) -> None:
    """The baseline request with a token that belongs to no session, and with a session's cookie without its token."""
    credential = ask.credential
    if credential is None or isinstance(credential, Session):
        raise ask.not_given("no credential for Authorization was given", "--auth")
    answer = ask("with token", headers=(("X-XSRF-TOKEN", "belongs-to-nobody"),))
    expect_success(ask, answer, "an unknown X-XSRF-TOKEN beside Authorization", beside=[ask.baseline()])
    for session in (each for each in ask.target.credentials if isinstance(each, Session)):
        answer = ask("with session", headers=(("Cookie", session.cookie),))
        what = "Authorization beside a session cookie without its token"
        expect_success(ask, answer, what, beside=[ask.baseline()])


@requirement("XSRF-05", MUST, "A token without a session is refused", source=XSRF, fault="token-without-session")
def test_a_token_is_not_enough(ask: Probe) -> None:
    """The session's token without its cookie, and with the cookie of no session; the control has both."""
    for session in sessions(ask):
        name = session.cookie.partition("=")[0]
        for cookies in ((), (("Cookie", f"{name}=no-such-session"),)):
            control = ask("control", intent=Intent.CONTROL, credential=session)
            headers = (*cookies, ("X-XSRF-TOKEN", session.xsrf))
            answer = ask("refused", intent=Intent.REFUSAL, control=control, credential=None, headers=headers)
            expect_refusal(ask, answer, "an X-XSRF-TOKEN without its session", statuses=STATUSES, control=control)


@requirement(
    "APP-01",
    MUST,
    "An online installation accepts a ticket with the application token",
    source=APP_TOKEN,
    fault="app-token-refused",
    installation="online",
)
def test_a_ticket_with_the_application_token(ask: Probe) -> None:
    """The baseline request with each configured ticket; it needs a ticket and an application token."""
    tickets = [each for each in ask.target.credentials if isinstance(each, Ticket)]
    if not tickets or not ask.target.app_token:
        raise ask.not_given("no ticket with an application token was given", "--auth soticket:..., --app-token")
    for ticket in tickets:
        answer = ask("control", intent=Intent.CONTROL, credential=ticket)
        expect_success(ask, answer, "a ticket with SO-AppToken", beside=[ask.baseline()])


@requirement(
    "APP-02",
    SHOULD,
    "An on-site installation gives the same answer with and without SO-AppToken",
    source=APP_TOKEN,
    fault="app-token-onsite-refused",
    installation="onsite",
)
def test_on_site_the_token_does_nothing(ask: Probe) -> None:
    """The baseline request with a token that belongs to no application."""
    headers = (("SO-AppToken", "belongs-to-no-application"),)
    ask.relate("with application token", same_elements(ask, "an SO-AppToken"), headers=headers)
