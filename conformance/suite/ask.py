"""``ask``: a requirement's only contact to the world. It sends, remembers, checks and keeps the score.

A request that was answered once in a run is not sent again, unless ``fresh`` asks for it; within one trial even
fresh answers are remembered, so that a trial that is run again (Hypothesis does, to shrink and to confirm) sees
what it saw, and so that recorded answers can take the place of the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

from conformance.contract.model import OperationContract
from conformance.suite.answer import Answer, is_json
from conformance.suite.compare import lingers
from conformance.suite.config import Config
from conformance.suite.known import Known
from conformance.suite.outcome import Broken, NotApplicable, Undecided
from conformance.suite.profile import Profile
from conformance.suite.requirement import Requirement
from conformance.suite.trial import Trial
from conformance.target.codec_json import encode_json
from conformance.target.credentials import Credential
from conformance.target.exchange import Exchange, Headers, Request
from conformance.target.target import USER_AGENT, Label, Target
from conformance.target.wire import WireResponse

T = TypeVar("T")


class ShrinkBudgetUsedUp(Exception):
    """A failure is found and the requests for making it smaller are spent."""


class _Default:
    """Stands for: as in the plain request."""


DEFAULT = _Default()


class Ask:
    """Sends requests about one operation. Called, it returns the ``Answer`` to a request.

    ``on_settle`` is what a collected test calls to have its requirement tried and reported.
    """

    def __init__(
        self,
        contract: OperationContract,
        target: Target,
        profile: Profile,
        config: Config,
        seed: int,
        settle: Callable[[Requirement, Ask], object],
    ) -> None:
        self.contract = contract
        self.operation = contract.operation
        self.target = target
        self.profile = profile
        self.config = config
        self.seed = seed
        self.known = Known()
        self.credential: Credential | None = target.credentials[0] if target.credentials else None
        self.on_settle = settle
        self._cache: dict[Request, Answer] = {}
        self._first: dict[Request, Answer] = {}
        self._answers: list[Answer] = []
        self.trial = Trial("")

    def settle(self, requirement: Requirement) -> None:
        """Have the requirement tried and its result reported."""
        self.on_settle(requirement, self)

    # -- requests ---------------------------------------------------------------------------------------------

    def request(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        select: Sequence[str] | None = None,
        query: str | None = None,
        accept: str | _Default | None = DEFAULT,
        content_type: str | _Default | None = DEFAULT,
        body: Any = DEFAULT,
        raw: bytes | None = None,
        credential: Credential | _Default | None = DEFAULT,
        headers: Headers = (),
        chunked: bool = False,
    ) -> Request:
        """The plain request with what is given here in place of its own.

        ``select`` are names for ``$select``, ``query`` a query string as it is; ``None`` for ``accept``,
        ``content_type`` and ``credential`` leaves the header out. ``body`` is a JSON value, ``raw`` the bytes as they
        are. ``headers`` come last, in the spelling given.
        """
        if query is None and select is not None:
            query = "$select=" + ",".join(quote(name, safe="/") for name in select)
        target = (path or self.operation.path) + (f"?{query}" if query is not None else "")
        credential = self.credential if isinstance(credential, _Default) else credential
        accept = self.json_type if isinstance(accept, _Default) else accept
        if isinstance(content_type, _Default):
            content_type = self.json_request_type if self.operation.request is not None else None
        lines: list[tuple[str, str]] = [("User-Agent", USER_AGENT)]
        if accept is not None:
            lines.append(("Accept", accept))
        if content_type is not None:
            lines.append(("Content-Type", content_type))
        if credential is not None:
            lines += credential.headers()
            if self.target.app_token:
                lines.append(("SO-AppToken", self.target.app_token))
        if raw is None:
            value = self.known.body if isinstance(body, _Default) else body
            raw = encode_json(value) if self.operation.request is not None else b""
        return Request(
            method=method or self.operation.method, target=target, headers=(*lines, *headers), body=raw, chunked=chunked
        )

    @property
    def json_type(self) -> str:
        """The first documented response type that is JSON, or the first one at all."""
        names = [fact.name for fact in self.operation.response_types]
        return next((name for name in names if is_json(name)), names[0] if names else "application/json")

    @property
    def json_request_type(self) -> str:
        """The first documented request type that is JSON."""
        return next((fact.name for fact in self.operation.request_types if is_json(fact.name)), "application/json")

    def __call__(self, role: str, *, fresh: bool = False, **changes: Any) -> Answer:
        """Send the plain request with ``changes`` (see ``request``), or give the answer that it already had."""
        request = self.request(**changes)
        trial = self.trial
        occurrence = trial.asked.get(request, 0)
        trial.asked[request] = occurrence + 1
        key = (trial.draws, request, occurrence if fresh else -1)
        answer = trial.memo.get(key) or (None if fresh else self._cache.get(request))
        if answer is None:
            self._spend_shrink_budget()
            answer = self._keep(self.target.send(request, self._label(role)))
            self._cache[request] = answer
            self._first.setdefault(request, answer)
        trial.memo[key] = answer
        trial.numbers.add(answer.exchange.number)
        return answer

    def plain(self, *, fresh: bool = False) -> Answer:
        """The request that discovery settled on, with nothing else in it."""
        return self("plain", fresh=fresh)

    def again(self, answer: Answer) -> Answer:
        """Send the request of an answer once more, in the same role, and in the name of who sent it first."""
        exchange = answer.exchange
        label = Label(operation=self.operation.id, requirement=exchange.requirement, role=exchange.role)
        return self._keep(self.target.send(exchange.request, label))

    def together(self, role: str, changes: Sequence[dict[str, Any]]) -> list[Answer]:
        """Send several requests at the same time; answers in the order given. Never answered from memory."""
        requests = [self.request(**change) for change in changes]
        answers = [self._keep(e) for e in self.target.send_parallel(requests, self._label(role))]
        self.trial.numbers |= {answer.exchange.number for answer in answers}
        return answers

    def on_wire(self, role: str, **changes: Any) -> Answer:
        """Send on a connection of its own and read every byte; ``answer.wire`` has what a library would hide."""
        if not self.target.has_wire:
            raise NotApplicable("a proxy stands between, so the bytes on the wire are not the target's own")
        exchange, wire = self.target.send_on_wire(self.request(**changes), self._label(role))
        return self._keep(exchange, wire)

    @property
    def answers(self) -> list[Answer]:
        """Every answer of this run to requests about this operation, oldest first."""
        return list(self._answers)

    def _keep(self, exchange: Exchange, wire: WireResponse | None = None) -> Answer:
        answer = Answer(exchange, self.contract, wire)
        self._answers.append(answer)
        self.trial.numbers.add(exchange.number)
        return answer

    def _label(self, role: str) -> Label:
        return Label(operation=self.operation.id, requirement=self.trial.id, role=role)

    def _spend_shrink_budget(self) -> None:
        if self.trial.shrink_budget is not None:
            if self.trial.shrink_budget <= 0:
                raise ShrinkBudgetUsedUp
            self.trial.shrink_budget -= 1

    def few(self, items: Iterable[T], in_smoke: int) -> list[T]:
        """All of the items, or only the first ones where the profile wants as few requests as will do."""
        listed = list(items)
        return listed[:in_smoke] if self.profile.smoke_only else listed

    # -- the score ----------------------------------------------------------------------------------------------

    def check(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """One comparison. It counts as evidence where it holds, and raises Broken where it does not."""
        self.trial.checks += 1
        if not holds:
            raise Broken(message, expected=expected, actual=actual, answers=of)

    def prefer(self, holds: bool, message: str, *, expected: Any, actual: Any, of: Sequence[Answer]) -> None:
        """A comparison that can only warn, whatever the requirement's level."""
        self.trial.checks += 1
        if not holds:
            self.trial.warnings.append(Broken(message, expected=expected, actual=actual, answers=of))

    def observe(self, text: str) -> None:
        """Record what the target does where the page leaves it open."""
        self.trial.checks += 1
        self.trial.observations.append(text)

    def incomplete(self, reason: str) -> None:
        """A part of the requirement stays open, so that it cannot pass, whatever its other parts show."""
        self.trial.incomplete.append(reason)

    def need(self, *answers: Answer) -> None:
        """Go on only if these were served; otherwise nothing can be said here (another requirement says why)."""
        for answer in answers:
            if not answer.accepted:
                raise Undecided(f"the request that is needed here ({answer.exchange.role}) got {answer.outcome}")

    def served(self, answer: Answer, what: str, *, beside: Sequence[Answer] = ()) -> None:
        """Check that the request was accepted: 2xx."""
        self.check(
            answer.accepted, f"{what} is not accepted", expected="2xx", actual=answer.outcome, of=(*beside, answer)
        )

    # -- relations ----------------------------------------------------------------------------------------------

    def relate(
        self,
        role: str,
        judge: Callable[[Answer, Answer], None],
        *,
        plain: dict[str, Any] | None = None,
        fresh: bool = False,
        provoke: Callable[[], object] = lambda: None,
        reset: Callable[[], object] = lambda: None,
        **changes: Any,
    ) -> None:
        """Hold the answer to a changed request against the plain one; blame the change only for what it does.

        Where ``judge(plain, changed)`` breaks, the changed request is sent again between two plain ones: the
        target's data may have moved meanwhile. Only if it disagrees with both neighbours, time after time, it is
        broken. What the neighbours differ in is noted as volatile. ``provoke`` is called right before each changed
        request, for what one request may do to the next, and ``reset`` before each plain one that is sent again: what
        lingers for good would otherwise be taken for how the target is.
        """
        plain = plain or {}
        first = self("plain", **plain)
        if fresh:
            # What lingers may have changed all but the very first.
            first = self._first[self.request(**plain)]
        provoked = self._sent_by(provoke)
        changed = self(role, fresh=fresh, **changes)
        try:
            with self._attempt():
                judge(first, changed)
            return
        except Broken as broken:
            failure = broken.with_answers_before_last(provoked)
        if provoked and lingers(first, provoked[-1], changed, self.known):
            raise failure
        for _ in range(self.profile.sandwiches):
            reset()
            before = self("plain", fresh=True, **plain)
            provoked = self._sent_by(provoke)
            changed = self(role, fresh=True, **changes)
            reset()
            after = self("plain", fresh=True, **plain)
            for neighbour in (before, after):
                try:
                    with self._attempt():
                        judge(neighbour, changed)
                    return
                except Broken as broken:
                    failure = broken.with_answers_before_last(provoked)
            self.learn_by_itself(**plain)
        raise failure

    def _sent_by(self, provoke: Callable[[], object]) -> list[Answer]:
        count = len(self._answers)
        provoke()
        return self._answers[count:]

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        # Warnings of an attempt that is judged again are not findings.
        warnings = list(self.trial.warnings)
        try:
            yield
        except Broken:
            self.trial.warnings = warnings
            raise

    def learn_by_itself(self, **plain: Any) -> None:
        """Note what the target changes by itself.

        Of three plain requests in a row the last two come after nothing but plain ones: what they differ in is not the
        doing of a request before.
        """
        self("plain", fresh=True, **plain)
        self.learn_changes(self("plain", fresh=True, **plain), self("plain", fresh=True, **plain))

    def learn_changes(self, before: Answer, after: Answer) -> None:
        """Note what two answers to one request differ in: volatile properties, order, elements that come and go."""
        old, new = before.rows(self.known.xml_path), after.rows(self.known.xml_path)
        identity = self.known.identity
        if not old or not new or identity is None:
            return
        mine = {str(row.get(identity)): row for row in old}
        theirs = {str(row.get(identity)): row for row in new}
        if mine.keys() != theirs.keys():
            self.known.live = True
        both = [key for key in mine if key in theirs]
        if both != [key for key in theirs if key in mine]:
            self.known.ordered = False
        for key in both:
            for name in mine[key].keys() | theirs[key].keys():
                if mine[key].get(name) != theirs[key].get(name):
                    self.known.volatile.add(name)
                    self.known.live = True
