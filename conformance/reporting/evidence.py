"""The exchanges as reports take them: by number, one at a time, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from conformance.client.exchange import RedactedExchange


class ByNumber(Protocol):
    """Gives exchanges by number; raises LookupError for others. A dictionary, or a list without gaps."""

    def __getitem__(self, number: int, /) -> RedactedExchange:
        """The exchange with this number."""


class Exchanges(ByNumber, Protocol):
    """All exchanges of a run, in the order of their numbers, which have no gaps. A list, or a view of a journal."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[RedactedExchange]:
        """Each one once; not to be kept."""


def find(exchanges: ByNumber, number: int) -> RedactedExchange | None:
    """The exchange with this number, or None."""
    try:
        found = exchanges[number]
    except LookupError:
        return None
    return found if found.number == number else None


def find_all(exchanges: ByNumber, numbers: Iterable[int]) -> list[RedactedExchange]:
    """Those of the exchanges that there are, in this order."""
    return [found for number in numbers if (found := find(exchanges, number)) is not None]
