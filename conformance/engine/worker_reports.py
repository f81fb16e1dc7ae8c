"""Parts of one run that are tried in several processes, and put together in one of them."""

from __future__ import annotations

import msgspec

from conformance.client.bodies import StoredBody
from conformance.client.current_credentials import CurrentCredentials
from conformance.client.exchange import Exchange
from conformance.comparison.target_facts import TargetFacts
from conformance.engine.result import RequirementResult
from conformance.engine.run import Session


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

    def __init__(self, session: Session) -> None:
        self._session = session
        self._results = self._sent = self._number = 0
        self._expected_reported = False

    def tell(self) -> bytes:
        """A piece with everything since the last one."""
        session = self._session
        exchanges, number = session.target.recorder.since(self._number)
        expected = () if self._expected_reported else session.expected
        piece = WorkerReport(
            expected=tuple((requirement.id, operation) for requirement, operation in expected),
            results=tuple(session.results[self._results :]),
            exchanges=tuple(exchanges),
            sent=session.target.sent - self._sent,
            secrets=tuple(session.target.secrets),
            held=(*session.target.past, session.target.held),
            facts={name: ask.facts.for_pairing() for name, ask in session.asks.items() if ask.facts.notes},
            untestable=session.untestable,
            limits_reached=tuple(session.limits_reached),
            stopped=session.target.stopped,
        )
        self._results, self._sent = len(session.results), session.target.sent
        self._number, self._expected_reported = number, True
        return msgspec.msgpack.encode(piece, enc_hook=_bytes_of)


def _bytes_of(body: StoredBody) -> bytes:
    """A body that is kept in a file of this process."""
    return body.load()


class ResultCollector:
    """In the process that reports: puts the pieces into its own session, which sends nothing itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[str, dict[int, int]] = {}

    def collect(self, worker: str, data: bytes) -> None:
        """Take a worker's piece; its exchanges get numbers of this session's."""
        session, piece = self._session, msgspec.msgpack.decode(data, type=WorkerReport)
        if piece.expected:
            expected = set(piece.expected)
            session.expected = [case for case in session.cases() if (case[0].id, case[1]) in expected]
        numbers = self._numbers.setdefault(worker, {})
        recorder = session.target.recorder
        for exchange in piece.exchanges:
            number = numbers[exchange.number] = recorder.reserve()
            batch = None if exchange.batch is None else numbers.get(exchange.batch, number)
            recorder.add(msgspec.structs.replace(exchange, number=number, batch=batch))
        session.target.sent += piece.sent
        # A credential that was renewed there is not known here.
        session.target.redactor.learn(piece.secrets)
        present = session.target.held
        session.target.past += [each for each in piece.held if each not in (present, *session.target.past)]
        session.results += [result.renumbered(numbers) for result in piece.results]
        session.untestable |= piece.untestable
        session.target.stopped = session.target.stopped or piece.stopped
        for option in piece.limits_reached:
            # A worker's is its share of it.
            shared = option.startswith("--max-requests ")
            session.target.budget.note(f"--max-requests {session.settings.max_requests}" if shared else option)
        for name, facts in piece.facts.items():
            session.asks[name].facts = facts
        session.workers = len(self._numbers)
