"""Who asks: Authorization, or a session with its X-XSRF-TOKEN; SO-AppToken for tickets online."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hmac import compare_digest
from typing import Literal

from werkzeug.wrappers import Request

from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.refusal import Refusal
from conformance.reference.variants.catalogue import Variants

Installation = Literal["onsite", "online"]

ACCOUNTS = {"jane.doe": "blue:Harbour9"}
"""Users and their passwords."""
_TICKET = "7T:" + base64.b64encode(b"a ticket that only the reference server accepts").decode("ascii")
_BEARER = "8A:" + base64.b64encode(b"an access token of the reference server").decode("ascii")
_SESSION_COOKIE = "ReferenceSession"
_SESSIONS = {"first-4b1f9c27d05e": "xsrf-one-93aa6e18", "second-e80c5d6637fa": "xsrf-two-5fd20b74"}
DEMO_APP_TOKEN = "reference-application-token-61c2"
DEMO_AUTH: tuple[str, ...] = (
    *(f"basic:{user}:{password}" for user, password in ACCOUNTS.items()),
    f"soticket:{_TICKET}",
    f"bearer:{_BEARER}",
    *(f"session:{_SESSION_COOKIE}={session};XSRF={token}" for session, token in _SESSIONS.items()),
)
"""The credentials that work, as ``--auth`` takes them (online: all but Basic)."""


class Guard:
    """Checks the credentials of requests."""

    def __init__(self, schemes: Sequence[str], installation: Installation, faults: Faults, variants: Variants) -> None:
        self._online = installation == "online"
        taken = variants.schemes
        offered = [scheme for scheme in schemes if not (self._online and scheme.lower() == "basic")]
        offered = [scheme for scheme in offered if not taken or scheme.lower() in taken]
        self._sessions = not taken or "session" in taken
        self._has_authenticated = False
        self._schemes = {scheme.lower(): scheme for scheme in offered}
        # A 401 has a challenge (RFC 9110, 11.6.1), if need be one of a scheme that is not registered.
        challenges = offered or ["Session"]
        self._challenge = tuple(("WWW-Authenticate", f'{scheme} realm="reference"') for scheme in challenges)
        self._faults = faults

    def admit(self, request: Request) -> None:
        """Raise Refusal (401) unless the credentials of the request are right."""
        faults = self._faults
        header, token = request.headers.get("Authorization"), request.headers.get("X-XSRF-TOKEN")
        if header is None and "Cookie" not in request.headers and self._is_anonymous_allowed(request):
            return
        if header is None and token is None and _is_form(request) and faults("xsrf-form-unchecked"):
            token = _SESSIONS.get(request.cookies.get(_SESSION_COOKIE, ""))
        if header is None:
            allowed = self._sessions and self._session(request.cookies.get(_SESSION_COOKIE), token)
        else:
            allowed = self._authorization(header, request.headers.get("SO-AppToken"))
            if allowed and token is not None and token not in _SESSIONS.values() and faults("xsrf-always-checked"):
                allowed = False
        if allowed and not self._online and "SO-AppToken" in request.headers and faults("app-token-onsite-refused"):
            allowed = False
        if not allowed:
            challenge = () if faults("challenge-missing") else self._challenge
            raise Refusal(401, "Credentials are missing or wrong", challenge)
        self._has_authenticated = True

    def _is_anonymous_allowed(self, request: Request) -> bool:
        """Whether a fault answers this request, although it has no credentials."""
        if "xml" in request.headers.get("Accept", "") and self._faults("anonymous-xml"):
            return True
        if request.query_string and self._faults("anonymous-select"):
            return True
        return self._has_authenticated and self._faults("anonymous-remembered")

    def _session(self, cookie: str | None, token: str | None) -> bool:
        faults = self._faults
        if cookie is None:
            if token in _SESSIONS.values() and faults("token-without-session"):
                return True
            return token is None and faults("anonymous-allowed")
        expected = _SESSIONS.get(cookie)
        if expected is None:
            return False
        if token is None:
            return faults("xsrf-unchecked")
        if not _same(token, expected):
            if token in _SESSIONS.values() and faults("xsrf-any-session"):
                return True
            half = expected[: len(expected) // 2]
            return (token.startswith(half) and faults("xsrf-first-half")) or faults("xsrf-any-value")
        return not faults("session-refused")

    def _authorization(self, header: str, app_token: str | None) -> bool:
        faults = self._faults
        scheme, _, value = header.strip().partition(" ")
        value = value.strip()
        known = self._schemes.get(scheme.lower())
        if known is None:
            is_known = self._basic(value, quiet=True) or self._ticket(value, _TICKET) or self._ticket(value, _BEARER)
            return is_known and faults("unknown-scheme-as-basic")
        if scheme != known and faults("scheme-case-sensitive"):
            return False
        if known.lower() == "basic":
            return self._basic(value)
        if known.lower() == "bearer":
            return self._ticket(value, _BEARER) and not faults("bearer-refused")
        if known.lower() != "soticket" or not self._ticket(value, _TICKET):
            return False
        if not self._online:
            return True
        return _same(app_token or "", DEMO_APP_TOKEN) and not faults("app-token-refused")

    def _basic(self, value: str, *, quiet: bool = False) -> bool:
        try:
            user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            if not quiet and self._faults("malformed-basic-crashes"):
                raise Crash from None
            return False
        if colon and user not in ACCOUNTS and password in ACCOUNTS.values() and not quiet:
            return self._faults("user-unchecked")
        if not colon or user not in ACCOUNTS:
            return False
        expected = ACCOUNTS[user]
        if _same(password, expected):
            return True
        if quiet:
            return False
        return (
            (password.lower() == expected.lower() and self._faults("password-case-ignored"))
            or (password[:8] == expected[:8] and self._faults("password-first-eight"))
            or self._faults("password-unchecked")
        )

    def _ticket(self, value: str, ticket: str) -> bool:
        if _same(value, ticket) or (value.startswith(ticket) and self._faults("ticket-suffix-ignored")):
            return True
        return value[:8] == ticket[:8] and self._faults("ticket-prefix-checked")


def _is_form(request: Request) -> bool:
    return "form" in request.headers.get("Content-Type", "")


def _same(given: str, expected: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
