"""From the journal of a run to its results and reports: the same file gives the same reports, byte for byte."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract
from conformance.engine.result import RequirementResult
from conformance.journal.reader import JournalReader
from conformance.reporting.assemble import assemble
from conformance.reporting.limited_evidence import LimitedEvidence
from conformance.reporting.record import RunRecord
from conformance.reporting.results import Results
from conformance.reporting.write import write_reports

FACTS = "facts/"
"""Documents with what discovery found, by operation."""


class JournalReports:
    """The results and reports of a run, from its journal. Exchanges are numbered without gaps, as in evidence.har."""

    def __init__(self, journal: JournalReader, record: RunRecord) -> None:
        self._facts = {
            name.removeprefix(FACTS): msgspec.json.decode(document, type=TargetFacts)
            for name, document in journal.documents(FACTS)
        }
        results = [msgspec.json.decode(each, type=RequirementResult) for each in journal.results()]
        shown = {number for result in results for finding in result.findings for number in finding.exchanges}
        self._exchanges = LimitedEvidence(journal.exchanges(), shown)
        self.results: Results = assemble(record, map(self._exchanges.renumbered, results))
        self._mode = record.reports_mode

    def write(
        self, folder: Path, contract: Contract, pages: Mapping[str, str], formats: Collection[str] = ()
    ) -> list[Path]:
        """Write the reports into a folder, all or those of ``formats``; raises InputError as ``write_reports``."""
        return write_reports(
            self.results, self._exchanges, contract, folder, pages, facts=self._facts, mode=self._mode, formats=formats
        )
