"""How many requests of each kind an operation may get in one run: what ``--dry-run`` promises is kept here.

A server that behaves in an unexpected way can exceed a number that is only predicted. So each kind is counted before
it is sent, and nothing is sent beyond its number.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from conformance.client.exchange import Intent, Request
from conformance.client.limits import BudgetUsedUp


class Kind(StrEnum):
    """What a request may cause for those who operate the server."""

    ORDINARY = "the operation itself, also with unusual and malformed input"
    OTHER_METHOD = "another method on the operation's path or below it"
    REFUSAL = "without credentials, or with some that are not sufficient"
    WRONG_CREDENTIAL = "with wrong credentials"


class QuotaUsedUp(BudgetUsedUp):
    """An operation got as many requests of a kind as the run may send; others go on."""


def kind_of(request: Request, intent: Intent, method: str) -> Kind:
    """The kind of a request to an operation that is documented with ``method``."""
    if intent is Intent.WRONG_CREDENTIAL:
        return Kind.WRONG_CREDENTIAL
    if request.method != method:
        return Kind.OTHER_METHOD
    return Kind.REFUSAL if intent is Intent.REFUSAL else Kind.ORDINARY


class Quota:
    """Counts the requests to one operation, whose documented method is ``method``; ``most`` of each kind are sent."""

    def __init__(self, method: str, most: Mapping[Kind, int]) -> None:
        self.method = method
        self.most = dict(most)
        self.spent: Counter[Kind] = Counter()
        self._lock = threading.Lock()

    def spend(self, request: Request, intent: Intent) -> None:
        """Count a request that is about to be sent; raises QuotaUsedUp if it may not be."""
        kind = kind_of(request, intent, self.method)
        with self._lock:
            if self.spent[kind] >= self.most[kind]:
                raise QuotaUsedUp(f"no more than {self.most[kind]} requests of this kind are sent: {kind.value}")
            self.spent[kind] += 1
