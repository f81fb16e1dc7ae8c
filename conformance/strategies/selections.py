"""Strategies for ``$select``: which properties, in which order, in which case (page: $select)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def selections(names: Sequence[str], always: Sequence[str] = ()) -> SearchStrategy[list[str]]:
    """Some, never all, of the properties, each once and in the page's order; ``always`` are in every one."""
    optional = [name for name in names if name not in always]
    some = st.sets(st.sampled_from(optional), min_size=1, max_size=max(1, len(optional) - 1))
    return some.map(lambda chosen: [name for name in names if name in chosen or name in always])


@st.composite
def recased(draw: st.DrawFn, names: SearchStrategy[list[str]]) -> tuple[list[str], list[str]]:
    """A selection, and the same names in other case (each one changed, if it has letters)."""
    chosen = draw(names)
    ways = [str.lower, str.upper, str.swapcase]
    return chosen, [draw(st.sampled_from(ways))(name) for name in chosen]


@st.composite
def shuffled(draw: st.DrawFn, names: SearchStrategy[list[str]]) -> tuple[list[str], list[str]]:
    """A selection, and the same names in another order with at least one of them twice."""
    chosen = draw(names)
    twice = draw(st.sampled_from(chosen))
    return chosen, [*draw(st.permutations(chosen)), twice]


def unknown_names(names: Sequence[str]) -> SearchStrategy[str]:
    """Names that are not a documented property, whatever the case."""
    known = {name.lower() for name in names}
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    words = st.text(alphabet=alphabet, min_size=3, max_size=12).filter(lambda name: name[0].isalpha())
    return words.filter(lambda name: name.lower() not in known)
