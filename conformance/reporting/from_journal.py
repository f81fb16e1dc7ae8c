"""From the journal of a run to its results and reports: the same file gives the same reports, byte for byte."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from pathlib import Path

import msgspec

from conformance.client.exchange import RedactedExchange
from conformance.client.recorder import BEGINNING, IN_ALL, WHOLE
from conformance.client.redact import whole_characters
from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract
from conformance.engine.result import RequirementResult
from conformance.journal.reader import JournalReader
from conformance.reporting.assemble import assemble
from conformance.reporting.record import RunRecord
from conformance.reporting.results import Results
from conformance.reporting.write import write_reports

FACTS = "facts/"
"""Documents with what discovery found, by operation."""


class JournalReports:
    """The results and reports of a run, from its journal. Exchanges are numbered without gaps, as in evidence.har."""

    def __init__(self, journal: JournalReader, record: RunRecord) -> None:
        exchanges = journal.exchanges()
        self._numbers = {exchange.number: place for place, exchange in enumerate(exchanges)}
        self._exchanges: Iterable[RedactedExchange] = exchanges
        self._facts = {
            name.removeprefix(FACTS): msgspec.json.decode(document, type=TargetFacts)
            for name, document in journal.documents(FACTS)
        }
        results = (msgspec.json.decode(each, type=RequirementResult) for each in journal.results())
        self.results: Results = assemble(record, [result.renumbered(self._numbers) for result in results])
        self._mode = record.reports_mode

    def write(
        self, folder: Path, contract: Contract, pages: Mapping[str, str], formats: Collection[str] = ()
    ) -> list[Path]:
        """Write the reports into a folder, all or those of ``formats``; raises InputError as ``write_reports``."""
        shown = {n for result in self.results.requirements for finding in result.findings for n in finding.exchanges}
        return write_reports(
            self.results,
            self._limited(shown),
            contract,
            folder,
            pages,
            facts=self._facts,
            mode=self._mode,
            formats=formats,
        )

    def _limited(self, shown: Collection[int]) -> list[RedactedExchange]:
        """The exchanges with the bodies that reports hold: those of ``shown`` first, within ``IN_ALL`` bytes."""
        numbered = [self._renumbered(exchange) for exchange in self._exchanges]
        seen: set[Hashable] = set()
        left = IN_ALL
        for exchange in sorted(numbered, key=lambda each: each.number not in shown):
            body = exchange.response.kept_body if exchange.response else b""
            size = exchange.response.body_size if exchange.response else 0
            wanted = size <= WHOLE or exchange.number in shown
            has_room = body in seen or min(size, WHOLE) <= left
            if wanted and has_room and body not in seen:
                seen.add(body)
                left -= min(size, WHOLE)
            limit = WHOLE if wanted and has_room else BEGINNING
            if size > limit:
                numbered[exchange.number] = _beginning(exchange, limit)
        return numbered

    def _renumbered(self, exchange: RedactedExchange) -> RedactedExchange:
        batch = None if exchange.batch is None else self._numbers.get(exchange.batch)
        return msgspec.structs.replace(exchange, number=self._numbers[exchange.number], batch=batch)


def _beginning(exchange: RedactedExchange, limit: int) -> RedactedExchange:
    response = exchange.response
    assert response is not None
    body = whole_characters(response.body[:limit])
    return msgspec.structs.replace(
        exchange, response=msgspec.structs.replace(response, body=body, whole_size=response.body_size)
    )
