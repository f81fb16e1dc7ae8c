"""One run: the operations of a contract against one target, requirement by requirement."""

from __future__ import annotations

import functools
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from conformance.client.limits import AskedToWait, BudgetUsedUp, TargetStopped
from conformance.comparison.outcomes import AnswerTooLarge
from conformance.contract.folder import default_schemas, load, load_pages
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.engine.baseline.known_failures import failures_of
from conformance.engine.callable_operations import called_of, check_lists
from conformance.engine.changed_sources import mark, read_before
from conformance.engine.config import Config, load_config
from conformance.engine.discovery.discover import discover
from conformance.engine.executor import run
from conformance.engine.open_target import open_target
from conformance.engine.plan import Bounds
from conformance.engine.probe import Probe
from conformance.engine.profile import find_profile
from conformance.engine.requirement import REGISTRY, Requirement
from conformance.engine.result import Gap, Place, RequirementResult, Status
from conformance.engine.selection import CHAPTERS as CHAPTERS
from conformance.engine.selection import load_requirements as load_requirements
from conformance.engine.selection import near, select_operations, select_requirements
from conformance.engine.settings import Settings as Settings


class Session:
    """A run from its settings to its results. Raises InputError where the settings cannot be used."""

    def __init__(self, settings: Settings, config: Config | None = None) -> None:
        self.settings = settings
        schemas = settings.schemas or default_schemas()
        everything = load(schemas)
        self.documented = len(everything.operations)
        """How many operations the pages document."""
        chosen = select_operations(everything, settings)
        self.config = config or load_config(settings.config)
        check_lists((each.operation for each in everything.operations), self.config)
        called = called_of(chosen, self.config)
        self.contract, self.left_out = called.contract, called.left_out
        self.pages = load_pages(schemas, self.contract)
        self.requirements = select_requirements(settings)
        for name in self.config.accept_undecided:
            if name not in REGISTRY:
                raise InputError(f"--config {settings.config}: accept_undecided: no requirement {name}{near(name)}")
        self.known_failures = failures_of(settings)
        self.profile = find_profile(settings.profile)
        self.seed = random.SystemRandom().randrange(2**31) if settings.seed is None else settings.seed
        self.run_id = settings.run_id or uuid.uuid4().hex
        self.target = open_target(settings, self.config, self.contract, self.run_id)
        self.limits_reached = self.target.budget.reached
        """Options that ended the run before everything was tried: ``--max-requests 60``."""
        self.halted = False
        """Whether pytest was stopped because of one of these, and not by the user."""
        self.asks = {
            each.operation.id: Probe(
                each,
                self.target,
                self.profile,
                self.config,
                self.seed,
                self.execute,
                confirm=settings.confirm,
                wrong_credentials=settings.wrong_credentials,
            )
            for each in self.contract.operations
        }
        for ask in self.asks.values():
            ask.paths = tuple(each.operation.path for each in everything.operations)
        self.bounds = Bounds(
            self.requirements,
            self.target.credentials,
            self.profile,
            confirm=settings.confirm,
            wrong_credentials=settings.wrong_credentials,
        )
        self.target.quotas = {id: self.bounds.quota(ask.operation) for id, ask in self.asks.items()}
        self.before = read_before(settings.since, self.requirements) if settings.since else None
        self.results: list[RequirementResult] = []
        self.untestable: dict[str, str] = {}
        self.workers = 1
        self.unwritten: InputError | None = None
        """Why reports could not be written."""
        self.allow_partial_evidence = False
        """Whether a requirement that judges the exchanges of all may pass where only some are tried (replay)."""
        self._learned: set[str] = set()
        self.expected = self.cases()
        self.started = datetime.now(UTC)
        """In every report and in the User-Agent of every request, so that server logs can be matched."""
        self.selected_by: list[str] = []
        """Options of pytest's own that left something out: ``-k SEL``."""
        self.notes: list[str] = []
        """What every report has to name: ``certificates were not checked (--insecure)``."""
        self.on_result: Callable[[RequirementResult], None] = lambda result: None

    @property
    def stopped(self) -> str:
        """Why nothing more was tried from some point on, for the verdict's sentence; empty where all was tried."""
        return self.target.redactor.line(self.target.stopped)

    def cases(self) -> list[tuple[Requirement, str]]:
        """What is to be tried, in order: those that send first, those that judge every exchange last."""
        cases = [(r, operation) for operation in self.asks for r in self.requirements]
        return sorted(cases, key=lambda case: case[0].observes_all)

    @property
    def narrowed(self) -> bool:
        """Whether less than every requirement on every operation is tried."""
        everything = len(load_requirements()) * len(self.asks)
        return bool(self.settings.operations or self.settings.exclude) or len(self.expected) < everything

    def expect(self, cases: Sequence[tuple[Requirement, str]]) -> None:
        """Narrow the run down to these (pytest's own ``-k``, ``-m``)."""
        self.expected = list(cases)

    def learn(self) -> None:
        """Discovery; raises InputError (exit status 4) where no operation of the target can be tested.

        Where only some can, the others' requirements stay undecided, with that reason.
        """
        self._wait_for_target()
        errors = [self.discover_operation(operation) for operation in self.operations]
        if errors and None not in errors:
            raise next(error for error in errors if error is not None)

    @property
    def operations(self) -> list[str]:
        """The operations of which anything is to be tried."""
        return list(dict.fromkeys(operation for _, operation in self.expected))

    def discover_operation(self, operation: str) -> InputError | None:
        """Discovery of one operation, once; gives the error where it cannot be tested."""
        if operation not in self._learned:
            self._learned.add(operation)
            try:
                self._discover(operation)
            except InputError as error:
                # It may repeat what the target said.
                clean = InputError(self.target.redactor.line(str(error)), exit_status=error.exit_status)
                self.untestable[operation] = str(clean)
                return clean
        return None

    def _discover(self, operation: str) -> None:
        try:
            failure = discover(self.asks[operation], self.settings.wait).baseline_failure
            if failure:
                self.notes.append(f"{failure}, so nothing else could be tested of {operation}")
        except (BudgetUsedUp, AskedToWait, TargetStopped) as stop:
            raise InputError(f"nothing could be tested: {stop}", exit_status=ExitCode.TARGET_NOT_TESTABLE) from None
        except AnswerTooLarge as error:
            self.untestable[operation] = self.target.redactor.line(str(error))
        except (InputError, KeyboardInterrupt):
            raise
        except Exception as error:
            if os.environ.get("CONFORMANCE_DEBUG"):
                raise
            raise InputError(
                f"target {self.target.url}: the suite cannot read its answers ({type(error).__name__}: {error})",
                exit_status=ExitCode.TARGET_NOT_TESTABLE,
            ) from None

    def execute(self, requirement: Requirement, ask: Probe) -> RequirementResult:
        """Try one requirement and keep what became of it."""
        why = self.untestable.get(ask.operation.id) or self._limit_before(requirement, ask)
        if why is None and ask.facts.baseline_failure and not (requirement.judges_baseline or requirement.observes_all):
            why = ask.facts.baseline_failure
        result = run(requirement, ask) if why is None else self._not_tried(requirement, ask.operation.id, why)
        if ask.trial.missing and ask.trial.id == requirement.id and result.status is Status.SKIPPED:
            result = msgspec.structs.replace(result, gap=Gap.NOT_GIVEN, missing=ask.trial.missing)
        if requirement.observes_all and result.status in (Status.PASSED, Status.SKIPPED, Status.INCONCLUSIVE):
            result = self._downgrade_if_incomplete(requirement, result, ask)
        if requirement.observes_all and result.status is Status.PASSED and not self.allow_partial_evidence:
            result = self._downgrade_partial_pass(result)
        reason = self.config.accept_undecided.get(requirement.id)
        # What the data cannot decide is accepted, and not that the run ended before it was tried.
        accepted = reason is not None and not result.unstable and not (self.limits_reached or self.target.stopped)
        if result.status is Status.INCONCLUSIVE and accepted:
            text = f"accepted as undecided by the configuration: {reason} ({result.reason})"
            result = msgspec.structs.replace(result, status=Status.SKIPPED, reason=text, gap=Gap.ACCEPTED)
        self.results.append(result)
        self.on_result(result)
        return result

    def _limit_before(self, requirement: Requirement, ask: Probe) -> str | None:
        """The limit that leaves this requirement untried; what was sent is judged all the same.

        A requirement that does not apply to the operation needs nothing to be tried.
        """
        if requirement.observes_all or requirement.source.locate(ask.operation) is None:
            return None
        if self.end_by_failures():
            return f"--max-failures {self.settings.max_failures} was reached before it was tried"
        budget = self.target.budget
        return f"{budget.time} was reached before it was tried" if budget.time_is_over else None

    def end_by_failures(self) -> bool:
        """Whether as many requirements failed as may; notes the limit."""
        most = self.settings.max_failures
        if most is None or sum(result.status is Status.FAILED for result in self.results) < most:
            return False
        self.target.budget.note(f"--max-failures {most}")
        return True

    def _downgrade_if_incomplete(
        self, requirement: Requirement, result: RequirementResult, ask: Probe
    ) -> RequirementResult:
        """What judges all exchanges decides nothing if the run ended early, where it applies at all."""
        why = self.target.stopped or ask.facts.baseline_failure
        if not why and self.limits_reached:
            why = f"it judges what all requirements send, and {', '.join(self.limits_reached)} was reached"
        if requirement.source.locate(ask.operation) is None:
            return result
        return msgspec.structs.replace(result, status=Status.INCONCLUSIVE, reason=why) if why else result

    def _downgrade_partial_pass(self, result: RequirementResult) -> RequirementResult:
        """What judges the exchanges of all has not passed where some of those that send were never tried."""
        every, tried = self._senders
        if tried[result.operation] >= every:
            return result
        reason = f"it judges what all requirements send, and only {tried[result.operation]} of {every} are tried"
        return msgspec.structs.replace(result, status=Status.SKIPPED, reason=reason, gap=Gap.PART)

    @functools.cached_property
    def _senders(self) -> tuple[int, Counter[str]]:
        """How many requirements send, by the profile, and how many of them are tried of each operation."""
        sends = [
            r for r in load_requirements().values() if not r.observes_all and (r.smoke or not self.profile.smoke_only)
        ]
        return len(sends), Counter(operation for r, operation in self.expected if not r.observes_all)

    def complete(self, why: str) -> None:
        """Enter what was expected and not tried as inconclusive: a run that was cut short is never green."""
        tried = {(result.id, result.operation) for result in self.results}
        for requirement, operation in self.expected:
            if (requirement.id, operation) not in tried:
                self.results.append(self._not_tried(requirement, operation, why))
        self._renumber()
        if self.before is not None:
            self.results = [mark(result, self.before) for result in self.results]
        order = {id_: position for position, id_ in enumerate(load_requirements())}
        self.results.sort(key=lambda result: (order[result.id], result.operation))

    def _renumber(self) -> None:
        """Numbers without gaps: what was asked for and never sent has left some."""
        numbers = self.target.recorder.close_gaps()
        if numbers:
            self.results = [result.renumbered(numbers) for result in self.results]

    def _not_tried(self, requirement: Requirement, operation: str, why: str) -> RequirementResult:
        place = requirement.source.locate(self.asks[operation].operation)
        return RequirementResult(
            id=requirement.id,
            operation=operation,
            level=requirement.level,
            title=requirement.title,
            chapter=requirement.chapter,
            source=place or Place(page="", section=requirement.source.section),
            status=Status.INCONCLUSIVE,
            reason=why,
        )

    def close(self) -> None:
        """Close all connections."""
        self.target.close()

    def _wait_for_target(self) -> None:
        """Until it answers at all, at most ``--wait`` seconds; asked for gently, by connecting alone."""
        deadline = time.monotonic() + self.settings.wait
        while not self.target.listens() and time.monotonic() < deadline:
            time.sleep(min(0.5, max(0.0, deadline - time.monotonic())))
