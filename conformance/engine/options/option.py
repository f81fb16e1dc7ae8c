"""One row of the table of options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.engine.options.kinds import Kind

RUN, INIT, REPLAY, PYTEST = "run", "init", "replay", "pytest"
CONFIG = "config"
"""``conformance config`` has the options of ``run``."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of a run, everywhere that it can be given.

    ``name`` is that of the command line, without dashes. Names that differ elsewhere are given; else they follow from
    it: ``--conformance-NAME`` under pytest, ``CONFORMANCE_NAME`` in the environment, ``NAME`` with underscores as key
    of conformance.toml and as field of ``Settings``. An empty one says that there is none.
    """

    name: str
    kind: Kind
    help: str
    default: Any = None
    """With ``repeatable`` the value is a tuple; a flag's default is what it is where it is not given."""
    metavar: str = ""
    repeatable: bool = False
    commands: Collection[str]
    """Where it exists: ``run``, ``init``, ``replay``, ``pytest``."""
    positional: Collection[str] = ()
    """The commands in which it is an argument."""
    helps: Mapping[str, str] = field(default_factory=dict)
    """Commands that need other words than ``help``."""
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
        """Its name under pytest, with dashes; empty where pytest has none."""
        if PYTEST not in self.commands:
            return ""
        return f"--conformance-{self.name}" if self.pytest is None else self.pytest

    @property
    def variable(self) -> str:
        """Its variable in the environment; a repeatable option's holds one value a line."""
        return f"CONFORMANCE_{self.parameter.upper()}" if self.env is None else self.env

    @property
    def toml(self) -> str:
        """Its key in conformance.toml; an array for a repeatable option."""
        # A flag that switches something off is the thing itself as a key.
        return self.setting or self.parameter if self.key is None else self.key

    @property
    def setting(self) -> str:
        """Its field of ``Settings``; empty where the command alone needs it."""
        return self.parameter if self.field is None else self.field

    @property
    def parameter(self) -> str:
        """Its name as an identifier of Python."""
        return self.name.replace("-", "_")

    @property
    def switched(self) -> bool:
        """What a flag makes of its setting."""
        return not self.default

    def is_argument_of(self, command: str) -> bool:
        """Whether it is an argument of the command, and not an option."""
        return _as(command) in self.positional

    def exists_in(self, command: str) -> bool:
        """Whether the command has it."""
        return _as(command) in self.commands

    def help_of(self, command: str) -> str:
        """Its sentence, with the default where it has one."""
        text = self.helps.get(_as(command), self.help)
        if self.kind.is_flag or self.default in (None, (), ""):
            return text
        return f"{text} [default: {self.kind.show(self.default)}]"


def _as(command: str) -> str:
    """The command whose options it has."""
    return RUN if command == CONFIG else command
