"""Records as JSON, also where what a target sent cannot be UTF-8."""

from __future__ import annotations

from typing import Any

import msgspec


def to_json_bytes(record: Any) -> bytes:
    """The record as compact JSON; half of a surrogate pair, which a target's JSON may hold, becomes ``?``."""
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        return msgspec.json.encode(_encodable(msgspec.to_builtins(record)))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list | tuple) else value
