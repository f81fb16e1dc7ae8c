"""A run in several processes: workers send reports, and one process collects them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conformance.client.bodies import StoredBody
from conformance.client.current_credentials import CurrentCredentials
from conformance.client.exchange import RedactedExchange
from conformance.comparison.target_facts import TargetFacts
from conformance.engine.result import RequirementResult
from conformance.engine.run import Run


class WorkerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a worker since its last report. It has credentials, and must stay within the run's processes.

    ``expected`` has requirement and operation of all that is expected, in the first report only. ``facts`` has the
    facts of each operation that reports need, and ``untestable`` why operations could not be tested.
    """

    expected: tuple[tuple[str, str], ...]
    results: tuple[RequirementResult, ...]
    exchanges: tuple[RedactedExchange, ...]
    sent: int
    held: tuple[CurrentCredentials, ...]
    """All credentials that it has used, to show requests with the names of their credentials."""
    facts: dict[str, TargetFacts]
    untestable: dict[str, str]
    limits_reached: tuple[str, ...]
    """The options that ended it early."""
    stopped: str
    """What else ended it early; empty if nothing did."""


class WorkerReporter:
    """Makes the reports of a worker.

    ``complete`` gives a result what reports show of it and only this process knows: the commands of its findings.
    ``name`` is the worker's own: secrets that it numbers are not mistaken for those of another worker.
    """

    def __init__(self, run: Run, name: str, complete: Callable[[RequirementResult], RequirementResult]) -> None:
        self._run = run
        self._complete = complete
        run.target.redactor.begin_series(f"{name}.")
        self._results = self._sent = self._number = 0
        self._expected_reported = False

    def report(self) -> bytes:
        """A ``WorkerReport`` in MessagePack, with everything since the last one."""
        run = self._run
        exchanges, number = run.target.recorder.since(self._number)
        expected = () if self._expected_reported else run.expected
        report = WorkerReport(
            expected=tuple((requirement.id, operation) for requirement, operation in expected),
            results=tuple(map(self._complete, run.results[self._results :])),
            exchanges=tuple(exchanges),
            sent=run.target.sent - self._sent,
            held=(*run.target.past, run.target.held),
            facts={name: ask.facts.for_pairing() for name, ask in run.probes.items() if ask.facts.notes},
            untestable=run.untestable,
            limits_reached=tuple(run.limits_reached),
            stopped=run.target.stopped,
        )
        self._results, self._sent = len(run.results), run.target.sent
        self._number, self._expected_reported = number, True
        return msgspec.msgpack.encode(report, enc_hook=_bytes_of)


def _bytes_of(body: StoredBody) -> bytes:
    """The bytes of a body that this process keeps in a file."""
    return body.load()


class ResultCollector:
    """Adds worker reports to the run of the process that writes the reports, which sends nothing itself."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._numbers: dict[str, dict[int, int]] = {}

    def collect(self, worker: str, data: bytes) -> None:
        """Add the report of a worker; its exchanges get new numbers in this run."""
        run, report = self._run, msgspec.msgpack.decode(data, type=WorkerReport)
        if report.expected:
            expected = set(report.expected)
            run.expected = [case for case in run.cases() if (case[0].id, case[1]) in expected]
        # The worker may have renewed a credential: known before anything is written.
        for held in report.held:
            run.target.redactor.learn(held.secrets, held.wrong_values)
        numbers = self._numbers.setdefault(worker, {})
        recorder = run.target.recorder
        for exchange in report.exchanges:
            number = numbers[exchange.number] = recorder.reserve()
            batch = None if exchange.batch is None else numbers.get(exchange.batch, number)
            recorder.add(msgspec.structs.replace(exchange, number=number, batch=batch))
        run.target.sent += report.sent
        present = run.target.held
        run.target.past += [each for each in report.held if each not in (present, *run.target.past)]
        for result in report.results:
            run.add_result(result.renumbered(numbers))
        run.untestable |= report.untestable
        run.target.stopped = run.target.stopped or report.stopped
        for option in report.limits_reached:
            # A worker's limit is its share of the run's limit.
            shared = option.startswith("--max-requests ")
            run.target.budget.note(f"--max-requests {run.settings.max_requests}" if shared else option)
        for name, facts in report.facts.items():
            run.probes[name].facts = facts
        run.workers = len(self._numbers)
