"""JSON as RFC 8259 has it: no NaN, no Infinity, UTF-8, and names that occur twice are seen."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from conformance.client.reading import MAX_DEPTH, MAX_VALUES, BeyondLimits, check_depth, check_values

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class JsonDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed JSON text. ``problem`` says why it is not one; ``repeated`` are names that occur twice in an object."""

    value: Any = None
    problem: str = ""
    repeated: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    """``NaN``, ``Infinity`` or ``-Infinity`` if the text holds them: then it is not JSON."""
    beyond: str = ""
    """Why the text was not read although nothing is known to be wrong with it: a limit of ``reading``."""
    size: int = 0
    """How many values it holds at most."""


def parse_json(text: str) -> JsonDocument:
    """Parse; never raises, whatever the text is."""
    repeated: list[str] = []
    constants: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            repeated.extend(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        return found

    try:
        size = count_values(text)
        value = json.loads(text, object_pairs_hook=members, parse_constant=lambda name: constants.append(name))
        _check_nesting(value)
    except json.JSONDecodeError as error:
        return JsonDocument(problem=f"{error.msg} at character {error.pos}")
    except RecursionError:
        return JsonDocument(beyond=f"it is nested more than {MAX_DEPTH} levels deep, which is the most that is read")
    except BeyondLimits as error:
        return JsonDocument(beyond=str(error))
    except ValueError as error:
        return JsonDocument(problem=str(error))
    problem = f"{constants[0]} is not JSON (RFC 8259 6)" if constants else ""
    return JsonDocument(value=value, problem=problem, repeated=tuple(repeated), constants=tuple(constants), size=size)


def count_values(text: str) -> int:
    """How many values a JSON text holds at most, counted without building any; raises BeyondLimits."""
    count = _separators(text)
    if count > MAX_VALUES:
        # Commas and brackets in strings are none of its values.
        count = _separators(_STRING.sub('""', text))
    check_values(count)
    return count


def _separators(text: str) -> int:
    return 1 + text.count(",") + text.count("[") + text.count("{")


def _check_nesting(value: Any) -> None:
    level, depth = [value], 0
    while level:
        check_depth(depth)
        depth += 1
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]


def encode_json(value: Any) -> bytes:
    """A request body: UTF-8, compact, non-ASCII text as it is; a lone surrogate as its escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
