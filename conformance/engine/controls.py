"""Controls: whether a refusal or an error says something of its own request.

A credential lapses, a gateway fails now and then, a session ends and a login page comes. Each of these looks as if the
request at hand were to blame. So two rules hold, whatever requirement sends:

- A request that gets 401, 403, 429, 502, 503, 504, a login page or no answer although its control was accepted before
  is only believed after the control was accepted once more, and the request itself was sent again.
- A request that has to be refused counts only if its control is accepted after it.

Where the control fails too, the credentials are renewed, or the gateway is given time. If neither helps, the run stops
with the cause as its reason.
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
    """Who may have answered in place of the operation."""

    CREDENTIALS = "credentials"
    GATEWAY = "gateway"


def is_login_page(answer: Answer) -> bool:
    """Whether an HTML page came, or a redirect, where the page documents neither."""
    documented = {fact.name.lower() for fact in answer.contract.operation.response_types}
    statuses = {row.name for row in answer.contract.operation.statuses}
    if answer.is_success:
        return answer.media_type in HTML and answer.media_type not in documented
    return answer.status in (301, 302, 303, 307, 308) and str(answer.status) not in statuses


def interference(answer: Answer) -> Interference | None:
    """Who may have answered in place of the operation; None where this is the operation's own answer."""
    if answer.status in (429, 502, 503, 504) or answer.exchange.is_unanswered:
        return Interference.GATEWAY
    if answer.status in (401, 403) or is_login_page(answer):
        return Interference.CREDENTIALS
    return None


def _who(request: Request) -> Headers:
    return tuple(line for line in request.headers if line[0].lower() in _WHO)


class Controls:
    """The controls of one operation: who was accepted last, and when."""

    def __init__(self, ask: Probe) -> None:
        self._ask = ask
        self._control: Request | None = None
        self._accepted: dict[Headers, int] = {}
        """Numbers of the last accepted exchange, by its credential."""
        self._refused: dict[Headers, tuple[int, Request]] = {}
        """Refusals of the current trial that wait for their control, by the credential of that."""
        self._wrong: set[Headers] = set()
        """Credentials of which a wrong one was presented and the right one not since."""

    def judge(self, answer: Answer, control: Answer | None) -> Answer:
        """The answer, or the one that the same request got when it was sent again.

        ``control`` is the accepted request that a refusal is compared with. Raises TargetStopped, or StartAgain.
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
        """Present the right credential if the last one that was presented for this account was wrong."""
        if _who(control.request) in self._wrong and not self._is_accepted(control.request):
            self._recover()

    def after_wrong(self, answer: Answer) -> None:
        """Note that a wrong credential was presented, if it was."""
        if answer.intent is Intent.WRONG_CREDENTIAL and answer.control is not None:
            self._wrong.add(_who(answer.control.request))

    def begin(self) -> None:
        """A trial starts."""
        self._refused = {}

    def verify(self) -> None:
        """Send the control of the last refusal of the trial, unless it was accepted since.

        Raises StartAgain if the refusals prove nothing and the target is well again, TargetStopped if it is not.
        """
        waiting = [(n, control) for who, (n, control) in self._refused.items() if n > self._accepted.get(who, -1)]
        self._refused = {}
        for _, control in waiting:
            if not self._is_accepted(control):
                self._recover()
                raise RestartRequirement

    def _note(self, answer: Answer, control: Answer | None) -> None:
        request = answer.request
        if answer.is_success and answer.intent.is_valid:
            self._accepted[_who(request)] = answer.exchange.number
            self._wrong.discard(_who(request))
            if self._control is None or answer.intent is Intent.BASELINE:
                self._control = request
        elif answer.intent.must_be_refused and answer.is_refused:
            right = control.request if control is not None else self._control
            if right is not None:
                self._refused[_who(right)] = (answer.exchange.number, right)

    def _is_accepted(self, request: Request) -> bool:
        answer = self._ask.deliver(self._ask.renewed(request), "control", Intent.CONTROL)
        self._note(answer, None)
        return answer.is_success and interference(answer) is None

    def _recover(self) -> None:
        """Return once the control is accepted again; raises TargetStopped where it is not."""
        ask, control = self._ask, self._control
        assert control is not None
        since = max(self._accepted.values(), default=-1)
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
    """The cause; ``requests`` were sent up to the last one that was accepted."""
    after = f"after {requests} requests"
    if interference(answer) is Interference.GATEWAY:
        return f"the gateway or server is not available any more {after} ({answer.outcome})"
    if answer.media_type in HTML or is_login_page(answer):
        return f"an HTML page or a redirect comes instead of the API's answer ({answer.outcome}) {after}"
    if interference(answer) is Interference.CREDENTIALS:
        renewed = ", also when they are read again" if renewable else ""
        return f"the credentials of --auth stopped working {after}{renewed} ({answer.outcome})"
    return f"the documented request is not accepted any more {after} ({answer.outcome})"
