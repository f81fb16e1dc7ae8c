"""Sending to one origin: within the limits, with the waiting that it asks for, and with a record of every exchange."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from conformance.client.budget import Budget
from conformance.client.connection import Connection, proxy_secrets, without_user
from conformance.client.exchange import Exchange, Failure, Intent, RedactedExchange, Request, Response
from conformance.client.limits import AskedToWait, BackOff, Limits, RateLimit, TargetStopped, retry_after
from conformance.client.playback import Playback
from conformance.client.quota import Quota
from conformance.client.recorder import Recorder
from conformance.client.redact import Redactor
from conformance.client.transport import HttpTransport, TransportFailure
from conformance.client.wire import send_on_wire

_RETRIES = 6
_CONTROLS = 3
_PAUSE = 0.25


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a request and what for; goes into the evidence."""

    operation: str
    requirement: str = ""
    purpose: str = ""
    intent: Intent = Intent.VARIATION


_CONTROL = Label(operation="", purpose="control: is it there?")


class Sender:
    """Sends requests over ``connection`` and keeps the limits of the run."""

    def __init__(self, url: str, limits: Limits, connection: Connection) -> None:
        self.url = url
        self.limits = limits
        self.connection = connection
        self.recorder = Recorder()
        self.redactor = Redactor()
        self.sent = 0
        self.budget = Budget(limits)
        self.quotas: dict[str, Quota] = {}
        """How many requests the operations may get, by id; others may get any number."""
        self.stopped = ""
        """Why nothing more is sent; empty while the run goes on."""
        self._transport = HttpTransport(url, limits, connection)
        self.redactor.learn(proxy_secrets(self._transport.dialer.proxy))
        self._rate_limit = RateLimit(limits.rate)
        self._back_off = BackOff(limits.max_wait)
        self._lock = threading.Lock()
        self._answered: Request | None = None
        self.playback: Playback | None = None
        """The record that answers in place of the target, where a run goes on."""

    def stop(self, reason: str) -> NoReturn:
        """Send nothing more, in this run, for ``reason``; raises TargetStopped."""
        self.end(reason)
        raise TargetStopped(self.stopped)

    def end(self, reason: str) -> None:
        """The same for a thread that sends nothing itself."""
        with self._lock:
            self.stopped = self.stopped or reason

    def pause(self, seconds: float) -> None:
        """Give the target time to recover; raises AskedToWait once the run has waited ``max_wait`` seconds."""
        try:
            self._back_off.sleep(seconds)
        except AskedToWait:
            self.budget.note(f"--max-wait {self.limits.max_wait:g}")
            raise

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    @property
    def proxy(self) -> str:
        """The proxy that requests go through, the environment's too, as it may be shown; empty without one."""
        return without_user(self._transport.dialer.proxy) if self._transport.dialer.proxy else ""

    @property
    def has_wire(self) -> bool:
        """Whether the bytes on the wire are the target's: a proxy that is not a tunnel frames messages itself."""
        return not self._transport.dialer.forwards

    def listens(self) -> bool:
        """Whether something accepts connections there; nothing is sent."""
        return self._transport.dialer.answers(timeout=2)

    def as_sent(self, request: Request) -> tuple[Request, str]:
        """The request with the headers that every request has, and its URL."""
        return self.connection.with_fixed_headers(request), self._transport.url(request)

    def send(self, request: Request, label: Label) -> RedactedExchange:
        """Send and record; gives the exchange without secrets.

        Raises BudgetUsedUp, AskedToWait or TargetStopped, but not if a request fails.
        """
        return self._send(request, label, self.recorder.reserve())

    def send_parallel(self, requests: Sequence[Request], label: Label) -> list[RedactedExchange]:
        """Send all at the same time, each on a connection of its own; answers in the order of the requests."""
        first = self.recorder.reserve(len(requests))
        with ThreadPoolExecutor(max_workers=len(requests)) as pool:
            jobs = [pool.submit(self._send_alone, r, label, first + i, first) for i, r in enumerate(requests)]
            return [job.result() for job in jobs]

    def _send_alone(self, request: Request, label: Label, number: int, batch: int) -> RedactedExchange:
        try:
            return self._send(request, label, number, batch=batch)
        finally:
            self._transport.close_own()

    def send_on_wire(self, request: Request, label: Label) -> RedactedExchange:
        """Send on a connection of its own and read every byte: the response has ``trailing_size``."""
        return self._send(request, label, self.recorder.reserve(), self._deliver_on_wire)

    def _deliver_on_wire(self, request: Request) -> Response:
        return send_on_wire(self._transport, request, self.limits)

    def _send(
        self,
        request: Request,
        label: Label,
        number: int,
        deliver: Callable[[Request], Response] | None = None,
        batch: int | None = None,
    ) -> RedactedExchange:
        quota = self.quotas.get(label.operation)
        if quota is not None:
            quota.spend(request, label.intent)
        played = self._played(request, label)
        if played is not None:
            return played
        for attempt in range(_RETRIES):
            exchange = self._once(request, label, number, deliver or self._transport.send)
            exchange = msgspec.structs.replace(exchange, batch=batch)
            pause = retry_after(exchange.response, attempt) if exchange.response else None
            try:
                if pause is not None:
                    self.pause(pause)
                    continue
            except AskedToWait:
                self._keep(exchange)
                raise
            return self._keep(exchange)
        self._keep(exchange)
        raise AskedToWait(f"the target answered {_RETRIES} times in a row that it is busy (429 or 503)")

    def _played(self, request: Request, label: Label) -> RedactedExchange | None:
        if self.playback is None:
            return None
        complete = self.connection.with_fixed_headers(request)
        number = self.playback.take(complete, label.operation, label.requirement)
        if number is None:
            return None
        exchange = self.recorder.evidence[number]
        with self._lock:
            self.sent += 1
        if exchange.response is not None:
            self._answered = complete
        # What the response presented is recorded by name only.
        self.redactor.learn_headers(msgspec.structs.replace(exchange, request=complete, response=None))
        return exchange

    def resume(self, playback: Playback) -> None:
        """Answer from a record first; numbers go on after it."""
        self.playback = playback
        self.recorder.reserve(playback.last + 1)

    def _keep(self, exchange: Exchange) -> RedactedExchange:
        kept = self._record(exchange)
        if exchange.response is not None:
            self._answered = exchange.request
        elif exchange.is_unanswered and self._answered is not None:
            self._check_that_it_answers()
        return kept

    def _record(self, exchange: Exchange) -> RedactedExchange:
        """The exchange without secrets, which is all that is kept and judged. Raises TargetStopped."""
        kept = self.recorder.add(self.redactor.exchange(exchange))
        if self.stopped:
            # The journal may have stopped: what is not recorded decides nothing.
            raise TargetStopped(self.stopped)
        return kept

    def _check_that_it_answers(self) -> None:
        """After a request without an answer: has only this request none, or does the target not answer any more?

        A request that was answered before is sent again, three times at most: one lost answer does not end a run.
        Raises TargetStopped if none of these is answered.
        """
        answered = self._answered
        assert answered is not None
        for attempt in range(_CONTROLS):
            if attempt:
                self.pause(_PAUSE * 2**attempt)
            control = self._once(answered, _CONTROL, self.recorder.reserve(), self._transport.send)
            self._record(control)
            if not control.is_unanswered:
                return
        self.stop(
            f"the target does not answer any more after {self.sent} requests ({control.failure_text}), "
            "also not what it answered before"
        )

    def _once(self, request: Request, label: Label, number: int, deliver: Callable[[Request], Response]) -> Exchange:
        request = self.connection.with_fixed_headers(request)
        url = self._transport.url(request)
        self._spend()
        self._rate_limit.wait()
        started, clock = datetime.now(UTC), time.perf_counter()
        response: Response | None = None
        failure: Failure | None = None
        text = ""
        try:
            response = deliver(request)
        except TransportFailure as error:
            failure, text = error.kind, str(error)
        return Exchange(
            number=number,
            operation=label.operation,
            requirement=label.requirement,
            purpose=label.purpose,
            intent=label.intent,
            request=request,
            response=response,
            url=url,
            started=started.isoformat(timespec="milliseconds"),
            seconds=round(time.perf_counter() - clock, 6),
            failure=failure,
            failure_text=text,
        )

    def _spend(self) -> None:
        with self._lock:
            if self.stopped:
                raise TargetStopped(self.stopped)
            self.budget.spend(self.sent)
            self.sent += 1
