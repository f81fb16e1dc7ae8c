"""Credentials, and values made of them, as shell words without a secret.

A wrong credential is made of the right one (truncated, one character changed, in other case), so it must not be written
down either. It is written as what was done to a variable: ``"${CONFORMANCE_XSRF:0:12}"x"${CONFORMANCE_XSRF:13}"``.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.client.connection import Connection, FixedHeader
from conformance.client.credentials import VARIABLE, AuthorizationScheme, Basic, Credential
from conformance.client.current_credentials import CurrentCredentials
from conformance.client.redact import SENSITIVE, Redactor
from conformance.reporting.reproduction.shell_connection import cookie_variable, curl_words, variable

_SWAP = "tr 'A-Za-z' 'a-zA-Z'"
_REVEALING = 4
"""This many characters in a row that a value shares with a secret reveal something of it."""


@dataclass(frozen=True)
class Words:
    """What of a curl line presents a header, and the commands that must come before it."""

    words: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Named:
    """A secret, the variable that holds it, and the commands that make it of one of the user's own."""

    variable: str
    value: str
    before: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        # A variable that was made here has been checked where it was made.
        return f'"${{{self.variable}}}"' if self.before else f'"${{{self.variable}:?}}"'


def options(credentials: Sequence[Credential], app_token: str) -> list[str]:
    """The options that give a run's credentials again, from the same variables."""
    count: dict[str, int] = {}
    found = [each.option(_tail(each, count)) for each in credentials]
    return [*found, "--app-token env:CONFORMANCE_APP_TOKEN"] if app_token else found


def _tail(credential: Credential, count: dict[str, int]) -> str:
    """What distinguishes the second credential of a kind from the first."""
    count[credential.kind] = number = count.get(credential.kind, 0) + 1
    return f"_{number}" if number > 1 else ""


class Secrets:
    """What a run's credentials are called in a shell."""

    def __init__(
        self,
        credentials: Sequence[Credential],
        app_token: str,
        redactor: Redactor,
        *,
        past: Sequence[CurrentCredentials] = (),
        connection: Connection | None = None,
    ) -> None:
        """``past`` is what was presented before each renewal: a request that was sent with it gets the same variables.

        ``connection`` is how the target is reached, with what every request carries.
        """
        self._redactor = redactor
        self._authorization: list[_Named] = []
        self._basic: list[tuple[_Named, Basic]] = []
        self._others: list[_Named] = []
        self.curl_options = curl_words(connection) if connection is not None else ()
        carried = connection.carried if connection is not None else ()
        self._carried = {each.name.lower(): each for each in carried if each.is_secret and not each.is_cookie}
        self._cookies = _cookies(carried)
        self._all_cookies = ["; ".join(each.value for each in self._cookies)]
        self._values: list[str] = []
        present = CurrentCredentials(credentials=tuple(credentials), app_token=app_token)
        for held in (present, *past):
            self._name(held.credentials)
            if held.app_token:
                self._others.append(_Named("CONFORMANCE_APP_TOKEN", held.app_token))
            self._values += held.secrets
        self._all_cookies += ["; ".join(each.value for each in _cookies(held.carried)) for held in past]

    def _name(self, credentials: Sequence[Credential]) -> None:
        count: dict[str, int] = {}
        for each in credentials:
            tail = _tail(each, count)
            found = [_Named(f"{VARIABLE}{name}{tail}", value) for name, value in each.variables.items()]
            if isinstance(each, Basic):
                (given,) = found
                self._basic.append((given, each))
                encode = f"BASIC{tail}=$(printf %s \"${{{given.variable}}}\" | base64 | tr -d '\\n')"
                self._authorization.append(_Named(f"BASIC{tail}", each.value, (f": {given.word}", encode)))
            elif isinstance(each, AuthorizationScheme):
                self._authorization += found
            else:
                self._others += found

    def out_of(self, text: str) -> str:
        """The text with the marks of what is secret in it."""
        return self._redactor.text(text)

    def out_of_bytes(self, data: bytes) -> bytes:
        """The bytes with the marks of what is secret in them."""
        return self._redactor.bytes(data)

    def header(self, name: str, value: str) -> Words | None:
        """A request header that presents a credential or something made of one; None for any other header."""
        lower = name.lower()
        if lower in self._carried:
            return Words(("-H", shlex.quote(f"{name}: ") + f'"${{{variable(self._carried[lower])}:?}}"'))
        if lower not in SENSITIVE or not value:
            return None
        if lower == "cookie" and self._cookies:
            return self._with_cookies(name, value)
        if lower == "authorization":
            return self._present(name, value)
        for named in sorted(self._others, key=lambda each: each.value != value):
            word = _made_of(named, value, self._values)
            if word is not None:
                return Words(("-H", shlex.quote(f"{name}: ") + word), named.before)
        return Words(("-H", shlex.quote(f"{name}: {self._literal(value)}")))

    def _with_cookies(self, name: str, value: str) -> Words:
        """The cookies that every request carries, and behind them a session's, if there is one."""
        ours = next((each for each in self._all_cookies if each and value.startswith(each)), "")
        word = f'"${{{cookie_variable(self._cookies)}:?}}"'
        rest = value.removeprefix(ours).removeprefix("; ")
        if not rest:
            return Words(("-H", shlex.quote(f"{name}: ") + word))
        made = next(
            (each for each in (_made_of(named, rest, self._values) for named in self._others) if each is not None), None
        )
        return Words(
            ("-H", shlex.quote(f"{name}: ") + word + shlex.quote("; ") + (made or shlex.quote(self._literal(rest))))
        )

    def _present(self, name: str, value: str) -> Words:
        scheme, blank, rest = value.partition(" ")
        if scheme == "Basic" and blank:
            # curl encodes by itself, and the line shows what is wrong with the password.
            for named, credential in sorted(self._basic, key=lambda each: each[1].value != rest):
                for word in _passwords(named, credential, rest, self._values):
                    return Words(("-u", word))
        for named in sorted(self._authorization, key=lambda each: each.value != rest) if rest else ():
            made = _made_of(named, rest, self._values)
            if made is not None:
                return Words(("-H", shlex.quote(f"{name}: {scheme} ") + made), named.before)
        return Words(("-H", shlex.quote(f"{name}: {scheme}{blank}{self._literal(rest)}")))

    def _literal(self, value: str) -> str:
        """A value that the suite generated; what reveals a secret and could not be made of a variable is marked."""
        return self._redactor.mark_of(value) if any(_reveals(value, secret) for secret in self._values) else value


