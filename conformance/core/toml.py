"""A TOML file, with the line of each key for messages; Python's parser does not keep lines."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from conformance.core.errors import InputError
from conformance.core.files import read_text


class TomlFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read; ``name`` is the option and the path, as messages begin."""

    name: str
    text: str
    data: dict[str, Any]

    def at(self, key: str) -> str:
        """The beginning of a message about a key: ``name`` and the line of the key, or the first line."""
        pattern = re.compile(rf"^\s*\[*\s*[\"']?{re.escape(key)}\b")
        lines = enumerate(self.text.splitlines(), 1)
        return f"{self.name}:{next((number for number, line in lines if pattern.match(line)), 1)}"

    def table_lines(self, name: str) -> list[int]:
        """The lines of the heads ``[[name]]``."""
        pattern = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
        return [number for number, line in enumerate(self.text.splitlines(), 1) if pattern.match(line)]


def read_toml(path: Path, option: str) -> TomlFile:
    """Read the file that the option names; InputError if that is not possible or it is not TOML."""
    try:
        text = read_text(path)
    except InputError as error:
        raise InputError(f"{option} {error}") from None
    try:
        return TomlFile(name=f"{option} {path}", text=text, data=tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{option} {path}: it is not TOML: {error}") from None
