"""Text from outside on a terminal, in a log or in an annotation: one line that no program obeys."""

from __future__ import annotations

import re

# Cf holds what turns the direction of text or hides it (bidi marks, zero-width characters): isprintable() is false for
# it, for control characters, for separators of lines and for surrogates.
_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=[A-Za-z]*\[)")


def one_line(text: str) -> str:
    """The text on one line: what a terminal obeys is written out as ``\\n``, ``\\x1b``, ``\\u202e``.

    What a CI system would treat as its own command is made harmless: ``::name::`` at the beginning of a line (GitHub
    Actions), ``##[name]``, ``##vso[name]`` and ``##teamcity[name]`` anywhere in one.
    """
    escaped = "".join(c if c.isprintable() else _escape(c) for c in text)
    return _COMMAND.sub(lambda found: f"{found[1]}\\:" if found[1] is not None else "#\\#", escaped)


def lines(text: str) -> str:
    """Text of several lines of our own with foreign words in them: each line as ``one_line``; indents stay."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
