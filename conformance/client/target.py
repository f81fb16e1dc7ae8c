"""The target of a run: sends within the limits, waits where it is asked to, records everything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import msgspec

from conformance import __version__
from conformance.client.budget import Budget
from conformance.client.connection import Connection, proxy_secrets, without_user
from conformance.client.credentials import Credential, Source
from conformance.client.current_credentials import CredentialHolder, CurrentCredentials
from conformance.client.exchange import Exchange, Failure, Intent, Request, Response
from conformance.client.limits import AskedToWait, BackOff, Limits, RateLimit, TargetStopped, retry_after
from conformance.client.quota import Quota
from conformance.client.recorder import Recorder
from conformance.client.redact import Redactor
from conformance.client.transport import HttpTransport, TransportFailure
from conformance.client.wire import WireResponse, send_on_wire

_LONGEST_INSTANCE = 100
USER_AGENT = f"conformance/{__version__}"
_RETRIES = 6
_TRIES = 3
_PAUSE = 0.25


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a request and what for; goes into the evidence."""

    operation: str
    requirement: str = ""
    purpose: str = ""
    intent: Intent = Intent.VARIATION


_CONTROL = Label(operation="", purpose="control: is it there?")


class Target:
    """One origin under test, with the credentials it is tested with.

    ``credentials`` in the order given, or the sources of them, read once at the start and again by ``renew``;
    ``app_token`` is sent with every authorised request where it is set.
    """

    def __init__(
        self,
        url: str,
        *,
        credentials: Sequence[Credential | Source] = (),
        app_token: str = "",
        app_token_option: str = "--app-token",
        installation: str = "onsite",
        limits: Limits | None = None,
        connection: Connection | None = None,
        transport_authenticates: bool = True,
        shared: Path | None = None,
        run_id: str = "",
        instance_header: str = "",
    ) -> None:
        self.url = url
        self.user_agent = f"{USER_AGENT} (run {run_id})" if run_id else USER_AGENT
        """With the run's id, so that the server's log shows which requests were of this run."""
        self.instance_header = instance_header
        self.connection = connection or Connection()
        self._holder = CredentialHolder(credentials, app_token, app_token_option, self.connection, shared)
        self.installation = installation
        self.limits = limits or Limits()
        self.recorder = Recorder()
        self.may_know_us = transport_authenticates and self.connection.may_identify
        """Whether the target could know the sender by certificate, header or cookie, without a credential."""
        self.redactor = Redactor()
        self.secrets: dict[str, None] = {}
        """All secrets that the run has presented so far."""
        self.past: list[CurrentCredentials] = []
        """What was presented before each renewal, latest last; in the process that reports also by the workers."""
        self.sent = 0
        self.budget = Budget(self.limits)
        self.quotas: dict[str, Quota] = {}
        """How many requests the operations may get, by id; the others as many as are asked for."""
        self._transport = HttpTransport(url, self.limits, self.connection)
        self.redactor.learn(proxy_secrets(self._transport.dialer.proxy))
        self._take()
        self._pace = RateLimit(self.limits.rate)
        self._patience = BackOff(self.limits.max_wait)
        self._lock = threading.Lock()
        self._answered: Request | None = None
        self.stopped = ""
        """Why nothing more is sent; empty while the run goes on."""

    def stop(self, reason: str) -> NoReturn:
        """Send nothing more, in this run, for ``reason``; raises TargetStopped."""
        with self._lock:
            self.stopped = self.stopped or reason
        raise TargetStopped(self.stopped)

    def pause(self, seconds: float) -> None:
        """Give the target time to recover; raises AskedToWait once the run has waited ``max_wait`` seconds."""
        try:
            self._patience.sleep(seconds)
        except AskedToWait:
            self.budget.note(f"--max-wait {self.limits.max_wait:g}")
            raise

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    @property
    def held(self) -> CurrentCredentials:
        """What is presented at this moment."""
        return self._holder.held

    @property
    def renewable(self) -> bool:
        """Whether reading credentials, application token and headers again can give others."""
        return self._holder.renewable

    @property
    def renewal_problem(self) -> str:
        """Why something could not be read the last time, for people; empty if all was."""
        return self._holder.held.problem

    def renew(self) -> bool:
        """Read all that can be read again; gives whether any of it presents itself otherwise than before.

        ``credentials`` keeps its order: the credential at a position stays there. Threads and processes of the run that
        ask at the same time read once, together. What cannot be read stays as it is (``renewal_problem``).
        """
        before = self.held
        changed = self._holder.renew()
        with self._lock:
            if self.held.presented != before.presented and before not in self.past:
                self.past.append(before)
        self._take()
        return changed

    @property
    def shares(self) -> bool:
        """Whether the processes of a run should read together: what they read is made new each time."""
        return self._holder.is_asked_for

    def share(self, folder: Path) -> None:
        """Read together with other processes of the run from now on; they are given the same folder (``shared``)."""
        self._holder.share(folder)

    def _take(self) -> None:
        held = self.held
        # Known before it is sent: an exchange may be written at any moment.
        self.secrets |= dict.fromkeys(held.secrets)
        self.redactor.learn(held.secrets)
        self.credentials, self.app_token = held.credentials, held.app_token
        self.connection = msgspec.structs.replace(self.connection, carried=held.carried)

    @property
    def proxy(self) -> str:
        """The proxy that requests go through, the environment's too, as it may be shown; empty without one."""
        return without_user(self._transport.dialer.proxy) if self._transport.dialer.proxy else ""

    def instance(self, exchange: Exchange) -> str:
        """Which instance of the target answered, by ``--instance-header``; empty if that is not known."""
        response = exchange.response
        found = response.header(self.instance_header) if response is not None and self.instance_header else None
        return self.redactor.line(found or "")[:_LONGEST_INSTANCE]

    @property
    def has_wire(self) -> bool:
        """Whether bytes on the wire are the target's own: a proxy that is not a tunnel frames messages itself."""
        return not self._transport.dialer.forwards

    def listens(self) -> bool:
        """Whether something accepts connections there; sends nothing."""
        return self._transport.dialer.answers(timeout=2)

    def send(self, request: Request, label: Label) -> Exchange:
        """Send and record; raises BudgetUsedUp or AskedToWait, never for what the target does."""
        return self._send(request, label, self.recorder.reserve())

    def send_parallel(self, requests: Sequence[Request], label: Label) -> list[Exchange]:
        """Send all at the same time, each on a connection of its own; answers in the order of the requests."""
        first = self.recorder.reserve(len(requests))
        with ThreadPoolExecutor(max_workers=len(requests)) as pool:
            jobs = [pool.submit(self._send_alone, r, label, first + i, first) for i, r in enumerate(requests)]
            return [job.result() for job in jobs]

    def _send_alone(self, request: Request, label: Label, number: int, batch: int) -> Exchange:
        try:
            return self._send(request, label, number, batch=batch)
        finally:
            self._transport.close_own()

    def send_on_wire(self, request: Request, label: Label) -> tuple[Exchange, WireResponse | None]:
        """Send on a connection of its own and read every byte; None where no response came."""
        seen: list[WireResponse] = []

        def deliver(dressed: Request) -> Response:
            wire = send_on_wire(self._transport, dressed, self.limits)
            seen[:] = [wire]
            return wire.response

        exchange = self._send(request, label, self.recorder.reserve(), deliver)
        if not seen or exchange.response is None:
            return exchange, None
        # The response as it is kept: its body may be large.
        return exchange, msgspec.structs.replace(seen[0], response=exchange.response)

    def _send(
        self,
        request: Request,
        label: Label,
        number: int,
        deliver: Callable[[Request], Response] | None = None,
        batch: int | None = None,
    ) -> Exchange:
        quota = self.quotas.get(label.operation)
        if quota is not None:
            quota.spend(request, label.intent)
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

    def _keep(self, exchange: Exchange) -> Exchange:
        exchange = self.recorder.add(exchange)
        self.redactor.learn_sent(exchange.request.headers)
        if exchange.response is not None:
            self._answered = exchange.request
        elif exchange.is_unanswered and self._answered is not None:
            self._look_after(exchange)
        return exchange

    def _look_after(self, failed: Exchange) -> None:
        """Where no answer came: is that what this request did, or does the target answer nothing any more?

        A request that was answered before is sent again, three times at most: one answer that is lost ends no run.
        Raises TargetStopped where none of these is answered.
        """
        known = self._answered
        assert known is not None
        for attempt in range(_TRIES):
            if attempt:
                self.pause(_PAUSE * 2**attempt)
            control = self._once(known, _CONTROL, self.recorder.reserve(), self._transport.send)
            self.recorder.add(control)
            if not control.is_unanswered:
                return
        self.stop(
            f"the target does not answer any more after {self.sent} requests ({control.failure_text}), "
            "also not what it answered before"
        )

    def _once(self, request: Request, label: Label, number: int, deliver: Callable[[Request], Response]) -> Exchange:
        request = self.connection.dress(request)
        url = self._transport.url(request)
        self._spend()
        self._pace.wait()
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
