"""JSON as RFC 8259 has it: no NaN, no Infinity, UTF-8, and names that occur twice are seen."""

from __future__ import annotations

import json
from typing import Any

import msgspec


class JsonDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed JSON text. ``problem`` says why it is none; ``repeated`` are names that occur twice in an object."""

    value: Any = None
    problem: str = ""
    repeated: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    """``NaN``, ``Infinity`` or ``-Infinity`` where the text holds them: it is no JSON then."""


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
        value = json.loads(text, object_pairs_hook=members, parse_constant=lambda name: constants.append(name))
    except json.JSONDecodeError as error:
        return JsonDocument(problem=f"{error.msg} at character {error.pos}")
    except RecursionError:
        return JsonDocument(problem="it is nested too deeply to read")
    except ValueError as error:
        return JsonDocument(problem=str(error))
    problem = f"{constants[0]} is not JSON (RFC 8259 6)" if constants else ""
    return JsonDocument(value=value, problem=problem, repeated=tuple(repeated), constants=tuple(constants))


def encode_json(value: Any) -> bytes:
    """A request body: UTF-8, compact, non-ASCII text as it is; a lone surrogate as its escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
