"""Metamorphic relations: what a changed request must not change in the answer.

Theory of operation
-------------------
Nothing is known in advance about the data of a target, so the answer to a changed request is judged beside the answer
to the baseline request. The data may be live: a progress value grows, a task starts, the order changes. A difference
between the two answers alone therefore proves nothing. The relation is confirmed before the change is blamed:

1. *First comparison.* ``judge(baseline, changed)`` accepts the two answers: the relation holds. This is the usual case,
   and it needs no extra request, because a request that was already sent is not sent again.
2. *Confirmation.* ``judge`` rejects them. The changed request is sent again, with one baseline request directly before
   it and one directly after it. If ``judge`` accepts ``(before, changed)`` or ``(after, changed)``, the data has
   changed between the first two answers, and nothing is blamed.
3. ``judge`` rejects both. Now ``before`` and ``after`` are compared with each other (``differences``):

   - They are equal. Only the request was different, so the relation has failed.
   - They differ. Either the data is live, or the changed request itself changes the data. Baseline requests are sent
     in a row, without any other request between them. If their answers are equal, only the changed request makes a
     difference, and the relation has failed. If they differ, the properties in which they differ are recorded as live
     data, which ``judge`` then ignores, and step 2 is repeated, at most ``ATTEMPTS`` times. If the data still differs
     after that, the relation is inconclusive.

State leakage is tested in the same way: ``provoke`` sends a request that may influence the next one, ``reset`` sends a
request that removes such an influence. The changed answer then shows what ``provoke`` got instead of what the baseline
got. Live data can look like that once, so it must be seen in two attempts.

A failure is then confirmed like every other failure (``confirmation``): each repetition does step 2 again. A relation
that held is sent again in a repetition only if its request belongs to the failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.elements import identities, is_equal, is_state_leaked
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.engine.live_data import record_changes

if TYPE_CHECKING:
    from conformance.engine.probe import Probe

ATTEMPTS = 5

Judgement = Callable[[Answer, Answer], None]
Changes = dict[str, Any]


class Relation:
    """One relation of an attempt; ``provoke`` and ``reset`` send what has to come right before."""

    def __init__(
        self,
        ask: Probe,
        purpose: str,
        judge: Judgement,
        baseline: Changes,
        changed: Changes,
        provoke: Callable[[], object],
        reset: Callable[[], object],
        intent: Intent,
    ) -> None:
        self._ask = ask
        self._role = purpose
        self._judge = judge
        self._baseline = baseline
        self._changed = changed
        self._provoke = provoke
        self._reset = reset
        self._intent = intent

    def hold(self, *, bypass_cache: bool) -> None:
        """Raise Broken if the relation does not hold; Undecided if the data moves too much to say so."""
        trial = self._ask.trial
        place = (trial.draws, trial.relations)
        trial.relations += 1
        if trial.resend is None:
            failure = self._first_look(bypass_cache)
        elif place not in trial.held:
            failure = self._in_repetition()
        else:
            self._warn_again(trial.resend)
            return
        if failure is not None:
            raise failure
        trial.held.add(place)

    def _first_look(self, bypass_cache: bool) -> RequirementFailed | None:
        ask = self._ask
        first = ask("baseline", **self._baseline)
        if bypass_cache:
            # What stays behind may have changed all but the very first.
            first = ask.first_answer(**self._baseline)
        provoked = ask.answers_caused_by(self._provoke)
        changed = ask(self._role, bypass_cache=bypass_cache, intent=self._intent, **self._changed)
        failure = self._compare(first, changed, provoked)
        return None if failure is None else self._between()

    def _in_repetition(self) -> RequirementFailed | None:
        trial = self._ask.trial
        trial.bypass = True
        try:
            return self._between()
        finally:
            trial.bypass = False

    def _warn_again(self, resend: frozenset[Any]) -> None:
        """Judge a relation that held once more where its request is sent again: it may have warned."""
        ask = self._ask
        if ask.request(**self._changed) in resend:
            self._compare(ask("baseline", **self._baseline), ask(self._role, intent=self._intent, **self._changed), [])

    def _between(self) -> RequirementFailed | None:
        """The changed request between two baseline requests; None if it agrees with one of them."""
        ask = self._ask
        failure: RequirementFailed | None = None
        moves = has_lingered = False
        for _ in range(ATTEMPTS):
            self._reset()
            before = ask("baseline", bypass_cache=True, **self._baseline)
            provoked = ask.answers_caused_by(self._provoke)
            changed = ask(self._role, bypass_cache=True, intent=self._intent, **self._changed)
            self._reset()
            after = ask("baseline", bypass_cache=True, **self._baseline)
            for neighbour in (before, after):
                failure = self._compare(neighbour, changed, provoked)
                if failure is None:
                    return None
            if provoked and is_state_leaked(before, provoked[-1], changed, ask.facts):
                # Once may be chance: data that moved right then stays as it is for a while, too.
                if has_lingered:
                    return failure
                has_lingered = True
                continue
            if not differences(ask, before, after):
                return failure
            # The changed request came in between: only baseline requests in a row show what changes without it.
            ask("baseline", bypass_cache=True, **self._baseline)
            pair = (
                ask("baseline", bypass_cache=True, **self._baseline),
                ask("baseline", bypass_cache=True, **self._baseline),
            )
            moves = bool(differences(ask, *pair))
            record_changes(ask, *pair)
            if not moves:
                return failure
        if moves and ask.facts.live:
            raise Inconclusive(f"the data moves by itself, in {ATTEMPTS} attempts too much to compare")
        return failure

    def _compare(self, baseline: Answer, changed: Answer, provoked: list[Answer]) -> RequirementFailed | None:
        self._ask.require_success(baseline)
        try:
            with _attempt(self._ask):
                self._judge(baseline, changed)
        except RequirementFailed as broken:
            return broken.with_answers_before_last(provoked)
        return None


@contextmanager
def _attempt(ask: Probe) -> Iterator[None]:
    # Warnings of an attempt that is judged again are not findings.
    warnings = list(ask.trial.warnings)
    try:
        yield
    except RequirementFailed:
        ask.trial.warnings = warnings
        raise


def differences(ask: Probe, before: Answer, after: Answer) -> set[str]:
    """The properties in which two answers to one request differ, by element; volatile ones are not counted.

    ``(elements)`` stands for elements that came or went, ``(order)`` for another order, ``(answer)`` for another
    status or for bodies that cannot be read as elements and are not equal.
    """
    facts = ask.facts
    if before.status != after.status:
        return {"(answer)"}
    old, new = before.rows(facts.xml_path), after.rows(facts.xml_path)
    if old is None or new is None:
        return set() if before.body == after.body else {"(answer)"}
    ours, others = identities(old, facts), identities(new, facts)
    if ours is None or others is None:
        return set() if is_equal(old, new) else {"(answer)"}
    mine, theirs = dict(zip(ours, old, strict=True)), dict(zip(others, new, strict=True))
    found = {"(elements)"} if mine.keys() != theirs.keys() else set()
    both = [key for key in mine if key in theirs]
    if facts.ordered and both != [key for key in theirs if key in mine]:
        found.add("(order)")
    for key in both:
        names = mine[key].keys() | theirs[key].keys()
        found |= {name for name in names if not is_equal(mine[key].get(name), theirs[key].get(name))}
    return found - facts.volatile
