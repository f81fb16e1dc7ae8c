"""What is said of all exchanges of a run together: how many, the digest of their requests, which instances answered.

It is counted when reports are made, so it is right for a run that was killed too, and equal for one that was resumed.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.client.target import instance_of
from conformance.reporting.record import RunRecord


class Totals:
    """Counts over the exchanges of one run, without those of requirements that were interrupted and started again."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._started_again = {(each.requirement, each.operation): each.last for each in record.started_again}
        self._requests = 0
        self._instances: Counter[str] = Counter()
        self._digest = hashlib.sha256()

    def add(self, exchange: RedactedExchange) -> None:
        """Count an exchange; they come in the order of their numbers."""
        if exchange.number <= self._started_again.get((exchange.requirement, exchange.operation), -1):
            return
        self._requests += 1
        instance = instance_of(exchange, self._record.instance_header)
        if instance:
            self._instances[instance] += 1
        # Without the target's address and the name of the run. Secrets stay out although a digest does not show them:
        # a weak password could be guessed from it.
        request = exchange.request
        headers = (f"{name}: {value}" for name, value in request.headers if name.lower() != "user-agent")
        for part in (request.method, request.target, *headers):
            self._digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
        self._digest.update(str(len(request.body)).encode() + b"\n" + request.body)

    @property
    def record(self) -> RunRecord:
        """The record of the run with what was counted."""
        record = self._record
        run = msgspec.structs.replace(record.run, requests=self._requests, requests_digest=self._digest.hexdigest())
        return msgspec.structs.replace(record, run=run, instances=dict(self._instances))
