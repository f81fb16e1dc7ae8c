"""Controls: they show whether a refusal or an error is caused by its own request.

A credential expires, a gateway fails for a moment, a session ends and a login page is sent. Each of these looks as if
the current request were to blame. Therefore two rules apply to the requests of all requirements:

- If a request gets 401, 403, 429, 502, 503, 504, a login page or no answer, although its control was accepted before,
  the control is sent again. Only if it is accepted is the request itself sent again, and this answer counts.
- A request that must be refused counts only if its control is accepted after it.

If the control fails too, the credentials are renewed, or the run waits for the gateway. If neither helps, the run
stops with the cause as its reason.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from conformance.client.exchange import Headers, Intent, Request
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import RestartRequirement

if TYPE_CHECKING:
    from conformance.engine.probe import Probe

HTML = ("text/html", "application/xhtml+xml")
TRIES = 3
_PAUSE = 0.5
_WHO = ("authorization", "cookie", "x-xsrf-token")


class Interference(Enum):
    """What may have answered instead of the operation."""

    CREDENTIALS = "credentials"
    GATEWAY = "gateway"


def is_login_page(answer: Answer) -> bool:
    """Whether the answer is an HTML page or a redirect that the documentation page does not have."""
    documented = {fact.name.lower() for fact in answer.contract.operation.response_types}
    statuses = {fact.name for fact in answer.contract.operation.statuses}
    if answer.is_success:
        return answer.media_type in HTML and answer.media_type not in documented
    return answer.status in (301, 302, 303, 307, 308) and str(answer.status) not in statuses


def interference(answer: Answer) -> Interference | None:
    """What may have answered instead of the operation; None if this is the operation's own answer."""
    if answer.status in (429, 502, 503, 504) or answer.exchange.is_unanswered:
        return Interference.GATEWAY
    if answer.status in (401, 403) or is_login_page(answer):
        return Interference.CREDENTIALS
    return None


def _who(request: Request) -> Headers:
    return tuple(line for line in request.headers if line[0].lower() in _WHO)


class Controls:
    """The controls of one operation, and the last accepted exchange of each credential."""

    def __init__(self, ask: Probe) -> None:
        self._ask = ask
        self._control: Request | None = None
        self._last_success: dict[Headers, int] = {}
        """The number of the last successful exchange, by its credential."""
        self._refusals: dict[Headers, tuple[int, Request]] = {}
        """The refusals of the current trial whose control is not sent yet, by the credential of the control."""
        self._wrong: set[Headers] = set()
        """The credentials of accounts for which a wrong one was sent, and the correct one has not been sent since."""

    def judge(self, answer: Answer, control: Answer | None) -> Answer:
        """Return the answer, or the answer to the same request sent again if the first one may be interference.

        ``control`` is the answer to the valid request that a refusal is compared with. Raises TargetStopped.
        """
        request, cause = answer.request, interference(answer)
        answer.control = control
        self.after_wrong(answer)
        if cause is None or (answer.intent.must_be_refused and cause is Interference.CREDENTIALS):
            self._note(answer, control)
            return answer
        if self._control is None:
            return answer
        if not self._is_accepted(self._control):
            self._recover()
        again = self._ask.deliver(self._ask.renewed(request), answer.purpose, answer.intent)
        again.control = control
        if interference(again) is None:
            answer.disturbed = True
        self._note(again, control)
        return again

    def before_wrong(self, control: Answer) -> None:
        """Send the control if the last credential that was sent for its account was wrong. Raises TargetStopped.

        Two wrong credentials in a row could lock an account.
        """
        if _who(control.request) in self._wrong and not self._is_accepted(control.request):
            self._recover()

    def after_wrong(self, answer: Answer) -> None:
        """Record that a wrong credential was sent, if the answer's request had one."""
        if answer.intent is Intent.WRONG_CREDENTIAL and answer.control is not None:
            self._wrong.add(_who(answer.control.request))

    def begin(self) -> None:
        """Start a trial: forget the refusals of the one before."""
        self._refusals = {}

    def verify(self) -> None:
        """Send the control of the trial's refusals, unless it was accepted after them.

        If it is not accepted, the refusals are not evidence. Then it raises RestartRequirement if the target recovers,
        and TargetStopped if it does not.
        """
        waiting = [(n, control) for who, (n, control) in self._refusals.items() if n > self._last_success.get(who, -1)]
        self._refusals = {}
        for _, control in waiting:
            if not self._is_accepted(control):
                self._recover()
                raise RestartRequirement

    def _note(self, answer: Answer, control: Answer | None) -> None:
        request = answer.request
        if answer.is_success and answer.intent.is_valid:
            self._last_success[_who(request)] = answer.exchange.number
            self._wrong.discard(_who(request))
            if self._control is None or answer.intent is Intent.BASELINE:
                self._control = request
        elif answer.intent.must_be_refused and answer.is_refused:
            valid = control.request if control is not None else self._control
            if valid is not None:
                self._refusals[_who(valid)] = (answer.exchange.number, valid)

    def _is_accepted(self, request: Request) -> bool:
        answer = self._ask.deliver(self._ask.renewed(request), "control", Intent.CONTROL)
        self._note(answer, None)
        return answer.is_success and interference(answer) is None

    def _recover(self) -> None:
        """Wait until the control is accepted again. Raises TargetStopped if it is not."""
        ask, control = self._ask, self._control
        assert control is not None
        since = max(self._last_success.values(), default=-1)
        for attempt in range(TRIES):
            answer = ask.deliver(ask.renewed(control), "control", Intent.CONTROL)
            cause = interference(answer)
            if answer.is_success and cause is None:
                ask.forget(since)
                self._note(answer, None)
                return
            if cause is Interference.CREDENTIALS and not ask.target.renew():
                break
            ask.target.pause(_PAUSE * 2**attempt)
        problem = f"; {ask.target.renewal_problem}" if ask.target.renewal_problem else ""
        ask.target.stop(_why(answer, since + 1, renewable=ask.target.renewable) + problem)


def _why(answer: Answer, requests: int, *, renewable: bool) -> str:
    """The cause for a message; ``requests`` is how many were sent up to the last accepted one."""
    after = f"after {requests} requests"
    if interference(answer) is Interference.GATEWAY:
        return f"the gateway or server is not available any more {after} ({answer.outcome})"
    if answer.media_type in HTML or is_login_page(answer):
        return f"the target sends an HTML page or a redirect instead of the API's answer ({answer.outcome}) {after}"
    if interference(answer) is Interference.CREDENTIALS:
        renewed = ", also when they are read again" if renewable else ""
        return f"the credentials of --auth stopped working {after}{renewed} ({answer.outcome})"
    return f"the documented request is not accepted any more {after} ({answer.outcome})"
