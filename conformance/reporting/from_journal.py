"""From the journal of a run to its results and reports: the same file gives the same reports, byte for byte."""

from __future__ import annotations

import msgspec

from conformance.engine.result import RequirementResult
from conformance.journal.reader import JournalReader
from conformance.reporting.record import RunRecord
from conformance.reporting.recorded_contract import read_contract, read_facts, read_pages
from conformance.reporting.run_reports import RunReports


class JournalReports(RunReports):
    """The results and reports of a run, from its journal."""

    def __init__(self, journal: JournalReader, record: RunRecord) -> None:
        super().__init__(
            record,
            [msgspec.json.decode(each, type=RequirementResult) for each in journal.results()],
            journal.exchanges(),
            read_contract(journal, record.suite.contract_digest),
            read_pages(journal),
            read_facts(journal),
        )
