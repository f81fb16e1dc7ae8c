"""Where a credential comes from, each time that it is read."""

from __future__ import annotations

from typing import Protocol

import msgspec

from conformance.client.credentials import Basic, Credential, parse_credential
from conformance.client.values import is_named


class Source(Protocol):
    """Where a credential comes from: it may be another one the next time that it is read."""

    @property
    def renewable(self) -> bool:
        """Whether reading it again can give another credential."""

    @property
    def is_asked_for(self) -> bool:
        """Whether reading it makes a new one, so that the processes of a run read it once, together."""

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
        return (value, value.partition(":")[2]) if kind.strip().lower() == Basic.kind else (value,)

    def read(self) -> Credential:
        """The credential as it is now. Raises InputError."""
        return parse_credential(self.text, self.option)
