"""Strategies for header values: languages, cultures, Accept, broken credentials."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TAGS = (
    "fr",
    "de",
    "ru",
    "zh",
    "en",
    "en-GB",
    "en-US",
    "nb-NO",
    "nb",
    "no",
    "sv",
    "da",
    "nl",
    "es",
    "it",
    "pt-BR",
    "zh-Hant-TW",
    "sr-Latn",
    "x-klingon",
    "*",
)
CULTURES = ("sv", "nb", "nb-NO", "de", "de-DE", "fr", "fr-FR", "en-US", "en-GB", "da", "tr", "ar", "fa", "th")


@st.composite
def language_lists(draw: st.DrawFn) -> str:
    """A valid Accept-Language: one to five ranges, some with weights (RFC 9110 12.5.4)."""
    tags = draw(st.lists(st.sampled_from(TAGS), min_size=1, max_size=5, unique=True))
    parts = []
    for tag in tags:
        weight = draw(st.sampled_from(["", "", ";q=0.8", ";q=0.1", "; q=1.0", ";q=0.333"]))
        parts.append(tag + weight)
    return draw(st.sampled_from([", ", ","])).join(parts)


def cultures() -> SearchStrategy[str]:
    """Culture codes with unlike number and date formats."""
    return st.sampled_from(CULTURES)


def broken_values(scheme: str, value: str) -> dict[str, str]:
    """Credentials that must not be accepted: what is wrong with them -> Authorization."""
    return {**malformed_values(scheme), **near_values(scheme, value)}


def malformed_values(scheme: str) -> dict[str, str]:
    """Credentials that name no account: what is wrong with them -> Authorization."""
    return {"an empty value": f"{scheme} ", "a value of characters that are no Base64": f"{scheme} !!!~~~???"}


def near_values(scheme: str, value: str) -> dict[str, str]:
    """Credentials that are almost right: what is wrong with them -> Authorization.

    Padding stays at the end: a decoder may do without it, and may not look at what follows it.
    """
    middle = len(value) // 2
    changed = value[:middle] + distinct_from(value[middle]) + value[middle + 1 :]
    core = value.rstrip("=")
    padding = value[len(core) :]
    return {
        "half of the value": f"{scheme} {value[:middle]}",
        "the value with one character changed": f"{scheme} {changed}",
        "the value with its last character changed": f"{scheme} {core[:-1]}{distinct_from(core[-1:])}{padding}",
        "the value with more behind it": f"{scheme} {core}QUJD{padding}",
    }


def distinct_from(character: str) -> str:
    """Another character, unlike in its first bits too, should it be Base64: decoders may not look at the last ones."""
    return "w" if character in "ABCDEFGHIJKLMNOP" or not character.isalnum() else "A"


MALFORMED_ACCEPT = (
    "application",
    "*/json",
    "application/json;q=abc",
    ";;;",
    "application/json;q=",
    "/xml",
    "application/json;q=5",
    '"application/json',
)


def accept_lists(documented: Sequence[str]) -> SearchStrategy[list[tuple[str, float]]]:
    """Two or three documented types with unlike weights, the heaviest not always first."""
    # Close together, too: weights have up to three digits behind the point.
    weights = st.permutations([0.52, 0.48, 0.1]) | st.permutations([1.0, 0.5, 0.1])
    types = st.lists(st.sampled_from(list(documented)), min_size=2, max_size=3, unique=True)
    return st.tuples(types, weights).map(lambda drawn: list(zip(drawn[0], drawn[1], strict=False)))
