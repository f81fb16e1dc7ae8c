"""The type of an entry in the table of options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.engine.options.kinds import Kind

RUN, INIT, REPLAY, RESUME, PYTEST = "run", "init", "replay", "resume", "pytest"
CONFIG = "config"
"""``conformance config`` has the options of ``run``."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of a run, with its names on the command line, under pytest, in the environment and in the file.

    ``name`` is the name on the command line, without dashes. By default the other names are ``--conformance-NAME``
    under pytest, ``CONFORMANCE_NAME`` in the environment, and ``NAME`` with underscores as key of conformance.toml and
    as field of ``Settings``. ``pytest``, ``env``, ``key`` and ``field`` override them; empty means that there is none.
    """

    name: str
    kind: Kind
    help: str
    default: Any = None
    """The value if the option is not given; a tuple if the option is repeatable."""
    metavar: str = ""
    repeatable: bool = False
    commands: Collection[str]
    """The commands that have it: ``run``, ``init``, ``replay``, ``resume``, ``pytest``."""
    positional: Collection[str] = ()
    """The commands in which it is an argument."""
    helps: Mapping[str, str] = field(default_factory=dict)
    """Texts that replace ``help`` in some commands."""
    short: str = ""
    pytest: str | None = None
    env: str | None = None
    key: str | None = None
    field: str | None = None
    secret: Callable[[str], str] | None = None
    """The part of a value that may be a secret, empty if there is none; in conformance.toml it must be a reference."""
    complete: str = ""
    """The function of ``cli/complete.py`` that completes a value."""

    @property
    def under_pytest(self) -> str:
        """Its name under pytest, with dashes; empty if pytest does not have it."""
        if PYTEST not in self.commands:
            return ""
        return f"--conformance-{self.name}" if self.pytest is None else self.pytest

    @property
    def variable(self) -> str:
        """Its variable in the environment; a repeatable option has one value on each line."""
        return f"CONFORMANCE_{self.parameter.upper()}" if self.env is None else self.env

    @property
    def toml(self) -> str:
        """Its key in conformance.toml; an array for a repeatable option."""
        # The key of a flag that switches something off is the name of the field, without "no".
        return self.setting or self.parameter if self.key is None else self.key

    @property
    def setting(self) -> str:
        """Its field of ``Settings``; empty if only the command needs it."""
        return self.parameter if self.field is None else self.field

    @property
    def parameter(self) -> str:
        """Its name as a Python identifier."""
        return self.name.replace("-", "_")

    @property
    def switched(self) -> bool:
        """The value of a flag that is given."""
        return not self.default

    def is_argument_of(self, command: str) -> bool:
        """Whether it is an argument of the command, and not an option."""
        return _as(command) in self.positional

    def exists_in(self, command: str) -> bool:
        """Whether the command has it."""
        return _as(command) in self.commands

    def help_of(self, command: str) -> str:
        """Its help text, with the default if it has one."""
        text = self.helps.get(_as(command), self.help)
        if self.kind.is_flag or self.default in (None, (), ""):
            return text
        return f"{text} [default: {self.kind.show(self.default)}]"


def _as(command: str) -> str:
    """The command whose options ``command`` shares."""
    return RUN if command == CONFIG else command
