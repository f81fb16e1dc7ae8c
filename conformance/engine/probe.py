"""``ask``: the only object through which a requirement sends requests; it also keeps the score of the checks.

A request that was answered once in a run is not sent again, except with ``bypass_cache``. Within one trial these
answers are remembered too. So an attempt that is repeated, as Hypothesis does to shrink and confirm, sees the same
answers, and recorded answers can replace the target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from conformance.client.exchange import Exchange, Headers, Intent, Request
from conformance.client.sender import Label
from conformance.client.target import Target
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import AnswerTooLarge, Inconclusive
from conformance.comparison.target_facts import FactName, TargetFacts
from conformance.contract.model import OperationContract
from conformance.engine.config import Config
from conformance.engine.controls import Controls
from conformance.engine.profile import Profile
from conformance.engine.relation import Relation
from conformance.engine.request_builder import RequestBuilder
from conformance.engine.score import Score
from conformance.engine.trial import Trial

_ON_WIRE = -2
"""Used as the occurrence in a memo key for answers on a separate connection."""


class Probe(RequestBuilder, Score):
    """Sends requests about one operation: ``ask(purpose, ...)`` returns the ``Answer`` to a request.

    ``confirm`` is how often a failure is sent again before it is reported. Without ``wrong_credentials``, credentials
    that are almost correct are not sent.
    """

    def __init__(
        self,
        contract: OperationContract,
        target: Target,
        profile: Profile,
        config: Config,
        seed: int,
        *,
        confirm: int = 3,
        wrong_credentials: bool = True,
    ) -> None:
        super().__init__(contract, target)
        self.profile = profile
        self.config = config
        self.seed = seed
        self.confirm = confirm
        self.wrong_credentials = wrong_credentials
        self.facts = TargetFacts()
        self.learned_from: list[tuple[int, ...]] = []
        """For each of ``facts.notes`` the numbers of the exchanges from which it was learned."""
        self.paths: tuple[str, ...] = (contract.operation.path,)
        """The paths of all operations of the contract, whether or not they are called."""
        self.trial = Trial("")
        self.controls = Controls(self)
        self._lines: dict[tuple[str, str], tuple[int, int]] = {}
        """Each header line that was used for a credential: the credential's position, and which of its lines."""
        self._record_lines()
        self.is_released = False
        """Whether its answers are not in memory any more."""
        self._cache: dict[Request, Answer] = {}
        self._first: dict[Request, Answer] = {}
        self._answers: list[Answer] = []

    def __call__(
        self,
        purpose: str,
        *,
        bypass_cache: bool = False,
        intent: Intent | None = None,
        control: Answer | None = None,
        **changes: Any,
    ) -> Answer:
        """Send the baseline request with ``changes`` (see ``request``), or return the answer that it already has.

        ``purpose`` says for people why the request is sent. ``intent`` decides which requirements judge the answer; by
        default the request is valid. ``control`` is the answer to the valid request that a refusal is compared with.
        Raises AnswerTooLarge; ShrinkBudgetUsedUp; Inconclusive for a wrong credential that may not be sent;
        RestartRequirement or what ends the run (``attempts.STOPS``).
        """
        request = self.request(**changes)
        intent = intent or (Intent.VARIATION if changes else Intent.BASELINE)
        trial = self.trial
        if trial.bypass:
            return _whole(self._send(request, purpose, intent, control))
        occurrence = trial.asked.get(request, 0)
        trial.asked[request] = occurrence + 1
        key = (trial.draws, request, occurrence if bypass_cache else -1)
        if trial.resend is not None and request in trial.resend:
            if key not in trial.resent:
                trial.resent[key] = self._send(request, purpose, intent, control)
            trial.use(trial.resent[key].exchange.number, purpose, intent)
            return _whole(trial.resent[key]).used_as(purpose)
        answer = trial.memo.get(key) or (None if bypass_cache else self._cache.get(request))
        if answer is None:
            trial.spend_shrink_budget()
            answer = self._send(request, purpose, intent, control)
        elif intent.is_valid and not answer.intent.is_valid:
            # Discovery tried it as a guess, but it is a valid request.
            answer.intent = intent
        trial.memo[key] = answer
        trial.use(answer.exchange.number, purpose, intent)
        return _whole(answer).used_as(purpose)

    def baseline(self, *, bypass_cache: bool = False) -> Answer:
        """Send the baseline request without changes; see ``__call__``."""
        return self("baseline", bypass_cache=bypass_cache)

    def note(self, name: FactName, value: str, *, found: bool = True, of: Sequence[Answer] = ()) -> None:
        """Note a fact, learned from the answers ``of``; without them, from all that this step of discovery used."""
        self.facts.note(name, value, found=found)
        used = {answer.exchange.number for answer in of} or {number for number, _, _ in self.trial.log[-1].uses}
        self.learned_from.append(tuple(sorted(used)))

    def first_answer(self, **changes: Any) -> Answer:
        """The first answer of the run to a request; it must have been sent before."""
        return self._first[self.request(**changes)]

    def answers_caused_by(self, provoke: Callable[[], object]) -> list[Answer]:
        """Call ``provoke``, and return the answers to the requests that it sends."""
        count = len(self._answers)
        provoke()
        return self._answers[count:]

    def again(self, answers: Sequence[Answer]) -> list[Answer]:
        """Send the requests of these answers again in the same way: one by one, in parallel, or on a separate
        connection. They are recorded as requests of the requirement that sent them first."""
        came: list[Answer] = []
        for group in _batches(answers):
            first = group[0]
            label = self._label(first.exchange.purpose, first.intent, first.exchange.requirement)
            requests = [self.renewed(answer.request) for answer in group]
            if first.is_read_to_end:
                came.append(self._keep(requests[0], self.target.send_on_wire(requests[0], label)))
            elif len(group) > 1:
                came += map(self._keep, requests, self.target.send_parallel(requests, label))
            else:
                if first.intent is Intent.WRONG_CREDENTIAL and first.control is not None:
                    self.controls.before_wrong(first.control)
                came.append(self._keep(requests[0], self.target.send(requests[0], label)))
                came[-1].control = first.control
                self.controls.after_wrong(came[-1])
        return came

    def together(self, purpose: str, changes: Sequence[dict[str, Any]]) -> list[Answer]:
        """Send several requests in parallel, always; return the answers in the order of ``changes``."""
        requests = [self.request(**change) for change in changes]
        label = self._label(purpose, Intent.VARIATION)
        answers = list(map(self._keep, requests, self.target.send_parallel(requests, label)))
        return [_whole(answer) for answer in answers]

    def on_wire(self, purpose: str, *, intent: Intent = Intent.VARIATION, **changes: Any) -> Answer:
        """Send on a separate connection and read every byte: the response has what an HTTP library would hide
        (``trailing``, ``framing_problem``).

        Raises NotApplicable if the bytes are those of a proxy.
        """
        if not self.target.has_wire:
            raise self.not_given("the target is behind a proxy", "the bytes on the wire are not the target's own")
        request = self.request(**changes)
        key = (self.trial.draws, request, _ON_WIRE)
        if self.trial.resend is not None and request not in self.trial.resend and key in self.trial.memo:
            self.trial.use(self.trial.memo[key].exchange.number, purpose, intent)
            return _whole(self.trial.memo[key])
        exchange = self.target.send_on_wire(request, self._label(purpose, intent))
        answer = self.trial.memo[key] = self._keep(request, exchange)
        return _whole(answer)

    @property
    def answers(self) -> list[Answer]:
        """All answers of this run to requests about this operation, oldest first."""
        return list(self._answers)

    def release(self) -> None:
        """Keep no answer any more: all requirements of the operation have their results."""
        self.is_released = True
        self.trial = Trial(self.trial.id)
        self.controls = Controls(self)
        self._cache, self._first, self._answers = {}, {}, []
        self.facts = self.facts.for_pairing()

    def as_sent(self, number: int) -> Exchange:
        """The exchange with this number as its request was sent, secrets included, and without its response."""
        answer = next(each for each in self._answers if each.exchange.number == number)
        request, url = self.target.as_sent(answer.request)
        values = msgspec.structs.asdict(answer.exchange) | {"request": request, "url": url, "response": None}
        return Exchange(**values)

    def deliver(self, request: Request, purpose: str, intent: Intent) -> Answer:
        """Send a request unchanged and keep the answer; ``Controls`` decides whether it counts."""
        answer = self._keep(request, self.target.send(request, self._label(purpose, intent)))
        if answer.is_success:
            self._cache[request] = answer
        return answer

    def renewed(self, request: Request) -> Request:
        """The request with the current credentials, if those in it have been renewed."""
        self._record_lines()
        current = self._credential_lines()
        places = [self._lines.get(line) for line in request.headers]
        headers = tuple(
            line if place is None else current[place[0]][place[1]]
            for line, place in zip(request.headers, places, strict=True)
        )
        return request if headers == request.headers else msgspec.structs.replace(request, headers=headers)

    def _credential_lines(self) -> list[Headers]:
        """The header lines of each current credential, and those of the application token last."""
        token = self.target.app_token
        return [*(each.headers() for each in self.target.credentials), (("SO-AppToken", token),) if token else ()]

    def _record_lines(self) -> None:
        for position, lines in enumerate(self._credential_lines()):
            for index, line in enumerate(lines):
                self._lines.setdefault(line, (position, index))

    def forget(self, since: int) -> None:
        """Use the target's renewed credentials from now on, and forget refusals after exchange ``since``: they were
        caused by the old credentials."""
        for answer in self._answers:
            if answer.exchange.number > since and answer.status in (401, 403):
                answer.disturbed = True
        kept = {request: answer for request, answer in self._cache.items() if not answer.disturbed}
        self._cache = {self.renewed(request): answer for request, answer in kept.items()}
        self._first = {self.renewed(request): answer for request, answer in self._first.items()}

    def _send(self, request: Request, purpose: str, intent: Intent, control: Answer | None) -> Answer:
        if intent is Intent.WRONG_CREDENTIAL:
            if not self.wrong_credentials:
                reason = "--no-wrong-credentials: the request that would decide this is not sent"
                self.leave_inconclusive(reason)
                raise Inconclusive(reason)
            if control is not None:
                self.controls.before_wrong(control)
        answer = self.controls.judge(self.deliver(request, purpose, intent), control)
        self._cache[request] = answer
        self._first.setdefault(request, answer)
        return answer

    def _keep(self, request: Request, exchange: Exchange) -> Answer:
        answer = Answer(exchange, self.contract, request)
        self._answers.append(answer)
        self.trial.use(exchange.number, exchange.purpose, exchange.intent)
        return answer

    def _label(self, purpose: str, intent: Intent, requirement: str | None = None) -> Label:
        sender = self.trial.id if requirement is None else requirement
        return Label(operation=self.operation.id, requirement=sender, purpose=purpose, intent=intent)

    def relate(
        self,
        purpose: str,
        judge: Callable[[Answer, Answer], None],
        *,
        baseline: dict[str, Any] | None = None,
        bypass_cache: bool = False,
        provoke: Callable[[], object] = lambda: None,
        reset: Callable[[], object] = lambda: None,
        intent: Intent = Intent.VARIATION,
        **changes: Any,
    ) -> None:
        """Compare the answer to a changed request with the answer to the baseline request by ``judge``.

        ``baseline`` are changes to the baseline request, ``changes`` those of the changed request. ``provoke`` is
        called directly before each changed request, to send one that may influence it. ``reset`` is called before
        each baseline request that is sent again, so that a permanent influence is not mistaken for the target's data.
        Raises RequirementFailed only for an effect of the change (see ``Relation``), and Inconclusive for live data.
        """
        Relation(self, purpose, judge, baseline or {}, changes, provoke, reset, intent).hold(bypass_cache=bypass_cache)


def _whole(answer: Answer) -> Answer:
    """The answer. Raises AnswerTooLarge if it was not read to its end, which is not a failure of the server."""
    if answer.too_large:
        raise AnswerTooLarge(answer.too_large)
    return answer


def _batches(answers: Sequence[Answer]) -> list[list[Answer]]:
    groups: list[list[Answer]] = []
    for answer in answers:
        batch = answer.exchange.batch
        if groups and batch is not None and groups[-1][-1].exchange.batch == batch:
            groups[-1].append(answer)
        else:
            groups.append([answer])
    return groups
