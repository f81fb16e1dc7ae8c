"""What a run presents: credentials, application token and headers, read at the start and read again.

The processes of one run (``pytest -n``) read together: the first one reads, the others take what it read from a
folder that only the user can open. Otherwise each would ask for a token of its own, and there are servers on which a
new token ends the last one.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from conformance.client.connection import Connection, FixedHeader
from conformance.client.credential_sources import Source
from conformance.client.credentials import Credential
from conformance.client.values import SECONDS, is_named, look_up
from conformance.core.errors import InputError

T = TypeVar("T")
_PATIENCE = 4 * SECONDS
"""How long to wait for another process that reads."""
_STEP = 0.05


class CurrentCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """The values of one moment. A credential that could not be read again is the one before (``problem``)."""

    credentials: tuple[Credential, ...] = ()
    app_token: str = ""
    carried: tuple[FixedHeader, ...] = ()
    problem: str = ""

    @property
    def presented(self) -> tuple[object, ...]:
        """What a request shows of these values."""
        return tuple(each.headers() for each in self.credentials), self.app_token, self.carried

    @property
    def secrets(self) -> dict[str, str]:
        """What must not reach any output, with the name that is shown in its place."""
        found = [(value, scheme + part) for scheme, each in self._schemes() for value, part in each.secrets.items()]
        found += [(self.app_token, "app-token"), *Connection(carried=self.carried).secrets.items()]
        return _first_names(found)

    @property
    def wrong_values(self) -> dict[str, str]:
        """What the suite may send in place of a secret, with the name that is shown in its place."""
        found = [
            (value, scheme + part) for scheme, each in self._schemes() for value, part in each.wrong_values.items()
        ]
        return _first_names(found)

    def _schemes(self) -> list[tuple[str, Credential]]:
        """Each credential with its scheme, ``basic-2`` for the second of one."""
        count: Counter[str] = Counter()
        found: list[tuple[str, Credential]] = []
        for each in self.credentials:
            count[each.kind] += 1
            found.append((f"{each.kind}-{count[each.kind]}" if count[each.kind] > 1 else each.kind, each))
        return found


def _first_names(found: list[tuple[str, str]]) -> dict[str, str]:
    """Values with the first name that each has."""
    return {value: name for value, name in reversed(found) if value}


class CredentialHolder:
    """Reads the values and reads them again. Raises InputError at the start, never later."""

    def __init__(
        self,
        credentials: Sequence[Credential | Source],
        app_token: str = "",
        app_token_option: str = "--app-token",
        connection: Connection | None = None,
        shared: Path | None = None,
    ) -> None:
        self._given = tuple(credentials)
        self._app_token, self._option = app_token, app_token_option
        self._connection = connection or Connection()
        self._lock = threading.Lock()
        self._renewals = 0
        self._changed = False
        self._generation = 0
        self._shared = shared
        first = _read(shared, 0) if shared is not None else None
        self.held = first or self._first()

    @property
    def renewable(self) -> bool:
        """Whether reading again can give other values."""
        sources = [each for each in self._given if not isinstance(each, Credential)]
        return self._connection.renewable or is_named(self._app_token) or any(each.renewable for each in sources)

    @property
    def is_asked_for(self) -> bool:
        """Whether reading again makes something new, which the processes of a run should do together."""
        sources = [each for each in self._given if not isinstance(each, Credential)]
        named = [self._app_token, *(each.source for each in self._connection.carried)]
        return any(each.is_asked_for for each in sources) or any("cmd:" in each for each in named)

    def share(self, folder: Path) -> None:
        """Give other processes of the run what is held, and read together with them from now on."""
        self._shared = folder
        _write(folder, 0, self.held)

    def renew(self) -> bool:
        """Read again; whether anything is presented differently. Threads that ask at the same time share."""
        before = self._renewals
        with self._lock:
            if self._renewals == before:
                old = self.held
                self.held = self._again() if self._shared is None else self._together(self._shared)
                self._changed = self.held.presented != old.presented
                self._renewals += 1
            return self._changed

    def _first(self) -> CurrentCredentials:
        return CurrentCredentials(
            credentials=tuple(each if isinstance(each, Credential) else each.read() for each in self._given),
            app_token=self._token(),
            carried=self._connection.carried,
        )

    def _token(self) -> str:
        found = look_up(self._app_token, self._option)
        if self._app_token and not (found and found.isascii() and found.isprintable()):
            raise InputError(f"{self._option}: the token is empty, or holds a character that no header can carry")
        return found

    def _again(self) -> CurrentCredentials:
        problems: list[str] = []

        def attempt(read: Callable[[], T], default: T) -> T:
            try:
                return read()
            except InputError as error:
                problems.append(str(error))
                return default

        held = self.held
        credentials = [
            old if isinstance(source, Credential) or not source.renewable else attempt(source.read, old)
            for source, old in zip(self._given, held.credentials, strict=True)
        ]
        return CurrentCredentials(
            credentials=tuple(credentials),
            app_token=attempt(self._token, held.app_token),
            carried=attempt(lambda: self._connection.read_again().carried, held.carried),
            problem="; ".join(problems),
        )

    def _together(self, folder: Path) -> CurrentCredentials:
        """The newest that another process has read since, or else read and leave it for the others."""
        while (folder / str(self._generation + 1)).is_dir():
            self._generation += 1
            found = self._wait(folder)
            if found is not None and not (folder / str(self._generation + 1)).is_dir():
                return found
        self._generation += 1
        try:
            (folder / str(self._generation)).mkdir(mode=0o700)
        except FileExistsError:
            found = self._wait(folder)
            if found is not None:
                return found
        except OSError:
            # The folder is gone: the run is ending.
            return self._again()
        held = self._again()
        _write(folder, self._generation, held)
        return held

    def _wait(self, folder: Path) -> CurrentCredentials | None:
        """What another process reads at this moment; None if it does not end."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            found = _read(folder, self._generation)
            if found is not None:
                return found
            time.sleep(_STEP)
        return None


def _read(folder: Path, generation: int) -> CurrentCredentials | None:
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode((folder / str(generation) / "held").read_bytes(), type=CurrentCredentials)
    return None


def _write(folder: Path, generation: int, held: CurrentCredentials) -> None:
    """Whole or not at all, and for the user alone."""
    place = folder / str(generation)
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, exist_ok=True)
        unfinished = place / f"unfinished-{os.getpid()}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.msgpack.encode(held))
        unfinished.replace(place / "held")
