"""The results and reports of a run, wherever its exchanges are: in its journal, or in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from conformance.comparison.target_facts import TargetFacts
from conformance.contract.model import Contract
from conformance.engine.result import RequirementResult
from conformance.reporting.assemble import assemble
from conformance.reporting.evidence import Exchanges
from conformance.reporting.limited_evidence import LimitedEvidence
from conformance.reporting.record import RunRecord
from conformance.reporting.results import Results
from conformance.reporting.totals import Totals
from conformance.reporting.write import write_reports


class RunReports:
    """Exchanges are numbered without gaps, as in evidence.har."""

    def __init__(
        self,
        record: RunRecord,
        results: Sequence[RequirementResult],
        exchanges: Exchanges,
        contract: Contract,
        pages: Mapping[str, str],
        facts: Mapping[str, TargetFacts],
    ) -> None:
        self._contract, self._pages, self._facts = contract, pages, facts
        self._mode = record.reports_mode
        shown = {number for result in results for finding in result.findings for number in finding.exchanges}
        totals = Totals(record)
        self.exchanges = LimitedEvidence(exchanges, shown, totals.add)
        self.results: Results = assemble(totals.record, map(self.exchanges.renumbered, results))

    def write(self, folder: Path, formats: Collection[str] = ()) -> list[Path]:
        """Write the reports into a folder, all or those of ``formats``; raises InputError as ``write_reports``."""
        return write_reports(
            self.results,
            self.exchanges,
            self._contract,
            folder,
            self._pages,
            facts=self._facts,
            mode=self._mode,
            formats=formats,
        )
