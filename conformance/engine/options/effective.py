"""Which value every option of a run has, and where it comes from.

The command line overrides the environment, which overrides conformance.toml, which overrides the default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from conformance.core.errors import InputError
from conformance.engine.options.option import PYTEST, Option
from conformance.engine.options.secret_parts import REFERENCES, is_reference, without
from conformance.engine.options.table import options_of

Origin = Literal["option", "environment", "file", "default"]


class FileValue(msgspec.Struct, frozen=True):
    """A value in a configuration, and its place (``conformance.toml:3``)."""

    value: Any
    place: str


class UsedOption(msgspec.Struct, frozen=True, kw_only=True):
    """An option as reports show it, without secrets in ``value``.

    ``origin`` is ``option``, ``environment``, ``file`` or ``default``. ``place`` is the option as it was written, the
    variable, or file and line.
    """

    value: str | int | float | bool | tuple[str | int | float, ...] | None
    origin: Origin
    place: str = ""


@dataclasses.dataclass(frozen=True)
class Effective:
    """One option with its value."""

    option: Option
    value: Any
    origin: Origin
    place: str

    @property
    def label(self) -> str:
        """The place of the value for a message."""
        return f"{self.place}: {self.option.toml}" if self.origin == "file" else self.place or f"--{self.option.name}"

    @property
    def used(self) -> UsedOption:
        """The option without secrets, for reports."""
        return UsedOption(value=self._shown(), origin=self.origin, place=self.place)

    def _shown(self) -> Any:
        option, value = self.option, self.value
        if option.kind.is_flag:
            return value != option.default
        if option.repeatable:
            return tuple(self._safe(each) for each in value)
        return None if value is None else self._safe(value)

    def _safe(self, value: Any) -> Any:
        shown = self.option.kind.show(value)
        return without(shown, self.option.secret(shown)) if self.option.secret else shown


def resolve(
    command: str, given: Mapping[str, Any], environment: Mapping[str, str], file: Mapping[str, FileValue]
) -> dict[str, Effective]:
    """Every option of ``command`` by its name.

    ``given`` has the texts of the command line by the option's name: a sequence for a repeatable option, true for a
    flag, None or empty if it was not given. ``file`` has the values of the configuration by key. Raises InputError
    that names option, variable or line.
    """
    return {option.name: resolve_one(option, command, given, environment, file) for option in options_of(command)}


def resolve_one(
    option: Option,
    command: str,
    given: Mapping[str, Any],
    environment: Mapping[str, str],
    file: Mapping[str, FileValue],
) -> Effective:
    """One option of ``command``; see ``resolve``."""
    written = given.get(option.name)
    if written not in (None, (), [], False):
        name = option.under_pytest if command == PYTEST else f"--{option.name}"
        place = option.name.upper() if option.is_argument_of(command) else name
        if option.kind.is_flag:
            return Effective(option, option.switched, "option", place)
        return Effective(option, _read(option, written, place), "option", place)
    text = environment.get(option.variable, "") if option.variable else ""
    if text.strip():
        lines = [line.strip() for line in text.splitlines() if line.strip()] if option.repeatable else text
        value = _read(option, lines, option.variable)
        if option.kind.is_flag:
            value = option.switched if value else option.default
        return Effective(option, value, "environment", option.variable)
    if option.toml and option.toml in file:
        found = file[option.toml]
        return Effective(option, _of_file(option, found), "file", found.place)
    return Effective(option, option.default, "default", "")


def _read(option: Option, written: str | Sequence[str], label: str) -> Any:
    if option.repeatable:
        return tuple(_read_one(option, text, label) for text in written)
    return _read_one(option, str(written), label)


def _read_one(option: Option, text: str, label: str) -> Any:
    try:
        return option.kind.read(text)
    except ValueError:
        # A message must not contain a value that may be a secret.
        shown = "" if option.secret else f" {text!r}"
        raise InputError(f"{label}{shown}: it must be {option.kind.wants}") from None


def _of_file(option: Option, found: FileValue) -> Any:
    """The value in a TOML file. Raises InputError if it is of a wrong kind, or a secret instead of a reference."""
    label = f"{found.place}: {option.toml}"
    wants = f"an array, each {option.kind.wants}" if option.repeatable else option.kind.wants
    if option.repeatable is not isinstance(found.value, list):
        raise InputError(f"{label}: it must be {wants}")
    try:
        values = [option.kind.of_toml(each) for each in (found.value if option.repeatable else [found.value])]
    except ValueError:
        raise InputError(f"{label}: it must be {wants}") from None
    for value in values:
        secret = option.secret(value) if option.secret else ""
        if secret and not is_reference(secret):
            raise InputError(
                f"{label}: this file may not hold a secret; write {', '.join(each + '...' for each in REFERENCES)} "
                "where it belongs, which says where to find it"
            )
    return tuple(values) if option.repeatable else values[0]