def _cookies(carried: Sequence[FixedHeader]) -> list[FixedHeader]:
    return [each for each in carried if each.is_cookie]


def _passwords(named: _Named, credential: Basic, encoded: str, values: Sequence[str]) -> Iterator[str]:
    """How ``user:password``, as Basic encoded it, is made of the right one."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    if base64.b64encode(text.encode()).decode() != encoded or not text.isprintable():
        return
    user = f"{credential.user}:"
    if text == user:
        yield f'"${{{named.variable}%%:*}}:"'
    elif text == user + credential.password.swapcase() and credential.password.isascii():
        yield f'"${{{named.variable}%%:*}}:$(printf %s "${{{named.variable}#*:}}" | {_SWAP})"'
    else:
        word = _made_of(named, text, values)
        if word is not None:
            yield word


def _made_of(named: _Named, value: str, values: Sequence[str]) -> str | None:
    """A shell word for a value that is the secret with at most one place changed; None if it is not."""
    name, secret = named.variable, named.value
    if value == secret:
        return named.word
    if value == secret[:-1]:
        return f'"${{{name}%?}}"'
    start = _shared(secret, value)
    room = min(len(secret), len(value)) - start
    end = min(room, _shared(secret[::-1], value[::-1]))
    changed = value[start : len(value) - end]
    if start + end < min(_REVEALING, len(secret)) or (
        len(changed) > 2 and any(_reveals(changed, each) for each in (secret, *values))
    ):
        return None
    parts = []
    if start == len(secret):
        parts.append(named.word)
    elif start:
        parts.append(f'"${{{name}:0:{start}}}"')
    if changed:
        parts.append(shlex.quote(changed))
    if end:
        parts.append(f'"${{{name}:{len(secret) - end}}}"')
    return "".join(parts)


def _shared(left: str, right: str) -> int:
    """How many characters both begin with."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _reveals(value: str, secret: str) -> bool:
    """Whether a value shows a part of a secret."""
    lower, hidden = value.lower(), secret.lower()
    size = min(_REVEALING, len(hidden))
    return any(hidden[i : i + size] in lower for i in range(len(hidden) - size + 1))
