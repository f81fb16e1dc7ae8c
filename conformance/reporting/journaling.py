"""The journal of a run while it goes on: each exchange when it comes, each result when it is decided.

What was decided is in the file before the next request is sent, so a run that is killed loses nothing.
"""

from __future__ import annotations

import weakref
from pathlib import Path

import msgspec

from conformance.core.errors import InputError
from conformance.engine.events import Event, OperationDiscovered, RequirementFinished, RequirementStarted
from conformance.engine.probe import Probe
from conformance.engine.result import RequirementResult
from conformance.engine.run import Run
from conformance.journal.live_evidence import LiveEvidence
from conformance.journal.reader import JournalReader
from conformance.journal.steps import RecordedAttempt, Use
from conformance.journal.writer import Journal
from conformance.reporting.folder import JOURNAL
from conformance.reporting.record import RunRecord, record_from_json, record_to_json, take_record
from conformance.reporting.recorded_contract import contract_documents, facts_document, learned_facts
from conformance.reporting.reproduction.commands import with_commands

RECORD = "record"

_OPEN: weakref.WeakKeyDictionary[Run, Journaling] = weakref.WeakKeyDictionary()


def keep_journal(run: Run) -> None:
    """Record the run from now on; raises InputError if the file cannot be written."""
    path = run.settings.reports / JOURNAL
    journal = Journal.create(path) if run.target.playback is None else Journal.open(path)
    journal.path.chmod(run.settings.reports_mode)
    _OPEN[run] = Journaling(run, journal)


def end_journal(run: Run, record: RunRecord) -> tuple[Path | None, str]:
    """The run has ended with this record.

    Returns the journal, None if there is none, and why the run could not be recorded as a whole, empty if it is.
    """
    journaling = _OPEN.pop(run, None)
    return (None, "") if journaling is None else journaling.end(record)


class Journaling:
    """Listens to a run and writes its journal."""

    def __init__(self, run: Run, journal: Journal) -> None:
        self._run = run
        self._journal = journal
        self._trials: dict[tuple[str, str], int] = {}
        self._is_discovered = False
        self._facts: dict[str, object] = {}
        """What may still change of the facts that are recorded, by operation."""
        run.target.recorder.evidence = LiveEvidence(journal)
        # What cannot be recorded is not sent either.
        journal.on_problem = run.target.end
        run.listeners.append(self._listen)
        if run.target.playback is None:
            # Before the record: a journal that has a record has all that its reports need.
            journal.put_all(contract_documents(run))
        self._put_record()

    def end(self, record: RunRecord) -> tuple[Path, str]:
        """Write the last record and close the file."""
        self._journal.put(RECORD, record_to_json(record))
        self._journal.close()
        return self._journal.path, self._journal.problem

    def _put_record(self) -> None:
        self._journal.put(RECORD, record_to_json(take_record(self._run)))

    def _put_facts(self, operation: str) -> None:
        probe = self._run.probes[operation]
        self._facts[operation] = _changing(probe)
        self._journal.put(*facts_document(probe))

    def _listen(self, event: Event) -> None:
        if isinstance(event, OperationDiscovered):
            self._put_facts(event.operation)
            self._journal.put_facts(event.operation, learned_facts(self._run.probes[event.operation]))
        elif isinstance(event, RequirementStarted):
            if not self._is_discovered:
                # Once, and not for each operation: the record lists all cases of all operations.
                self._is_discovered = True
                self._put_record()
            case = (event.requirement, event.operation)
            if case not in self._run.kept:
                self._trials[case] = self._journal.start(*case)
        elif isinstance(event, RequirementFinished):
            self._finish(event.result)

    def _finish(self, result: RequirementResult) -> None:
        case = (result.id, result.operation)
        if case in self._run.kept:
            return
        trial = self._trials.pop(case, None)
        if trial is None:
            # A worker process tried it.
            trial = self._journal.start(*case)
        (complete,) = with_commands(self._run, [result])
        probe = self._run.probes[result.operation]
        if self._facts.get(result.operation) != _changing(probe):
            self._put_facts(result.operation)
        self._journal.finish(trial, msgspec.json.encode(complete), result.status, self._attempts(probe, result.id))

    def _attempts(self, probe: Probe, requirement: str) -> list[RecordedAttempt]:
        if probe.trial.id != requirement:
            # It was not tried: the trial is the one before.
            return []
        found = []
        for place, each in enumerate(probe.trial.log):
            draws = each.draws and self._run.target.redactor.text(each.draws)
            uses = [Use(number, purpose, intent.value) for number, purpose, intent in each.uses]
            if draws is not None or uses:
                exact = each.exact and draws == each.draws
                found.append(RecordedAttempt(place, draws, exact, each.repeats, uses))
        return found


def _changing(probe: Probe) -> object:
    """What of the facts requirements may still change."""
    return probe.facts.live, probe.facts.ordered, frozenset(probe.facts.volatile)


def journal_in(path: Path) -> Path:
    """The journal that a path names: the file, or the one in a folder of reports."""
    return path / JOURNAL if path.is_dir() else path


def read_record(journal: JournalReader, path: Path) -> RunRecord:
    """The record of the run; raises InputError if the run was killed before it began."""
    document = journal.document(RECORD)
    if document is None:
        raise InputError(f"{path}: the run was killed before it began; start it again with: conformance run")
    return record_from_json(document)
