"""What is wrong with a value in a file, as a message that a user understands."""

from __future__ import annotations

import re

import msgspec

_KINDS = {
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "null": "nothing",
    "date": "a date",
}
_ERROR = re.compile(r"Expected `([^`]+)`, got `([^`]+)`(?: - at `\$\.?([^`]*)`)?")


def validation_message(error: msgspec.ValidationError) -> str:
    """``ids must be a list, not a text`` for what the library says in its own terms; other errors as they are."""
    found = _ERROR.match(str(error))
    if found is None:
        return str(error)
    expected, got, path = found.groups()
    wanted = " or ".join(_KINDS.get(each.strip(), each.strip()) for each in expected.split("|"))
    name = (path or "it").strip(".")
    return f"{name} must be {wanted}, not {_KINDS.get(got, got)}"
