"""One run: the operations of a contract against one target, requirement by requirement.

``Run.execute`` tries one requirement: pytest calls it for each that it collected, ``Run.execute_all`` for all of them.
Both emit the same events to ``Run.listeners``.
"""

from __future__ import annotations

import functools
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from conformance.client.exchange import Exchange
from conformance.contract.folder import default_schemas, load, load_pages
from conformance.core.errors import InputError
from conformance.engine.baseline.known_failures import failures_of
from conformance.engine.callable_operations import called_of, check_lists
from conformance.engine.changed_sources import read_before
from conformance.engine.config import Config, load_config
from conformance.engine.discovery.outcome import try_discovery
from conformance.engine.events import Event, Listener, OperationDiscovered, RequirementFinished, RequirementStarted
from conformance.engine.executor import not_tried, run_trial
from conformance.engine.open_target import open_target, wait_for
from conformance.engine.partial_evidence import (
    accept_inconclusive,
    count_senders,
    count_tried_senders,
    downgrade_if_ended,
    downgrade_partial_pass,
    downgrade_too_early,
)
from conformance.engine.plan import Bounds
from conformance.engine.probe import Probe
from conformance.engine.profile import find_profile
from conformance.engine.registry import catalogue
from conformance.engine.requirement import Requirement
from conformance.engine.result import Gap, RequirementResult, Status
from conformance.engine.selection import near, select_operations, select_requirements
from conformance.engine.settings import Settings
from conformance.engine.waiting import Waiting


