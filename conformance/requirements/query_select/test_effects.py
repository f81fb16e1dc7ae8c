"""What a selection does to the size of the response and to the next request."""

from __future__ import annotations

from functools import partial

from conformance.assertions.elements import same_elements
from conformance.assertions.select import as_query, if_successful, max_growth, one_name, require_values
from conformance.comparison.answer import Answer
from conformance.engine.probe import Probe
from conformance.engine.registry import requirement
from conformance.engine.requirement import MUST, SHOULD, query, rfc

SELECT = query("$select")


@requirement(
    "SEL-12",
    SHOULD,
    "Selecting fewer properties does not enlarge the payload",
    source=SELECT,
    fault="select-pretty-printed",
)
def test_the_payload_shrinks(ask: Probe) -> None:
    """The body in bytes with one property selected, and with none. It may grow by what null needs more than the value
    that it replaces (``7``, ``""``)."""
    require_values(ask)
    name = one_name(ask)

    def judge(baseline: Answer, selected: Answer) -> None:
        limit = baseline.size + max_growth(ask, baseline, name)
        ask.check(
            selected.size <= limit,
            f"{as_query([name])} makes the payload larger",
            expected=f"at most {limit} bytes",
            actual=f"{selected.size} bytes",
            of=[baseline, selected],
        )

    ask.relate("selected", if_successful(ask, judge), select=[name])


@requirement(
    "SEL-13", MUST, "$select of one request has no effect on the next", source=rfc(9110, "3.3"), fault="select-sticky"
)
def test_selections_do_not_leak(ask: Probe) -> None:
    """The baseline request right after one with $select, on the same connection, gives what it gave before."""
    require_values(ask)
    name = one_name(ask)
    other = next((each for each in ask.facts.valued if each != name), name)

    def provoke() -> None:
        ask.require_success(ask("selected", select=[name], bypass_cache=True))

    reset = partial(ask, "selected", select=[other], bypass_cache=True)
    judge = same_elements(ask, "a $select in the request before")
    ask.relate("baseline after selected", judge, bypass_cache=True, provoke=provoke, reset=reset)
