"""Assertions on one response.

``what`` is the subject of the message: the request, as in "Accept: text/xml". ``beside`` are answers that belong to the
evidence; the answer that is checked comes last, because its request is blamed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from conformance.assertions.data import data_shown
from conformance.client.exchange import Intent
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive
from conformance.engine.probe import Probe

Answers = Sequence[Answer]


def is_server_error(answer: Answer) -> bool:
    """Whether the server failed: 5xx, or no response at all (OP-04 covers it)."""
    return answer.response is None or answer.status >= 500


def expect_success(ask: Probe, answer: Answer, what: str, *, beside: Answers = ()) -> None:
    """Check that the request was successful: 2xx."""
    ask.check(answer.is_success, f"{what} is not accepted", expected="2xx", actual=answer.outcome, of=[*beside, answer])


def expect_no_server_error(ask: Probe, answer: Answer, what: str, *, beside: Answers = ()) -> None:
    """Check that the request was answered, whether it was accepted or refused, and not with 5xx."""
    ask.check(
        not is_server_error(answer),
        f"{what} makes the server fail",
        expected="no 5xx",
        actual=answer.outcome,
        of=[*beside, answer],
    )


def expect_status(ask: Probe, answer: Answer, statuses: Iterable[str], what: str, *, beside: Answers = ()) -> None:
    """Check that the status is one of these; ``4xx`` allows every refusal."""
    allowed = list(statuses)
    ask.check(
        str(answer.status) in allowed or ("4xx" in allowed and answer.is_refused),
        f"{what} is not answered with {' or '.join(allowed)}",
        expected=" or ".join(allowed),
        actual=answer.outcome,
        of=[*beside, answer],
    )


def expect_refusal(ask: Probe, answer: Answer, what: str, *, control: Answer, statuses: Collection[int] = ()) -> None:
    """Check that a request was refused: 4xx. If ``statuses`` are given, another one is a warning.

    ``control`` is the successful request that differs only in what is refused. Raises Inconclusive if it was not
    successful, because the refusal then shows nothing, and if the target may recognise the sender by what is sent with
    every request.
    """
    ask.require_success(control)
    if answer.is_success and answer.intent.must_be_refused and _is_anonymous_accepted(ask):
        raise Inconclusive(
            "a request without credentials is accepted too: the certificate, header or cookie that goes with every "
            "request may be the credential (if it is not: transport_authenticates = false in conformance.toml)"
        )
    expected = " or ".join(map(str, sorted(statuses))) or "4xx"
    of = [control, answer]
    ask.check(answer.is_refused, f"{what} is not refused", expected=expected, actual=answer.outcome, of=of)
    if statuses:
        message = f"{what} is refused with {answer.status}"
        ask.warn_unless(answer.status in statuses, message, expected=expected, actual=answer.outcome, of=of)


def _is_anonymous_accepted(ask: Probe) -> bool:
    """Whether a request without credentials is successful that carries something which may identify the sender."""
    if not ask.target.may_know_us:
        return False
    return ask("refused", intent=Intent.REFUSAL, control=ask.baseline(), credential=None).is_success


def expect_no_data(ask: Probe, answer: Answer, what: str, *, expected: str, beside: Answers = ()) -> None:
    """Check that a request which must not run the operation returned none of the target's data."""
    shown = data_shown(ask, answer) if answer.is_success else None
    ask.check(
        shown is None,
        f"{what} is answered with data: {shown}",
        expected=expected,
        actual=answer.outcome,
        of=[*beside, answer],
    )


def expect_media_type(ask: Probe, answer: Answer, types: Iterable[str], what: str, *, beside: Answers = ()) -> None:
    """Check that the request was successful, and that its Content-Type is one of these types."""
    allowed = list(types)
    ask.check(
        answer.is_success and answer.media_type in allowed,
        f"{what} does not give {' or '.join(allowed)}",
        expected=" or ".join(allowed),
        actual=status_and_type(answer),
        of=[*beside, answer],
    )


def status_and_type(answer: Answer) -> str:
    """Status and media type, for evidence."""
    return f"{answer.outcome}, {answer.media_type or 'no Content-Type'}"


def expect_valid(ask: Probe, answer: Answer, problem: str | None, what: str, expected: str) -> None:
    """Check that a validator found no problem in the answer."""
    ask.check(not problem, f"{what}: {problem}", expected=expected, actual=problem, of=[answer])


def expect_value(ask: Probe, answer: Answer, holds: bool, name: str, expected: str, actual: Any) -> None:
    """Check that something named in the answer is what it must be: "an array", "true or false"."""
    ask.check(holds, f"{name} is not {expected}", expected=expected, actual=actual, of=[answer])
