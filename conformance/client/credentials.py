"""``--auth SCHEME:VALUE``: credentials, how they become headers, and what of them is secret.

Source: page, Request Headers: Authorization, X-XSRF-TOKEN and SO-AppToken; RFC 7617 (Basic), RFC 6750 (Bearer).
"""

from __future__ import annotations

import base64
from typing import Literal, Protocol

import msgspec

from conformance.client.exchange import Headers
from conformance.client.values import is_named, look_up
from conformance.core.errors import InputError

Kind = Literal["basic", "soticket", "bearer", "session"]

FORMS = {
    "basic": "basic:USER:PASSWORD",
    "soticket": "soticket:TICKET",
    "bearer": "bearer:TOKEN",
    "session": "session:COOKIE=VALUE;XSRF=TOKEN",
}
OAUTH2 = "oauth2"
"""Scheme of ``oauth2:NAME``: a bearer token that is asked for."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """One way to be somebody at the target.

    ``scheme`` is the Authorization scheme as the page spells it (empty for a session); ``value`` what follows it.
    ``user`` and ``password`` are Basic's; ``cookie`` (name=value) and ``xsrf`` a session's.
    """

    kind: Kind
    scheme: str = ""
    value: str = ""
    user: str = ""
    password: str = ""
    cookie: str = ""
    xsrf: str = ""

    def headers(self) -> Headers:
        """The request headers that present this credential."""
        if self.kind == "session":
            return (("Cookie", self.cookie), ("X-XSRF-TOKEN", self.xsrf))
        return (("Authorization", f"{self.scheme} {self.value}"),)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not reach any output."""
        if self.kind == "session":
            # A server may play back one cookie of several.
            each = [part.partition("=")[2].strip() for part in self.cookie.split(";")]
            return tuple(dict.fromkeys((self.cookie.partition("=")[2], *each, self.xsrf)))
        if self.kind == "basic":
            return (self.value, self.password)
        return (self.value,)


class Source(Protocol):
    """Where a credential comes from: it may be another one the next time that it is read."""

    @property
    def renewable(self) -> bool:
        """Whether reading it again can give another credential."""

    @property
    def is_asked_for(self) -> bool:
        """Whether reading it makes a new one, so that the processes of a run should read it once, together."""

    def read(self) -> Credential:
        """The credential as it is now. Raises InputError."""


class NamedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as ``--auth`` gives it: the value itself, or the name of where it is."""

    text: str
    option: str = "--auth"

    @property
    def renewable(self) -> bool:
        """Whether it names a variable, a file or a program."""
        return any(map(is_named, self._values))

    @property
    def is_asked_for(self) -> bool:
        """Whether it names a program."""
        return any(value.startswith("cmd:") for value in self._values)

    @property
    def _values(self) -> tuple[str, ...]:
        """What may be a reference: the whole value, and Basic's password."""
        kind, _, value = self.text.partition(":")
        return (value, value.partition(":")[2]) if kind.strip().lower() == "basic" else (value,)

    def read(self) -> Credential:
        """The credential as it is now. Raises InputError."""
        return parse_credential(self.text, self.option)


def basic_value(user: str, password: str) -> str:
    """What follows ``Basic`` (RFC 7617, UTF-8)."""
    return base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def parse_credential(text: str, option: str = "--auth") -> Credential:
    """Read one ``SCHEME:VALUE``; ``env:NAME``, ``file:PATH`` and ``cmd:PROGRAM`` as VALUE are looked up.

    Raises InputError that names the option, and never repeats the value.
    """
    kind, colon, value = text.partition(":")
    kind = kind.strip().lower()
    if not colon or kind not in FORMS:
        raise InputError(f"{option}: write it as one of {', '.join(FORMS.values())} or oauth2:NAME")
    value = look_up(value, option).strip()
    if not value:
        raise InputError(f"{option}: {kind} has no value; write it as {FORMS[kind]}")
    if not value.isprintable():
        raise InputError(f"{option}: the {kind} value holds a line break or another character no header can carry")
    if kind == "basic":
        user, colon, password = value.partition(":")
        if not colon:
            raise InputError(f"{option}: write it as {FORMS[kind]}")
        password = look_up(password, option)
        if not password.isprintable():
            raise InputError(f"{option}: the password holds a line break or another character no header can carry")
        return Credential(kind="basic", scheme="Basic", value=basic_value(user, password), user=user, password=password)
    if not value.isascii():
        raise InputError(f"{option}: the {kind} value holds a character that is not ASCII")
    if kind == "session":
        return _session(value, option)
    if kind == "soticket":
        return Credential(kind="soticket", scheme="SoTicket", value=value)
    return Credential(kind="bearer", scheme="Bearer", value=value)


def _session(value: str, option: str) -> Credential:
    cookie, separator, xsrf = value.rpartition(";XSRF=")
    if not separator or "=" not in cookie or not xsrf:
        raise InputError(f"{option}: write it as {FORMS['session']}")
    return Credential(kind="session", cookie=cookie.strip(), xsrf=xsrf.strip())
