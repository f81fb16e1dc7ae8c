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
from conformance.comparison.elements import identities, pairs
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.comparison.target_facts import TargetFacts
from conformance.engine.live_data import record_changes, send_baselines

if TYPE_CHECKING:
    from conformance.engine.probe import Probe

ATTEMPTS = 5

Judgement = Callable[[Answer, Answer], None]
Changes = dict[str, Any]


class Relation:
    """One relation of an attempt. ``provoke`` and ``reset`` send the requests that must directly precede another."""

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
        self._purpose = purpose
        self._judge = judge
        self._baseline = baseline
        self._changed = changed
        self._provoke = provoke
        self._reset = reset
        self._intent = intent

    def hold(self, *, bypass_cache: bool) -> None:
        """Raises RequirementFailed if the relation does not hold, Inconclusive if live data does not allow to decide.

        With ``bypass_cache`` the changed request is sent even if it already has an answer.
        """
        trial = self._ask.trial
        place = (trial.draws, trial.relations)
        trial.relations += 1
        if trial.resend is None:
            failure = self._compare_first(bypass_cache)
        elif place not in trial.held:
            failure = self._repeat()
        else:
            self._warn_again(trial.resend)
            return
        if failure is not None:
            raise failure
        trial.held.add(place)

    def _compare_first(self, bypass_cache: bool) -> RequirementFailed | None:
        ask = self._ask
        first = ask("baseline", **self._baseline)
        if bypass_cache:
            # A request that leaks state may have changed every answer except the first one of the run.
            first = ask.first_answer(**self._baseline)
        provoked = ask.answers_caused_by(self._provoke)
        changed = ask(self._purpose, bypass_cache=bypass_cache, intent=self._intent, **self._changed)
        failure = self._compare(first, changed, provoked)
        return None if failure is None else self._confirm()

    def _repeat(self) -> RequirementFailed | None:
        trial = self._ask.trial
        trial.bypass = True
        try:
            return self._confirm()
        finally:
            trial.bypass = False

    def _warn_again(self, resend: frozenset[Any]) -> None:
        """Judge a relation that held again if its request is one of ``resend``: it may have warned."""
        ask = self._ask
        if ask.request(**self._changed) in resend:
            baseline = ask("baseline", **self._baseline)
            self._compare(baseline, ask(self._purpose, intent=self._intent, **self._changed), [])

    def _confirm(self) -> RequirementFailed | None:
        """Send the changed request between two baseline requests; None if it agrees with one of them."""
        ask = self._ask
        failure: RequirementFailed | None = None
        is_live = was_leaked = False
        for _ in range(ATTEMPTS):
            self._reset()
            before = ask("baseline", bypass_cache=True, **self._baseline)
            provoked = ask.answers_caused_by(self._provoke)
            changed = ask(self._purpose, bypass_cache=True, intent=self._intent, **self._changed)
            self._reset()
            after = ask("baseline", bypass_cache=True, **self._baseline)
            for neighbour in (before, after):
                failure = self._compare(neighbour, changed, provoked)
                if failure is None:
                    return None
            if provoked and is_state_leaked(before, provoked[-1], changed, ask.facts):
                # Once may be chance: live data that changed at that moment also keeps its value for a while.
                if was_leaked:
                    return failure
                was_leaked = True
                continue
            if not differences(ask, before, after):
                return failure
            # The changed request was sent between the two. Only baseline requests in a row show live data.
            last_two = send_baselines(ask, **self._baseline)
            is_live = bool(differences(ask, *last_two))
            record_changes(ask, *last_two)
            if not is_live:
                return failure
        if is_live and ask.facts.live:
            raise Inconclusive(f"the data is live: it changed in each of {ATTEMPTS} attempts, so it cannot be compared")
        return failure

    def _compare(self, baseline: Answer, changed: Answer, provoked: list[Answer]) -> RequirementFailed | None:
        self._ask.require_success(baseline)
        try:
            with _attempt(self._ask):
                self._judge(baseline, changed)
        except RequirementFailed as failure:
            return failure.with_answers_before_last(provoked)
        return None


@contextmanager
def _attempt(ask: Probe) -> Iterator[None]:
    """Drop the warnings of a comparison that fails: it is judged again."""
    warnings = list(ask.trial.warnings)
    try:
        yield
    except RequirementFailed:
        ask.trial.warnings = warnings
        raise


def is_state_leaked(baseline: Answer, between: Answer, after: Answer, facts: TargetFacts) -> bool:
    """Whether ``after`` still has every value that the request ``between`` changed.

    Of live data at least one value would be different. That all values are equal shows that the target kept state.
    """
    try:
        changed = [
            (element.get(name), late.get(name))
            for (old, element), (_, late) in zip(
                pairs(baseline, between, facts), pairs(baseline, after, facts), strict=True
            )
            for name in element
            if name not in facts.volatile and not is_equal(old.get(name), element.get(name))
        ]
    except (Inconclusive, ValueError):
        return False
    return bool(changed) and all(is_equal(left, right) for left, right in changed)


def differences(ask: Probe, before: Answer, after: Answer) -> set[str]:
    """The properties in which the elements of two answers to one request differ, without the volatile ones.

    ``(elements)`` stands for elements that appeared or disappeared, ``(order)`` for another order, ``(answer)`` for
    another status or for bodies that cannot be read as elements and are not equal.
    """
    facts = ask.facts
    if before.status != after.status:
        return {"(answer)"}
    old, new = before.read_elements(facts.xml_path), after.read_elements(facts.xml_path)
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
