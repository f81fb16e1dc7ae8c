"""Parts of one run that are tried in several processes, and put together in one of them."""

from __future__ import annotations

import msgspec

from conformance.client.bodies import StoredBody
from conformance.client.current_credentials import CurrentCredentials
from conformance.client.exchange import Exchange
from conformance.comparison.target_facts import TargetFacts
from conformance.engine.result import RequirementResult
from conformance.engine.run import Run


class WorkerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a process has to tell since the last time. Not redacted: it goes to another process, and no further.

    ``expected`` are requirement and operation of all that is to be tried, in the first one alone; ``facts`` what
    discovery found of each operation as reports need it, ``untestable`` why operations could not be tested.
    """

    expected: tuple[tuple[str, str], ...]
    results: tuple[RequirementResult, ...]
    exchanges: tuple[Exchange, ...]
    sent: int
    secrets: tuple[str, ...]
    held: tuple[CurrentCredentials, ...]
    """What it presented at any time: requests that were sent with it are shown with the names of it."""
    facts: dict[str, TargetFacts]
    untestable: dict[str, str]
    limits_reached: tuple[str, ...]
    """Options that ended it early."""
    stopped: str
    """What else ended it early."""


class WorkerReporter:
    """In the process that tries: gives what is new, as bytes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._results = self._sent = self._number = 0
        self._expected_reported = False

    def tell(self) -> bytes:
        """A piece with everything since the last one."""
        run = self._run
        exchanges, number = run.target.recorder.since(self._number)
        expected = () if self._expected_reported else run.expected
        piece = WorkerReport(
            expected=tuple((requirement.id, operation) for requirement, operation in expected),
            results=tuple(run.results[self._results :]),
            exchanges=tuple(exchanges),
            sent=run.target.sent - self._sent,
            secrets=tuple(run.target.secrets),
            held=(*run.target.past, run.target.held),
            facts={name: ask.facts.for_pairing() for name, ask in run.probes.items() if ask.facts.notes},
            untestable=run.untestable,
            limits_reached=tuple(run.limits_reached),
            stopped=run.target.stopped,
        )
        self._results, self._sent = len(run.results), run.target.sent
        self._number, self._expected_reported = number, True
        return msgspec.msgpack.encode(piece, enc_hook=_bytes_of)


def _bytes_of(body: StoredBody) -> bytes:
    """A body that is kept in a file of this process."""
    return body.load()


class ResultCollector:
    """In the process that reports: puts the pieces into its own session, which sends nothing itself."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._numbers: dict[str, dict[int, int]] = {}

    def collect(self, worker: str, data: bytes) -> None:
        """Take a worker's piece; its exchanges get numbers of this session's."""
        run, piece = self._run, msgspec.msgpack.decode(data, type=WorkerReport)
        if piece.expected:
            expected = set(piece.expected)
            run.expected = [case for case in run.cases() if (case[0].id, case[1]) in expected]
        numbers = self._numbers.setdefault(worker, {})
        recorder = run.target.recorder
        for exchange in piece.exchanges:
            number = numbers[exchange.number] = recorder.reserve()
            batch = None if exchange.batch is None else numbers.get(exchange.batch, number)
            recorder.add(msgspec.structs.replace(exchange, number=number, batch=batch))
        run.target.sent += piece.sent
        # A credential that was renewed there is not known here.
        run.target.redactor.learn(piece.secrets)
        present = run.target.held
        run.target.past += [each for each in piece.held if each not in (present, *run.target.past)]
        run.results += [result.renumbered(numbers) for result in piece.results]
        run.untestable |= piece.untestable
        run.target.stopped = run.target.stopped or piece.stopped
        for option in piece.limits_reached:
            # A worker's is its share of it.
            shared = option.startswith("--max-requests ")
            run.target.budget.note(f"--max-requests {run.settings.max_requests}" if shared else option)
        for name, facts in piece.facts.items():
            run.probes[name].facts = facts
        run.workers = len(self._numbers)