class Run:
    """A run from its settings to its results. Raises InputError if the settings cannot be used.

    The requirements must be loaded before (``conformance.requirements.load_requirements``).
    """

    def __init__(self, settings: Settings, config: Config | None = None) -> None:
        self.settings = settings
        self.config = config or load_config(settings.config)
        self.profile = find_profile(settings.profile)
        self.seed = random.SystemRandom().randrange(2**31) if settings.seed is None else settings.seed
        self.run_id = settings.run_id or uuid.uuid4().hex
        """It is in every report and in the User-Agent of every request, to find the run in the logs of a server."""
        self._read_contract()
        self.requirements = select_requirements(settings)
        for name in self.config.accept_undecided:
            if name not in catalogue():
                raise InputError(f"--config {settings.config}: accept_undecided: no requirement {name}{near(name)}")
        self.known_failures = failures_of(settings)
        self.before = read_before(settings.since, self.requirements) if settings.since else None
        self.target = open_target(settings, self.config, self.contract, self.run_id)
        self.limits_reached = self.target.budget.reached
        """Options that ended the run early: ``--max-requests 60``."""
        self.probes = {each.operation.id: self._probe(each.operation.id) for each in self.contract.operations}
        self.bounds = Bounds(
            self.requirements,
            self.target.credentials,
            self.profile,
            confirm=settings.confirm,
            wrong_credentials=settings.wrong_credentials,
        )
        self.target.quotas = {id: self.bounds.quota(probe.operation) for id, probe in self.probes.items()}
        self.expected = self.cases()
        self.results: list[RequirementResult] = []
        self.listeners: list[Listener] = []
        self.untestable: dict[str, str] = {}
        """Operations that cannot be tested, and why."""
        self.started = datetime.now(UTC)
        self.workers = 1
        self.halted = False
        """Whether pytest was stopped because of a limit, and not by the user."""
        self.allow_partial_evidence = False
        """Whether a run-wide check may pass although only some requirements are tried (for replay)."""
        self.unwritten: InputError | None = None
        """Why reports could not be written."""
        self.selected_by: list[str] = []
        """Options of pytest that excluded requirements: ``-k SEL``."""
        self.notes: list[str] = []
        """Notes that every report must show: ``certificates were not checked (--insecure)``."""
        self.kept: dict[tuple[str, str], RequirementResult] = {}
        """Results of an earlier process of this run, which count, by requirement and operation."""
        self.started_again: dict[tuple[str, str], int] = {}
        """Requirement and operation of each trial that an earlier process of this run did not finish, and the number of
        that process's last exchange."""
        self.shown: dict[int, Exchange] = {}
        """The exchanges that findings show, as their requests were sent: with secrets, and without responses."""
        self._discovered: set[str] = set()

    def _read_contract(self) -> None:
        schemas = self.settings.schemas or default_schemas()
        everything = load(schemas)
        check_lists((each.operation for each in everything.operations), self.config)
        called = called_of(select_operations(everything, self.settings), self.config)
        self.contract, self.left_out = called.contract, called.left_out
        self.documented = len(everything.operations)
        """How many operations the pages document."""
        self.paths = tuple(each.operation.path for each in everything.operations)
        self.pages = load_pages(schemas, self.contract)

    def _probe(self, operation: str) -> Probe:
        contract = next(each for each in self.contract.operations if each.operation.id == operation)
        probe = Probe(
            contract,
            self.target,
            self.profile,
            self.config,
            self.seed,
            confirm=self.settings.confirm,
            wrong_credentials=self.settings.wrong_credentials,
        )
        probe.paths = self.paths
        return probe

    @property
    def stopped(self) -> str:
        """Why the run stopped before all was tried, for the verdict's sentence; empty if it did not."""
        return self.target.redactor.line(self.target.stopped)

    def cases(self) -> list[tuple[Requirement, str]]:
        """All pairs of requirement and operation, in the order of execution: of each operation run-wide checks last."""
        in_order = sorted(self.requirements, key=lambda requirement: requirement.observes_all)
        return [(requirement, operation) for operation in self.probes for requirement in in_order]

    @property
    def narrowed(self) -> bool:
        """Whether only some of the requirements or operations are tried."""
        everything = len(catalogue()) * len(self.probes)
        return bool(self.settings.operations or self.settings.exclude) or len(self.expected) < everything

    def expect(self, cases: Sequence[tuple[Requirement, str]]) -> None:
        """Restrict the run to these cases (pytest's own ``-k``, ``-m``)."""
        self.expected = list(cases)

    @property
    def operations(self) -> list[str]:
        """The operations with at least one expected requirement."""
        return list(dict.fromkeys(operation for _, operation in self.expected))

    def discover(self) -> None:
        """Discover the first operation that can be tested. Raises InputError (exit status 4) if there is none.

        Each of the others is discovered when its first requirement is tried, so that the answers of one operation are
        in memory at a time. The requirements of those that cannot be tested are inconclusive, with the error as reason.
        """
        wait_for(self.target, self.settings.wait)
        errors: list[InputError] = []
        for operation in self.operations:
            error = self.discover_operation(operation)
            if error is None:
                return
            errors.append(error)
        if errors:
            raise errors[0]

    def discover_operation(self, operation: str) -> InputError | None:
        """Discover one operation, unless that was done before; return the error if it cannot be tested."""
        if operation in self._discovered:
            return None
        self._discovered.add(operation)
        found: InputError | None = None
        try:
            outcome = try_discovery(self.probes[operation], self.settings.wait)
            self.notes += [outcome.note] if outcome.note else []
            self.untestable |= {operation: outcome.untestable} if outcome.untestable else {}
        except InputError as error:
            found = error
            self.untestable[operation] = str(error)
        self._emit(OperationDiscovered(operation, found))
        return found

    def execute_all(self) -> list[RequirementResult]:
        """Discover, execute everything that is expected, and return the results. Raises InputError as ``discover``."""
        self.discover()
        self.execute_expected()
        return self.results

    def execute_expected(self) -> None:
        """Execute every requirement that is expected, in order."""
        for requirement, operation in self.expected:
            self.execute(requirement, operation)

    def execute(self, requirement: Requirement, operation: str) -> RequirementResult:
        """Try one requirement on one operation; keeps its result and emits the events."""
        self._begin(requirement, operation)
        self._emit(RequirementStarted(requirement.id, operation))
        # What led to a kept result is tried again from the record: later requirements share its answers.
        result = self._judged(requirement, self.probes[operation])
        for number in (number for finding in result.findings for number in finding.exchanges):
            self.shown[number] = self.probes[operation].as_sent(number)
        result = self.add_result(self.kept.get((requirement.id, operation), result))
        if self._waiting.end(requirement, operation):
            self.probes[operation].release()
        return result

    def _begin(self, requirement: Requirement, operation: str) -> None:
        """Discover the operation if it is to be sent to, also again if its answers were released before."""
        self._waiting.begin(requirement, operation)
        probe = self.probes[operation]
        if probe.is_released:
            self._discovered.discard(operation)
            self.probes[operation] = probe = self._probe(operation)
        if operation not in self._discovered and self._why_not_discovered() is None:
            self.discover_operation(operation)

    def add_result(self, result: RequirementResult) -> RequirementResult:
        """Keep a result, emit its event, and return it."""
        self.results.append(result)
        self._emit(RequirementFinished(result, self.target.sent))
        return result

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def _judged(self, requirement: Requirement, probe: Probe) -> RequirementResult:
        """Try a requirement; return a result that claims no more than was tried."""
        why = self.untestable.get(probe.operation.id) or self._limit_before(requirement, probe)
        applies = requirement.source.locate(probe.operation) is not None
        if why is None and applies and probe.operation.id not in self._discovered:
            why = self._why_not_discovered()
        if why is None and probe.facts.baseline_failure:
            why = None if requirement.judges_baseline or requirement.observes_all else probe.facts.baseline_failure
        result = run_trial(requirement, probe) if why is None else not_tried(requirement, probe, why)
        if probe.trial.missing and probe.trial.id == requirement.id and result.status is Status.SKIPPED:
            result = msgspec.structs.replace(result, gap=Gap.NOT_GIVEN, missing=probe.trial.missing)
        if requirement.observes_all and result.status in (Status.PASSED, Status.SKIPPED, Status.INCONCLUSIVE):
            result = downgrade_if_ended(result, self._ended_by(probe)) if applies else result
        if requirement.observes_all and result.status is Status.PASSED and not self.allow_partial_evidence:
            senders, tried = self._senders
            result = downgrade_partial_pass(result, senders, tried[result.operation])
            result = downgrade_too_early(result, self._waiting.senders(result.operation))
        # The configuration accepts what the data cannot decide, but not a run that ended too early.
        if self.limits_reached or self.target.stopped:
            return result
        return accept_inconclusive(result, self.config.accept_undecided.get(requirement.id))

    def _limit_before(self, requirement: Requirement, probe: Probe) -> str | None:
        """Which limit prevents that this requirement is tried; None if none does.

        A limit does not apply to run-wide checks, which send nothing, and to requirements that do not apply to the
        operation.
        """
        if requirement.observes_all or requirement.source.locate(probe.operation) is None:
            return None
        return self._limit()

    def _why_not_discovered(self) -> str | None:
        """Why no further operation is discovered; None if it may be."""
        reached = f"{', '.join(self.limits_reached)} was reached before it was tried" if self.limits_reached else None
        return self._limit() or self.stopped or reached

    def _limit(self) -> str | None:
        if self.end_by_failures():
            return f"--max-failures {self.settings.max_failures} was reached before it was tried"
        budget = self.target.budget
        return f"{budget.time} was reached before it was tried" if budget.time_is_over else None

    def end_by_failures(self) -> bool:
        """Whether ``--max-failures`` is reached; if so, the limit is recorded."""
        most = self.settings.max_failures
        if most is None or sum(result.status is Status.FAILED for result in self.results) < most:
            return False
        self.target.budget.note(f"--max-failures {most}")
        return True

    def _ended_by(self, probe: Probe) -> str:
        """What ended the run before all requests were sent; empty if nothing did."""
        why = self.target.stopped or probe.facts.baseline_failure
        if not why and self.limits_reached:
            why = f"it judges what all requirements send, and {', '.join(self.limits_reached)} was reached"
        return why

    @functools.cached_property
    def _waiting(self) -> Waiting:
        return Waiting(self.expected)

    @functools.cached_property
    def _senders(self) -> tuple[int, Counter[str]]:
        return count_senders(catalogue().values(), self.profile), count_tried_senders(self.expected)

    def close(self) -> None:
        """Close all connections."""
        self.target.close()
