"""Authorization.

Page: Request Headers: Authorization, with the schemes that it names. RFC 9110, section 11; RFC 7617 (Basic).
"""

from __future__ import annotations

from typing import Any

from conformance.assertions.elements import holds_data, refused, require_data
from conformance.assertions.request_encodings import spellings
from conformance.client.credentials import AuthorizationScheme
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import NotApplicable
from conformance.core.media_types import FORM, is_xml
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, header, principle, rfc

AUTHORIZATION = header("Authorization")


def credentials(ask: Probe) -> list[AuthorizationScheme]:
    """The configured credentials that go into Authorization; NotApplicable without any."""
    found: list[AuthorizationScheme] = [
        credential for credential in ask.target.credentials if isinstance(credential, AuthorizationScheme)
    ]
    if not found:
        raise ask.not_given("no credential for Authorization was given", "--auth")
    return found


def require_credentials(ask: Probe) -> None:
    """NotApplicable where the target is tested without any credential: then everybody may in."""
    if not ask.target.credentials:
        raise ask.not_given("no credentials were given", "--auth: without any, the target is open to all")


def working(ask: Probe) -> list[tuple[AuthorizationScheme, Answer]]:
    """Those of them that are accepted, each with the accepted answer as its control (AUTH-01 judges the others)."""
    tried = [
        (credential, ask("control", intent=Intent.CONTROL, credential=credential)) for credential in credentials(ask)
    ]
    return [(credential, answer) for credential, answer in tried if answer.is_success]


def present(ask: Probe, value: str, purpose: str, intent: Intent, control: Answer) -> Answer:
    """The plain request with this Authorization and no other credential; ``control`` has the right one."""
    token = (("SO-AppToken", ask.target.app_token),) if ask.target.app_token else ()
    headers = (("Authorization", value), *token)
    return ask(purpose, intent=intent, control=control, credential=None, headers=headers)


@requirement(
    "AUTH-01",
    MUST,
    "Every scheme that the installation is configured for is accepted",
    source=AUTHORIZATION,
    fault="bearer-refused",
    smoke=True,
)
def test_configured_schemes(ask: Probe) -> None:
    """The plain request once with each configured credential."""
    for credential in credentials(ask):
        answer = ask("control", intent=Intent.CONTROL, credential=credential)
        ask.expect_success(answer, f"the configured {credential.scheme} credential", beside=[ask.baseline()])


@requirement(
    "AUTH-02",
    MUST,
    "Without Authorization and without a session nothing is returned: 401",
    source=AUTHORIZATION,
    fault=("anonymous-allowed", "anonymous-xml", "anonymous-select", "anonymous-remembered"),
    smoke=True,
)
def test_anonymous_gets_no_data(ask: Probe) -> None:
    """The plain request without any credential, also under XML, as a form, and with $select; another 4xx than 401 is a
    warning. The control is the same with credentials."""
    require_credentials(ask)
    answer = ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    refused(ask, answer, "a request without credentials", statuses=[401], control=ask.baseline())
    for what, change in ask.limit_in_smoke(access_methods(ask).items(), 1):
        control = ask("control", intent=Intent.CONTROL, **change)
        if control.is_success:
            answer = ask("refused", intent=Intent.REFUSAL, control=control, credential=None, **change)
            refused(ask, answer, f"a request without credentials ({what})", statuses=[401], control=control)


def access_methods(ask: Probe) -> dict[str, dict[str, Any]]:
    """The plain request by other doors, of which one may be left open: another type to read, to write, a selection."""
    ways: dict[str, dict[str, Any]] = {}
    for fact in ask.operation.response_types:
        if is_xml(fact.name):
            ways[f"Accept: {fact.name}"] = {"accept": fact.name}
            break
    for fact in ask.operation.request_types:
        if fact.name == FORM or (is_xml(fact.name) and "xml" not in "".join(key for key in ways if "Content" in key)):
            ways[f"Content-Type: {fact.name}"] = {"content_type": fact.name, "raw": spellings(ask, fact.name)[0]}
    if ask.facts.identity and ask.operation.query_parameter("$select"):
        ways["$select"] = {"select": [ask.facts.identity]}
    return ways


@requirement(
    "AUTH-03",
    MUST,
    "A 401 carries WWW-Authenticate",
    source=rfc(9110, "11.6.1"),
    fault="challenge-missing",
    observes_all=True,
    smoke=True,
)
def test_a_401_names_a_challenge(ask: Probe, answer: Answer) -> None:
    """Every 401 of the run, and one that is provoked by leaving the credentials out."""
    require_credentials(ask)
    ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    if not any(a.status == 401 for a in ask.answers):
        raise NotApplicable("the target never answered 401")
    if answer.status == 401:
        ask.check(
            bool(answer.header("WWW-Authenticate")),
            "a 401 has no WWW-Authenticate header",
            expected="WWW-Authenticate with a challenge",
            actual="none",
            of=[answer],
        )


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
    """Each configured scheme with its value spoiled in several ways, and Basic with four wrong passwords and a
    wrong user: 401 or 403, or 400 where the header itself is malformed; another 4xx is a warning. The control is the
    value unspoiled."""
    for credential, control in working(ask):
        for what, value in credential.malformed().items():
            answer = present(ask, value, "refused", Intent.REFUSAL, control)
            refused(ask, answer, f"{credential.scheme} with {what}", statuses=[401, 403, 400], control=control)
        for what, value in credential.near_misses().items():
            answer = present(ask, value, "refused", Intent.WRONG_CREDENTIAL, control)
            refused(ask, answer, f"{credential.scheme} with {what}", statuses=[401, 403, 400], control=control)
        for what, value in credential.unknown_accounts().items():
            answer = present(ask, value, "refused", Intent.REFUSAL, control)
            refused(ask, answer, f"{credential.scheme} with {what}", statuses=[401, 403], control=control)


@requirement(
    "AUTH-05",
    MUST,
    "The name of the scheme matches without regard to case",
    source=rfc(9110, "11.1"),
    fault="scheme-case-sensitive",
)
def test_scheme_case(ask: Probe) -> None:
    """Each accepted credential with its scheme in lower and upper case."""
    for credential, control in working(ask):
        for scheme in (credential.scheme.lower(), credential.scheme.upper()):
            answer = present(ask, f"{scheme} {credential.value}", "scheme case", Intent.VARIATION, control)
            ask.expect_success(answer, f"Authorization: {scheme} ...", beside=[control])


@requirement("AUTH-06", MUST, "An unknown scheme is refused", source=AUTHORIZATION, fault="unknown-scheme-as-basic")
def test_unknown_scheme(ask: Probe) -> None:
    """Each accepted credential under the name of a scheme that does not exist."""
    for credential, control in working(ask):
        answer = present(ask, f"Xyzzy {credential.value}", "refused", Intent.REFUSAL, control)
        refused(ask, answer, "a scheme that does not exist", statuses=[400, 401, 403], control=control)


@requirement(
    "AUTH-07",
    MUST,
    "A refusal shows none of the data",
    source=principle("Secrecy: a refusal must not tell"),
    fault="refusal-leaks-data",
    observes_all=True,
)
def test_refusals_keep_secrets(ask: Probe, answer: Answer) -> None:
    """Every 401 and 403 of the run is searched for texts and elements of the target's data."""
    require_credentials(ask)
    require_data(ask)
    ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None)
    if answer.status in (401, 403):
        shown = holds_data(ask, answer)
        ask.check(
            shown is None,
            f"a refusal shows data: {shown}",
            expected="none of the data",
            actual=answer.text,
            of=[answer],
        )
