"""Which credentials there are to try, and with which requests a target may forget to check them."""

from __future__ import annotations

from typing import Any

from conformance.assertions.request_encodings import encodings
from conformance.client.credentials import AuthorizationScheme, Session
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.core.media_types import FORM, is_xml
from conformance.engine.probe import Probe


def authorization_credentials(ask: Probe) -> list[AuthorizationScheme]:
    """The configured credentials that go into Authorization; raises NotApplicable without any."""
    credentials = ask.target.credentials
    found: list[AuthorizationScheme] = [each for each in credentials if isinstance(each, AuthorizationScheme)]
    if not found:
        raise ask.not_given("no credential for Authorization was given", "--auth")
    return found


def require_credentials(ask: Probe) -> None:
    """Raise NotApplicable if the target is tested without any credential, so that access is anonymous."""
    if not ask.target.credentials:
        raise ask.not_given("no credentials were given", "--auth: without any, the target is open to all")


def sessions(ask: Probe) -> list[Session]:
    """The configured sessions; raises NotApplicable without one."""
    found = [each for each in ask.target.credentials if isinstance(each, Session)]
    if not found:
        raise ask.not_given("no session was given", "--auth session:COOKIE=VALUE;XSRF=TOKEN")
    return found


def working_credentials(ask: Probe) -> list[tuple[AuthorizationScheme, Answer]]:
    """Those for Authorization that are accepted, each with its answer as the control (AUTH-01 covers the others)."""
    tried = [(each, ask("control", intent=Intent.CONTROL, credential=each)) for each in authorization_credentials(ask)]
    return [(credential, answer) for credential, answer in tried if answer.is_success]


def present(ask: Probe, value: str, purpose: str, intent: Intent, control: Answer) -> Answer:
    """The baseline request with this Authorization and no other credential; ``control`` has the right one."""
    token = (("SO-AppToken", ask.target.app_token),) if ask.target.app_token else ()
    headers = (("Authorization", value), *token)
    return ask(purpose, intent=intent, control=control, credential=None, headers=headers)


def access_methods(ask: Probe) -> dict[str, dict[str, Any]]:
    """Changes to the baseline request under which credentials may be unchecked: other types, and a selection."""
    methods: dict[str, dict[str, Any]] = {}
    for fact in ask.operation.response_types:
        if is_xml(fact.name):
            methods[f"Accept: {fact.name}"] = {"accept": fact.name}
            break
    has_xml = False
    for fact in ask.operation.request_types:
        if fact.name == FORM or (is_xml(fact.name) and not has_xml):
            methods[f"Content-Type: {fact.name}"] = {"content_type": fact.name, "raw": encodings(ask, fact.name)[0]}
            has_xml = has_xml or is_xml(fact.name)
    if ask.facts.identity and ask.operation.query_parameter("$select"):
        methods["$select"] = {"select": [ask.facts.identity]}
    return methods
