"""What a run would call and send, as text for a terminal (``--dry-run``)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.client.quota import Kind
from conformance.engine.plan import Plan


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan, a line each."""
    yield f"nothing was sent (--dry-run); operations that would be called: {len(plan.called)}"
    for each in plan.called:
        yield f"  {each.id}: {each.method} {each.path} ({each.effect}: {each.effect_reason})"
    if plan.left_out:
        yield f"operations that would not: {len(plan.left_out)}"
        yield from (f"  {id} {why}" for id, why in plan.left_out.items())
    credentials = ", ".join(plan.credentials) or "none"
    yield f"requests at most (profile {plan.profile}, {plan.requirements} requirements, credentials: {credentials}):"
    for kind in Kind:
        note = ""
        if kind is not Kind.ORDINARY and plan.most[kind]:
            note = f"; {plan.once[kind]} at most while nothing fails"
        yield f"  {plan.most[kind]:6}  {kind.value}{note}"
    limited = " (--max-requests)" if plan.max_requests is not None and plan.total == plan.max_requests else ""
    yield f"  {plan.total:6}  in total{limited}"
    yield f"Each failure is sent again up to {plan.confirm} times to confirm it (--confirm); the numbers include that."
    if plan.most[Kind.WRONG_CREDENTIAL]:
        yield "Between two wrong values of a credential its right one is sent; --no-wrong-credentials sends none."
    yield (
        "Not included: a request is repeated up to 5 times while the server answers 429, or 503 with Retry-After; "
        "after one that gets no answer, an earlier one is repeated up to 3 times."
    )
