"""Form request bodies (application/x-www-form-urlencoded)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

# A form serializer leaves none of these as they are, so a text that has one is something else.
_NO_FORM = re.compile(r'[\s<>{}"]')
_INDEX = re.compile(r"\[\d*\]$", re.ASCII)


def read_form(text: str) -> dict[str, list[str | None]]:
    """The values of each name, in order; ``Name[]`` and ``Name[0]`` are ``Name``. Raises ValueError.

    A form has no word for null or for an array of nothing but a name without a value, so that is None.
    """
    if _NO_FORM.search(text):
        raise ValueError("not form-encoded")
    fields: dict[str, list[str | None]] = {}
    if text:
        for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"):
            fields.setdefault(_INDEX.sub("", name), []).append(value or None)
    return fields
