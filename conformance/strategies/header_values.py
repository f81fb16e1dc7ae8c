"""Strategies for header values: languages, cultures, Accept."""

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
    """Culture codes with different number and date formats."""
    return st.sampled_from(CULTURES)


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
    """Two or three documented types with different weights, the greatest not always first."""
    # Close together, too: weights have up to three digits behind the point.
    weights = st.permutations([0.52, 0.48, 0.1]) | st.permutations([1.0, 0.5, 0.1])
    types = st.lists(st.sampled_from(list(documented)), min_size=2, max_size=3, unique=True)
    return st.tuples(types, weights).map(lambda drawn: list(zip(drawn[0], drawn[1], strict=False)))
