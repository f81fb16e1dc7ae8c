"""Elements as JSON (RFC 8259), UTF-8."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from conformance.reference.faults.catalogue import Faults
from conformance.reference.values import Element

_NAN = msgspec.Raw(b"NaN")


def write_json(result: Any, faults: Faults, *, selected: bool) -> bytes:
    """The result (a list of elements, or one) as JSON text."""
    if faults.enabled and isinstance(result, list) and all(isinstance(element, dict) for element in result):
        result = [_inject_faults(element, faults, selected=selected) for element in result]
    if selected and faults("select-pretty-printed"):
        return json.dumps(json.loads(msgspec.json.encode(result)), indent=80, ensure_ascii=False).encode()
    return msgspec.json.encode(result)


def _inject_faults(element: Element, faults: Faults, *, selected: bool) -> Any:
    parameters = element.get("ParameterObject") or {}
    if "Rate" in parameters and faults("nan-in-json"):
        element = {**element, "ParameterObject": {**parameters, "Rate": _NAN}}
    if "Rate" in parameters and faults("duplicate-names"):
        again = msgspec.json.encode({"Name": element["Name"]})
        return msgspec.Raw(msgspec.json.encode(element)[:-1] + b"," + again[1:])
    return element
