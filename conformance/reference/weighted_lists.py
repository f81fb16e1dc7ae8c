"""Lists of members with weights, as Accept, Accept-Language and Accept-Encoding have them (RFC 9110 12.4.2)."""

from __future__ import annotations

import re

import msgspec
from werkzeug.http import parse_list_header, parse_options_header

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)


class WeightedValue(msgspec.Struct, frozen=True):
    """One member: what it names, its weight, its other parameters."""

    value: str
    weight: float
    parameters: dict[str, str]


def members(header: str) -> tuple[list[WeightedValue], bool]:
    """The members whose weight can be read, in the order of the header, and whether all of them could."""
    found: list[WeightedValue] = []
    whole = True
    for item in parse_list_header(header):
        value, parameters = parse_options_header(item)
        weight = parameters.pop("q", "1").strip()
        if value and _WEIGHT.fullmatch(weight):
            found.append(WeightedValue(value.strip().lower(), float(weight), parameters))
        else:
            whole = False
    return found, whole
