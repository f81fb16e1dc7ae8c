"""The first request of an operation: is the API there, does it accept the credentials, does the request succeed.

If nothing can be tested, the run ends with exit status 4: there is no connection, a gateway fails, the credentials are
refused, a login page or another API answers. A failure of the operation itself is judged by the requirements: status
500, or an undocumented status, three times in a row becomes ``TargetFacts.baseline_failure``.
"""

from __future__ import annotations

import time

from conformance.client.exchange import Failure, Intent
from conformance.comparison.answer import Answer
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode
from conformance.engine.controls import HTML, TRIES, Interference, interference, is_login_page
from conformance.engine.probe import Probe

FIRST_IDS = range(0, 51)
_PAUSE = 0.5


def first_contact(ask: Probe, wait: float) -> Answer:
    """Send the documented request with each credential in turn, until one is accepted; return the answer.

    ``wait`` is how many seconds to wait for a target that is still starting. Raises InputError (exit status 4) if
    nothing can be tested.
    """
    answers: list[Answer] = []
    deadline = time.monotonic() + wait
    for position in range(max(1, len(ask.target.credentials))):
        ask.use_credential(position)
        answer, tries = _after_tries(ask, deadline)
        if answer.is_success and not is_login_page(answer):
            return answer
        if answer.exchange.failure in (Failure.MALFORMED, Failure.TOO_LARGE) or (
            answer.status == 404 and _answers_for_others(ask)
        ):
            # The API is there and accepts the credentials; the requirements judge its answers.
            return answer
        answers.append(answer)
        if interference(answer) is not Interference.CREDENTIALS:
            # Another credential would not change this.
            break
    ask.use_credential(0)
    # The answer to an accepted credential says more than a refusal.
    decisive = next((each for each in answers if interference(each) is not Interference.CREDENTIALS), answers[0])
    why = _why_not(ask, decisive)
    if why is not None:
        raise InputError(f"{where(ask)}: {why}", exit_status=ExitCode.TARGET_NOT_TESTABLE)
    ask.use_credential(answers.index(decisive))
    # No other credential is tried after an answer that is not a refusal, so ``tries`` belongs to this answer.
    ask.facts.baseline_failure = f"the documented request itself gets {decisive.outcome}, {tries} times in a row"
    return decisive


def where(ask: Probe) -> str:
    """The name of the target in messages."""
    return f"target {ask.target.redactor.text(ask.target.url)}"


def _after_tries(ask: Probe, deadline: float) -> tuple[Answer, int]:
    """Send the baseline request, several times if it may recover; return the last answer and the number of tries."""
    tries = 0
    while True:
        answer = ask("baseline", bypass_cache=tries > 0)
        tries += 1
        if not _may_recover(answer) or (tries >= TRIES and time.monotonic() >= deadline):
            return answer, tries
        ask.target.pause(min(_PAUSE * 2 ** (tries - 1), 2.0))


def _may_recover(answer: Answer) -> bool:
    """Whether the same request may get another answer a moment later."""
    if answer.is_success or answer.exchange.failure in (Failure.MALFORMED, Failure.TOO_LARGE):
        return False
    if _is_unavailable(answer):
        return True
    return interference(answer) is not Interference.CREDENTIALS and answer.status != 404


def _is_unavailable(answer: Answer) -> bool:
    return interference(answer) is Interference.GATEWAY


def _answers_for_others(ask: Probe) -> bool:
    """Whether the path exists, so that 404 only means that the ids of the sample do not exist."""
    if ask.facts.ids is None:
        return False
    body = {**ask.facts.body, ask.facts.ids.request: list(ask.config.ids) or list(FIRST_IDS)}
    return ask("probe", intent=Intent.DISCOVERY, body=body).is_success


def _why_not(ask: Probe, answer: Answer) -> str | None:
    """Why nothing can be tested; None if the operation itself fails."""
    if answer.exchange.is_unreachable:
        return f"{answer.outcome}; is it running, and is the URL right?"
    if _is_unavailable(answer):
        return f"the gateway or server is not available ({answer.outcome}, {TRIES} tries); --wait gives it more time"
    if 300 <= answer.status < 400:
        place = answer.header("Location") or "elsewhere"
        return f"it redirects to {ask.target.redactor.text(place)}, and redirects are not followed; use the final URL"
    if answer.media_type in HTML and (answer.is_success or answer.status in (401, 403)):
        return (
            f"it answers with an HTML page ({answer.outcome}; a login page or a firewall?), not with the API; "
            "check the URL and --auth"
        )
    if answer.status in (401, 403) and not ask.target.credentials:
        return f"it requires credentials ({answer.outcome}); give them with --auth"
    if answer.status in (401, 403):
        return f"it refuses the credentials of --auth ({answer.outcome}), so nothing could be tested"
    if answer.status == 404:
        base = ask.target.url.removesuffix(ask.operation.path)
        if base != ask.target.url:
            return f"it has no {ask.operation.path} below that URL, which ends with it already; try {base}"
        return f"it has no {ask.operation.path} (404); check the base URL"
    return None
