"""Every failure is sent again before it is reported; what is not seen each time is unstable, never a pass."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from conformance.assertions.responses import expect_success
from conformance.assertions.results import is_json_result
from conformance.client.exchange import Exchange, Intent, Request, Response
from conformance.comparison.answer import Answer
from conformance.comparison.outcomes import Inconclusive, RequirementFailed
from conformance.engine.config import Config
from conformance.engine.confirmation import confirm_warnings
from conformance.engine.probe import Probe
from conformance.engine.profile import find_profile
from conformance.engine.result import Status
from conformance.reference import DEMO_AUTH
from conformance.reporting.results import Verdict
from conformance.reporting.verdict import decide
from support.disturbances import Disturbed, Environ, run, running
from support.suite_runner import contract


class Refuses:
    """Text/xml is refused in the chosen ones of the requests for it, counted from 0."""

    def __init__(self, *which: int, always: bool = False) -> None:
        self._which = which
        self._always = always
        self._count = itertools.count()

    def __call__(self, number: int, environ: Environ) -> tuple[str, str, bytes] | None:
        if environ.get("HTTP_ACCEPT") != "text/xml":
            return None
        fails = self._always or next(self._count) in self._which
        return ("406 Not Acceptable", "text/plain", b"no") if fails else None


def test_a_failure_that_is_seen_each_time_is_reported() -> None:
    result = run(Disturbed(Refuses(always=True)), ("ACC-01",)).results["ACC-01"]
    assert (result.status, result.unstable) == (Status.FAILED, False)
    assert (result.findings[0].repetitions, result.findings[0].reproduced) == (3, 3)


@pytest.mark.parametrize(("which", "seen"), [((0,), 0), ((0, 1, 3), 2)])
def test_a_failure_that_is_not_seen_each_time_is_unstable(which: tuple[int, ...], seen: int) -> None:
    found = run(Disturbed(Refuses(*which)), ("ACC-01",))
    result = found.results["ACC-01"]
    assert (result.status, result.unstable) == (Status.INCONCLUSIVE, True)
    assert (result.findings[0].repetitions, result.findings[0].reproduced) == (3, seen)
    assert f"{seen} of 3 repetitions" in result.reason
    assert decide((result,))[0] is not Verdict.CONFORMANT


def test_an_unstable_failure_hides_no_other() -> None:
    first = Refuses(0)

    def answer(number: int, environ: Environ) -> tuple[str, str, bytes] | None:
        # text/json is asked for after text/xml, and always refused.
        refused = environ.get("HTTP_ACCEPT") == "text/json"
        return ("406 Not Acceptable", "text/plain", b"no") if refused else first(number, environ)

    result = run(Disturbed(answer), ("ACC-01",)).results["ACC-01"]
    assert result.status is Status.FAILED
    assert "text/json" in result.reason


def test_without_confirmation_a_failure_is_reported_at_once() -> None:
    result = run(Disturbed(Refuses(0)), ("ACC-01",), confirm=0).results["ACC-01"]
    assert result.status is Status.FAILED
    assert result.findings[0].repetitions == 0


def test_the_repetitions_send_the_failing_requests_and_no_others() -> None:
    times = []
    for refuses in (Refuses(), Refuses(always=True)):
        server = Disturbed(refuses)
        run(server, ("ACC-01",))
        times.append(server.count)
    correct, faulty = times
    # The 406 ends the requirement before the types that come after it.
    assert faulty <= correct + 3


def test_every_connection_is_closed_after_parallel_requests() -> None:
    with running(Disturbed(lambda *_: None), ("HTTP-06", "LANG-06"), auth=DEMO_AUTH) as session:
        session.discover()
        session.execute_expected()
        assert len(session.target._transport._sessions) == 1


class Scripted:
    """A target that answers from a list, in order."""

    has_wire = True
    user_agent = "conformance"
    credentials = ()
    app_token = ""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []

    def send(self, request: Request, label: Any) -> Exchange:
        self.requests.append(request)
        status, body = self._answers.pop(0)
        response = Response(status=status, headers=(("Content-Type", "application/json"),), body=body)
        return Exchange(
            number=len(self.requests) - 1, operation=label.operation, requirement=label.requirement, purpose=label.purpose,
            intent=label.intent, request=request, response=response, url="http://x/", started="", seconds=0.0,
        )  # fmt: skip


def asking(*answers: tuple[int, bytes]) -> tuple[Probe, Scripted]:
    target: Any = Scripted(*answers)
    ask = Probe(contract().operations[0], target, find_profile("standard"), Config(), 1)
    ask.facts.identity = "Id"
    return ask, target


OLD, NEW, OTHER = ((200, b'[{"Id": 1, "Name": "%s"}]' % name) for name in (b"old", b"new", b"other"))


def judge(ask: Probe) -> Any:
    def same_name(plain: Answer, changed: Answer) -> None:
        names = [[row["Name"] for row in each.elements or []] for each in (plain, changed)]
        if "Name" not in ask.facts.volatile:
            ask.check(names[0] == names[1], "the name changes", expected=names[0], actual=names[1], of=[plain, changed])

    return same_name


@pytest.mark.parametrize(("again", "kept"), [(b'["b", "a"]', 1), (b"[]", 0)])
def test_the_request_of_a_warning_decides_whether_it_is_seen_again(again: bytes, kept: int) -> None:
    ask, target = asking((200, b'["a", "b"]'), (200, again))

    def attempt() -> None:
        answer = ask("list")
        names = answer.json.value
        ask.warn_unless(not names, f"it has {', '.join(names)}", expected="nothing", actual=str(names), of=[answer])

    attempt()
    gone = confirm_warnings(ask, attempt)
    assert (len(ask.trial.warnings), len(gone), len(target.requests)) == (kept, 1 - kept, 2)


def test_a_relation_that_holds_costs_two_requests() -> None:
    ask, target = asking(OLD, OLD)
    ask.relate("changed", judge(ask), accept="text/json")
    assert len(target.requests) == 2


def test_data_that_moved_meanwhile_is_not_blamed_on_the_change() -> None:
    ask, target = asking(OLD, NEW, NEW, NEW, NEW)
    ask.relate("changed", judge(ask), accept="text/json")
    assert [_accept(each) for each in target.requests] == ["plain", "changed", "plain", "changed", "plain"]


def test_a_change_that_differs_from_both_neighbours_is_to_blame() -> None:
    ask, target = asking(OLD, OTHER, OLD, OTHER, OLD)
    with pytest.raises(RequirementFailed, match="the name changes"):
        ask.relate("changed", judge(ask), accept="text/json")
    assert len(target.requests) == 5


def test_a_property_that_changes_by_itself_is_left_out() -> None:
    moving = [(200, b'[{"Id": 1, "Name": "%d"}]' % number) for number in range(20)]
    ask, _ = asking(*moving)
    ask.relate("changed", judge(ask), accept="text/json")
    assert ask.facts.volatile == {"Name"}


def test_no_change_is_blamed_if_its_control_fails() -> None:
    ask, _ = asking((500, b"{}"), (500, b"{}"))
    with pytest.raises(Inconclusive, match="baseline"):
        ask.relate("changed", lambda plain, changed: expect_success(ask, changed, "it"), accept="text/json")


def _accept(request: Request) -> str:
    value = next(value for name, value in request.headers if name == "Accept")
    return "changed" if value == "text/json" else "plain"


@pytest.mark.parametrize("role", ["plain", "refused", "malformed body"])
def test_what_a_request_is_called_decides_nothing(role: str) -> None:
    ask, _ = asking(OLD, OLD)
    valid = ask(role, accept="text/json")
    malformed = ask(role, intent=Intent.MALFORMED, accept="application/xml")
    assert (is_json_result(ask, valid), is_json_result(ask, malformed)) == (True, False)


def test_an_answer_is_called_what_it_is_here_not_what_it_was_first_sent_for() -> None:
    ask, target = asking(OLD)
    first = ask("after a selection", accept="text/json")
    second = ask("control", accept="text/json")
    assert len(target.requests) == 1
    assert (first.purpose, second.purpose) == ("after a selection", "control")
