"""Accept: which documented type the response has (RFC 9110 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.refusal import Refusal
from conformance.reference.weighted_lists import WeightedValue, members

_TOKEN = r"[!#$%&'*+.^_`|~\w-]+"
_RANGE = re.compile(rf"\*/\*|(?!\*){_TOKEN}/{_TOKEN}", re.ASCII)
_MATCHES_NOTHING = "none/none"


class Chosen(msgspec.Struct, frozen=True):
    """The type to write, and the type that the response says it has."""

    type: str
    label: str

    @property
    def is_xml(self) -> bool:
        """Whether it is one of the XML types."""
        return self.type.endswith("xml")


def choose_type(accept: str | None, documented: Sequence[str], faults: Faults, *, fallback: bool = False) -> Chosen:
    """The best type for an Accept header; if there is none, JSON with ``fallback``, else Refusal (406) is raised."""
    default = "application/json" if "application/json" in documented else documented[0]
    if accept is None:
        if faults("accept-required"):
            raise Refusal(406, "Accept is missing")
        return Chosen(default, default)
    if accept != accept.lower() and faults("accept-case-sensitive"):
        raise Refusal(406, "None of the types in Accept is available")
    ranges = [_weighed(member, faults) for member in _ranges(accept, faults)]
    chosen = _best(ranges, documented) if ranges else default
    if ranges and ranges[0].value in documented and ranges[0].value != chosen and faults("weights-ignored"):
        chosen = ranges[0].value
    if chosen != default and faults("accept-ignored"):
        chosen = default
    if chosen is None:
        if "*" not in ranges[0].value and ranges[0].weight and faults("unknown-type-echoed"):
            return Chosen(default, ranges[0].value)
        if fallback:
            return Chosen(default, default)
        raise Refusal(406, "None of the types in Accept is available")
    if chosen.startswith("text/") and faults("text-types-mislabelled"):
        return Chosen(chosen, chosen.replace("text/", "application/"))
    return Chosen(chosen, chosen)


def _ranges(accept: str, faults: Faults) -> list[WeightedValue]:
    """The usable members; a malformed one is ignored."""
    named, whole = members(accept)
    usable = [member for member in named if _RANGE.fullmatch(member.value)]
    if (not whole or len(usable) < len(named) or not named) and faults("malformed-accept-crashes"):
        raise Crash
    for index, member in enumerate(usable):
        refused = (member.parameters and faults("accept-parameters-refused")) or (
            member.value.endswith("/*") and member.value != "*/*" and faults("type-range-refused")
        )
        if refused:
            usable[index] = WeightedValue(_MATCHES_NOTHING, member.weight, member.parameters)
    return usable


def _weighed(member: WeightedValue, faults: Faults) -> WeightedValue:
    """The member with its weight as this server reads it."""
    weight = member.weight
    if weight != round(weight, 1) and faults("weights-to-one-digit"):
        weight = round(weight, 1)
    return msgspec.structs.replace(member, weight=weight)


def _best(ranges: Sequence[WeightedValue], documented: Sequence[str]) -> str | None:
    """The type with the highest weight; among equals the one named more exactly, then the one named first."""
    best: str | None = None
    best_rank: tuple[float, int, int] = (0.0, -1, 0)
    for kind in documented:
        matching = [
            (_exactness(member.value), -position, member.weight)
            for position, member in enumerate(ranges)
            if member.value in (kind, f"{kind.partition('/')[0]}/*", "*/*")
        ]
        if matching:
            # The most exact range decides about a type, even if it excludes it (RFC 9110 12.5.1).
            exactness, position, weight = max(matching)
            if weight > 0 and (weight, exactness, position) > best_rank:
                best, best_rank = kind, (weight, exactness, position)
    return best


def _exactness(media_range: str) -> int:
    return 2 - media_range.count("*")
