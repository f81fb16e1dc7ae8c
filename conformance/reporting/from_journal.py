"""From the journal of a run to its results and reports: the same file gives the same reports, byte for byte."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from conformance.engine.result import RequirementResult
from conformance.journal.reader import JournalReader
from conformance.reporting.assemble import assemble
from conformance.reporting.limited_evidence import LimitedEvidence
from conformance.reporting.record import RunRecord
from conformance.reporting.recorded_contract import read_contract, read_facts, read_pages
from conformance.reporting.results import Results
from conformance.reporting.write import write_reports


class JournalReports:
    """The results and reports of a run, from its journal. Exchanges are numbered without gaps, as in evidence.har."""

    def __init__(self, journal: JournalReader, record: RunRecord) -> None:
        self._contract = read_contract(journal, record.suite.contract_digest)
        self._pages = read_pages(journal)
        self._facts = read_facts(journal)
        results = [msgspec.json.decode(each, type=RequirementResult) for each in journal.results()]
        shown = {number for result in results for finding in result.findings for number in finding.exchanges}
        self._exchanges = LimitedEvidence(journal.exchanges(), shown)
        self.results: Results = assemble(record, map(self._exchanges.renumbered, results))
        self._mode = record.reports_mode

    def write(self, folder: Path, formats: Collection[str] = ()) -> list[Path]:
        """Write the reports into a folder, all or those of ``formats``; raises InputError as ``write_reports``."""
        return write_reports(
            self.results,
            self._exchanges,
            self._contract,
            folder,
            self._pages,
            facts=self._facts,
            mode=self._mode,
            formats=formats,
        )
