"""Authorization.

Page: Request Headers: Authorization, with the schemes that it names. RFC 9110, section 11; RFC 7617 (Basic).
"""

from __future__ import annotations

from functools import partial

from conformance.assertions.credentials import (
    access_methods,
    authorization_credentials,
    present,
    require_credentials,
    working_credentials,
)
from conformance.assertions.data import data_shown, require_data
from conformance.assertions.responses import expect_refusal, expect_success
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import NotApplicable
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, header, principle, rfc

AUTHORIZATION = header("Authorization")


@requirement(
    "AUTH-01",
    MUST,
    "Every scheme that the installation is configured for is accepted",
    source=AUTHORIZATION,
    fault="bearer-refused",
    smoke=True,
)
def test_configured_schemes(ask: Probe) -> None:
    """The baseline request is sent once with each configured credential."""
    for credential in authorization_credentials(ask):
        answer = ask("control", intent=Intent.CONTROL, credential=credential)
        expect_success(ask, answer, f"the configured {credential.scheme} credential", beside=[ask.baseline()])


@requirement(
    "AUTH-02",
    MUST,
    "A request without Authorization and without a session gets 401 and no data",
    source=AUTHORIZATION,
    fault=("anonymous-allowed", "anonymous-xml", "anonymous-select", "anonymous-remembered"),
    smoke=True,
)
def test_anonymous_gets_no_data(ask: Probe) -> None:
    """The baseline request without any credential, also under XML, as a form, and with $select; another 4xx than 401 is
    a warning. The control is the same with credentials."""
    require_credentials(ask)
    answer = ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    expect_refusal(ask, answer, "a request without credentials", statuses=[401], control=ask.baseline())
    for what, change in ask.limit_in_smoke(access_methods(ask).items(), 1):
        control = ask("control", intent=Intent.CONTROL, **change)
        if control.is_success:
            answer = ask("refused", intent=Intent.REFUSAL, control=control, credential=None, **change)
            expect_refusal(ask, answer, f"a request without credentials ({what})", statuses=[401], control=control)


@requirement(
    "AUTH-03",
    MUST,
    "A 401 response has a WWW-Authenticate header",
    source=rfc(9110, "11.6.1"),
    fault="challenge-missing",
    observes_all=True,
    smoke=True,
)
def test_a_401_names_a_challenge(ask: Probe, answer: Answer) -> None:
    """Every 401 of the run, and one that is provoked by leaving the credentials out."""
    require_credentials(ask)
    ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    if not any(each.status == 401 for each in ask.answers):
        raise NotApplicable("the target never answered 401")
    if answer.status == 401:
        is_given, expected = bool(answer.header("WWW-Authenticate")), "WWW-Authenticate with a challenge"
        ask.check(is_given, "a 401 has no WWW-Authenticate header", expected=expected, actual="none", of=[answer])


@requirement(
    "AUTH-04",
    MUST,
    "Wrong, empty, truncated and malformed credentials are refused",
    source=AUTHORIZATION,
    fault=(
        "password-unchecked",
        "user-unchecked",
        "ticket-prefix-checked",
        "malformed-basic-crashes",
        "password-case-ignored",
        "password-first-eight",
        "ticket-suffix-ignored",
        "cache-without-credentials",
    ),
)
def test_bad_credentials(ask: Probe) -> None:
    """The value of each configured scheme is corrupted in several ways; Basic is also tried with four wrong passwords
    and a wrong user. Expected is 401 or 403, or 400 if the header itself is malformed; another 4xx is a warning. The
    control is the correct value."""
    for credential, control in working_credentials(ask):
        expect = partial(expect_refusal, ask, statuses=[401, 403, 400], control=control)
        for what, value in credential.malformed().items():
            answer = present(ask, value, "refused", Intent.REFUSAL, control)
            expect(answer, f"{credential.scheme} with {what}")
        for what, value in credential.near_misses().items():
            answer = present(ask, value, "refused", Intent.WRONG_CREDENTIAL, control)
            expect(answer, f"{credential.scheme} with {what}")
        for what, value in credential.unknown_accounts().items():
            answer = present(ask, value, "refused", Intent.REFUSAL, control)
            expect(answer, f"{credential.scheme} with {what}", statuses=[401, 403])


@requirement(
    "AUTH-05",
    MUST,
    "The name of the scheme matches without regard to case",
    source=rfc(9110, "11.1"),
    fault="scheme-case-sensitive",
)
def test_scheme_case(ask: Probe) -> None:
    """Each accepted credential with its scheme in lower and upper case."""
    for credential, control in working_credentials(ask):
        for scheme in (credential.scheme.lower(), credential.scheme.upper()):
            answer = present(ask, f"{scheme} {credential.value}", "scheme case", Intent.VARIATION, control)
            expect_success(ask, answer, f"Authorization: {scheme} ...", beside=[control])


@requirement("AUTH-06", MUST, "An unknown scheme is refused", source=AUTHORIZATION, fault="unknown-scheme-as-basic")
def test_unknown_scheme(ask: Probe) -> None:
    """Each accepted credential under the name of a scheme that does not exist."""
    for credential, control in working_credentials(ask):
        answer = present(ask, f"Xyzzy {credential.value}", "refused", Intent.REFUSAL, control)
        expect_refusal(ask, answer, "a scheme that does not exist", statuses=[400, 401, 403], control=control)


@requirement(
    "AUTH-07",
    MUST,
    "A refusal shows none of the data",
    source=principle("Secrecy: a refusal must not show data"),
    fault="refusal-leaks-data",
    observes_all=True,
)
def test_refusals_keep_secrets(ask: Probe, answer: Answer) -> None:
    """Every 401 and 403 of the run is searched for texts and elements of the target's data."""
    require_credentials(ask)
    require_data(ask)
    ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    if answer.status in (401, 403):
        shown = data_shown(ask, answer)
        message = f"a refusal shows data: {shown}"
        ask.check(shown is None, message, expected="none of the data", actual=answer.text, of=[answer])
