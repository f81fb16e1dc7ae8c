"""What is true of the elements: they are stable, each occurs once, and their values make sense."""

from __future__ import annotations

from itertools import pairwise

from conformance.assertions.data import require_data
from conformance.assertions.results import is_unselected
from conformance.client.codec_json import parse_json
from conformance.comparison.answer import Answer
from conformance.comparison.elements import pairs
from conformance.comparison.equality import is_equal
from conformance.comparison.outcomes import NotApplicable
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MAY, RESPONSE_BODY, SHOULD, principle

_LIVE_DATA = ("state", "progress", "percent", "laststarted", "startcount")


@requirement(
    "RES-06",
    SHOULD,
    "Repeating a request returns the same result, except for live data",
    source=principle("The operation reads; RFC 9110, section 9.2.1"),
    fault="unstable-result",
)
def test_again(ask: Probe) -> None:
    """The baseline request three times. If an element's state or progress changes, its other values may change too."""
    require_data(ask)
    answers = [ask.baseline(bypass_cache=True) for _ in range(3)]
    ask.require_success(*answers)
    for before, after in pairwise(answers):
        for mine, theirs in pairs(before, after, ask.facts):
            readable = [n for n in ask.contract.properties if ask.is_known(mine.get(n), theirs.get(n))]
            changed = [n for n in readable if not is_equal(mine.get(n), theirs.get(n))]
            is_live = any(name.lower().startswith(_LIVE_DATA) for name in changed)
            ask.check(
                not changed or is_live,
                f"{', '.join(changed)} changes from one request to the next, and no progress does",
                expected=[mine.get(name) for name in changed],
                actual=[theirs.get(name) for name in changed],
                of=[before, after],
            )


@requirement("RES-07", SHOULD, "Each Id occurs once", source=RESPONSE_BODY, fault="duplicate-rows", observes_all=True)
def test_identity_is_unique(ask: Probe, answer: Answer) -> None:
    """Every JSON answer without $select."""
    name = next((name for name in ask.contract.properties if name.lower() == "id"), None)
    if name is None:
        raise NotApplicable("the page has no property Id")
    if not answer.is_success or not is_unselected(answer) or answer.is_xml:
        return
    keys = [element.get(name) for element in answer.elements or [] if element.get(name) is not None]
    if keys and ask.is_known(keys) and _is_asked_once(ask, answer):
        twice = ", ".join(sorted({str(key) for key in keys if keys.count(key) > 1}))
        ask.check(not twice, f"{name} occurs more than once", expected="each once", actual=twice, of=[answer])


def _is_asked_once(ask: Probe, answer: Answer) -> bool:
    # RES-04 covers an id that is asked for twice.
    ids = ask.facts.ids
    body = parse_json(answer.exchange.request.body.decode(errors="replace")).value
    asked = body.get(ids.request) if ids is not None and isinstance(body, dict) else None
    return not isinstance(asked, list) or len(set(map(repr, asked))) == len(asked)


def _require_property(ask: Probe, name: str) -> str:
    if name not in ask.contract.properties:
        raise NotApplicable(f"the page has no property {name}")
    require_data(ask)
    return name


@requirement("RES-08", MAY, "Whether a system task has AssociateId 0", source=RESPONSE_BODY, fault="system-task-owned")
def test_system_tasks(ask: Probe) -> None:
    """The table says so; the sample shows a system task with an owner. Recorded, not judged."""
    flag, owner = _require_property(ask, "IsSystemTask"), _require_property(ask, "AssociateId")
    tasks = [element for element in ask.facts.elements if element.get(flag) is True]
    owned = [element for element in tasks if ask.is_known(element.get(owner)) and element.get(owner) != 0]
    ask.observe(f"{len(owned)} of {len(tasks)} system tasks have an owner" if tasks else "no system task was seen")


@requirement(
    "RES-09", MAY, "Whether ProgressPercent is within 0 to 100", source=RESPONSE_BODY, fault="percent-beyond-100"
)
def test_percent(ask: Probe) -> None:
    """The table says percent; the sample shows 310. Recorded, not judged."""
    name = _require_property(ask, "ProgressPercent")
    values = [element[name] for element in ask.facts.elements if isinstance(element.get(name), int)]
    beyond = ", ".join(str(value) for value in values if ask.is_known(value) and not 0 <= value <= 100)
    ask.observe(f"beyond 0 to 100: {beyond}" if beyond else "always within 0 to 100")
