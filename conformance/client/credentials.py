"""``--auth SCHEME:VALUE``: credentials, how they become headers, and what of them is secret.

Each scheme is a class; what differs from one scheme to another is in it and nowhere else.
Source: page, Request Headers: Authorization, X-XSRF-TOKEN and SO-AppToken; RFC 7617 (Basic), RFC 6750 (Bearer).
"""

from __future__ import annotations

import base64
from typing import ClassVar, Self

import msgspec

from conformance.client.exchange import Headers
from conformance.client.near_misses import (
    SHORT_NAMES,
    changed_in_the_middle,
    changed_passwords,
    changed_values,
    distinct_from,
)
from conformance.client.values import look_up
from conformance.core.errors import InputError

OAUTH2 = "oauth2"
"""Scheme of ``oauth2:NAME``: a bearer token that is requested from a server."""
VARIABLE = "CONFORMANCE_"
"""How the variables begin that hold credentials in a shell."""


_END_OF_NAME = 7
"""Characters of a cookie's name: fewer than a part of a secret that is looked for."""


class _Scheme(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What every credential has."""

    kind: ClassVar[str]
    """The scheme as ``--auth`` takes it."""
    form: ClassVar[str]
    """How it is written after ``--auth``; a credential itself, which is read from nowhere."""
    max_near_misses: ClassVar[int] = 4
    """How many values of ``near_misses`` there are at most."""

    def headers(self) -> Headers:
        """The request headers that present this credential."""
        raise NotImplementedError

    @property
    def secrets(self) -> dict[str, str]:
        """What must not reach any output, with what each value is called after the scheme (``.token``)."""
        raise NotImplementedError

    @property
    def wrong_values(self) -> dict[str, str]:
        """Values that the suite makes of the secrets, each with what it is called after the scheme."""
        raise NotImplementedError

    @property
    def variables(self) -> dict[str, str]:
        """What ``--auth`` was given, by the names of the variables that hold it in a shell (without ``VARIABLE``)."""
        raise NotImplementedError

    def option(self, suffix: str) -> str:
        """The option that reads it from these variables; ``suffix`` ends their names."""
        return f"--auth {self.kind}:env:{VARIABLE}{self.kind.upper()}{suffix}"

    @property
    def cookie_names(self) -> tuple[str, ...]:
        """The names of the cookies that it is sent as."""
        return ()


class AuthorizationScheme(_Scheme, frozen=True, kw_only=True):
    """A credential in the header Authorization: ``scheme`` as the page writes it, and ``value`` after it."""

    scheme: ClassVar[str]
    part: ClassVar[str]
    """What the value is called after the scheme, where it is taken out of a text."""
    value: str

    def headers(self) -> Headers:
        """The request headers that present this credential."""
        return (("Authorization", f"{self.scheme} {self.value}"),)

    @property
    def secrets(self) -> dict[str, str]:
        """The token."""
        return {self.value: self.part}

    @property
    def wrong_values(self) -> dict[str, str]:
        """Its near misses."""
        return {value: f"{self.part}, {SHORT_NAMES[what]}" for what, value in changed_values(self.value).items()}

    @property
    def variables(self) -> dict[str, str]:
        """The token as it was given."""
        return {self.kind.upper(): self.value}

    @classmethod
    def parse(cls, value: str, option: str) -> Self:
        """The credential that is written as ``value``. Raises InputError that names the option."""
        return cls(value=_ascii(cls.kind, value, option))

    def malformed(self) -> dict[str, str]:
        """Values of Authorization that name no account, by what is wrong with them."""
        return {
            "an empty value": f"{self.scheme} ",
            "a value of characters that are not Base64": f"{self.scheme} !!!~~~???",
        }

    def near_misses(self) -> dict[str, str]:
        """Values of Authorization that are almost right, by what is wrong with them."""
        return {what: f"{self.scheme} {value}" for what, value in changed_values(self.value).items()}

    def unknown_accounts(self) -> dict[str, str]:
        """Values of Authorization that name an account that does not exist, by what is wrong with them."""
        return {}


class Ticket(AuthorizationScheme, frozen=True, kw_only=True):
    """``SoTicket``."""

    kind: ClassVar[str] = "soticket"
    form: ClassVar[str] = "soticket:TICKET"
    scheme: ClassVar[str] = "SoTicket"
    part: ClassVar[str] = ".ticket"


class Bearer(AuthorizationScheme, frozen=True, kw_only=True):
    """``Bearer`` (RFC 6750)."""

    kind: ClassVar[str] = "bearer"
    form: ClassVar[str] = "bearer:TOKEN"
    scheme: ClassVar[str] = "Bearer"
    part: ClassVar[str] = ".token"


class Basic(AuthorizationScheme, frozen=True, kw_only=True):
    """``Basic`` (RFC 7617): ``value`` is user and password in Base64."""

    kind: ClassVar[str] = "basic"
    form: ClassVar[str] = "basic:USER:PASSWORD"
    scheme: ClassVar[str] = "Basic"
    part: ClassVar[str] = ""
    max_near_misses: ClassVar[int] = 6
    user: str
    password: str

    @property
    def secrets(self) -> dict[str, str]:
        """The password, and with the user as it is sent."""
        return {self.value: self.part, self.password: ".password"}

    @property
    def wrong_values(self) -> dict[str, str]:
        """Its near misses, those of the password alone too: a server may show what it decoded."""
        found = super().wrong_values
        for what, password in changed_passwords(self.password).items():
            found |= {
                password: f".password, {SHORT_NAMES[what]}",
                basic_value(self.user, password): f", password {SHORT_NAMES[what]}",
            }
        unknown = (value.partition(" ")[2] for value in self.unknown_accounts().values())
        return found | dict.fromkeys(unknown, ", unknown user")

    @property
    def variables(self) -> dict[str, str]:
        """User and password as they were given."""
        return {"BASIC": f"{self.user}:{self.password}"}

    @classmethod
    def parse(cls, value: str, option: str) -> Self:
        """The credential that is written as ``value``. Raises InputError that names the option."""
        user, colon, password = value.partition(":")
        if not colon:
            raise InputError(f"{option}: write it as {cls.form}")
        password = look_up(password, option)
        if not password.isprintable():
            raise InputError(f"{option}: the password holds a line break or another character no header can carry")
        return cls(value=basic_value(user, password), user=user, password=password)

    def near_misses(self) -> dict[str, str]:
        """Wrong passwords; of its Base64 only what is wrong however it is decoded."""
        near = super().near_misses()
        return {what: near[what] for what in ("half of the value", "the value with more behind it")} | {
            what: f"Basic {basic_value(self.user, password)}"
            for what, password in changed_passwords(self.password).items()
        }

    def unknown_accounts(self) -> dict[str, str]:
        """Another user with the right password."""
        return {"an unknown user": f"Basic {basic_value('no.such.user', self.password)}"}


class Session(_Scheme, frozen=True, kw_only=True):
    """A session: ``cookie`` (name=value) and the token ``xsrf`` that belongs to it."""

    kind: ClassVar[str] = "session"
    form: ClassVar[str] = "session:COOKIE=VALUE;XSRF=TOKEN"
    # Its wrong tokens are refusals of their own (XSRF-03): no account is locked because of them.
    max_near_misses: ClassVar[int] = 0
    cookie: str
    xsrf: str

    def headers(self) -> Headers:
        """The request headers that present this credential."""
        return (("Cookie", self.cookie), ("X-XSRF-TOKEN", self.xsrf))

    @property
    def secrets(self) -> dict[str, str]:
        """Cookie and token. A server may send one cookie of several back."""
        each = [part.partition("=")[2].strip() for part in self.cookie.split(";")]
        found = {value: f".cookie-{number}" if number > 1 else ".cookie" for number, value in enumerate(each, 1)}
        name, _, value = self.cookie.partition("=")
        # A beginning of the value could be a word, but not behind the cookie's name; the name alone is not a secret.
        with_name = {f"{name[-_END_OF_NAME:]}={value}": ".cookie, with its name"}
        return {value: ".cookies"} | found | {self.xsrf: ".xsrf"} | with_name

    @property
    def wrong_values(self) -> dict[str, str]:
        """Wrong tokens."""
        return {value: f".xsrf, {SHORT_NAMES[what]}" for what, value in self.wrong_tokens().items()}

    @property
    def variables(self) -> dict[str, str]:
        """Cookie and token as they were given."""
        return {"COOKIE": self.cookie, "XSRF": self.xsrf}

    def option(self, suffix: str) -> str:
        """The option that reads it from these variables; ``suffix`` ends their names."""
        return f'--auth "session:${VARIABLE}COOKIE{suffix};XSRF=${VARIABLE}XSRF{suffix}"'

    @property
    def cookie_names(self) -> tuple[str, ...]:
        """The names of the cookies that it is sent as."""
        return tuple(part.partition("=")[0].strip() for part in self.cookie.split(";"))

    @classmethod
    def parse(cls, value: str, option: str) -> Self:
        """The credential that is written as ``value``. Raises InputError that names the option."""
        cookie, separator, xsrf = _ascii(cls.kind, value, option).rpartition(";XSRF=")
        if not separator or "=" not in cookie or not xsrf:
            raise InputError(f"{option}: write it as {cls.form}")
        return cls(cookie=cookie.strip(), xsrf=xsrf.strip())

    def wrong_tokens(self) -> dict[str, str]:
        """Tokens that are almost right, by what they are."""
        middle = len(self.xsrf) // 2
        return {
            "a wrong": changed_in_the_middle(self.xsrf),
            "a differently ending": self.xsrf[:-1] + distinct_from(self.xsrf[-1]),
            "half of the right": self.xsrf[: max(1, middle)] if middle else "",
            "an empty": "",
        }


Credential = Basic | Ticket | Bearer | Session
SCHEMES: dict[str, type[Basic | Ticket | Bearer | Session]] = {
    each.kind: each for each in (Basic, Ticket, Bearer, Session)
}


def basic_value(user: str, password: str) -> str:
    """What follows ``Basic`` (RFC 7617, UTF-8)."""
    return base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def parse_credential(text: str, option: str = "--auth") -> Credential:
    """Read one ``SCHEME:VALUE``; ``env:NAME``, ``file:PATH`` and ``cmd:PROGRAM`` as VALUE are looked up.

    Raises InputError that names the option, and never repeats the value.
    """
    kind, colon, value = text.partition(":")
    kind = kind.strip().lower()
    scheme = SCHEMES.get(kind)
    if not colon or scheme is None:
        forms = ", ".join(each.form for each in SCHEMES.values())
        raise InputError(f"{option}: write it as one of {forms} or oauth2:NAME")
    value = look_up(value, option).strip()
    if not value:
        raise InputError(f"{option}: {kind} has no value; write it as {scheme.form}")
    if not value.isprintable():
        raise InputError(f"{option}: the {kind} value holds a line break or another character no header can carry")
    return scheme.parse(value, option)


def _ascii(kind: str, value: str, option: str) -> str:
    if not value.isascii():
        raise InputError(f"{option}: the {kind} value holds a character that is not ASCII")
    return value
