"""Which elements answer a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.contract.model import OperationContract
from conformance.reference.batch_tasks import EVERY_STATE, SHARED_OWNER, STATES, TASKS
from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.faults.interactions import ids_looked_up
from conformance.reference.refusal import Refusal
from conformance.reference.sample_elements import make
from conformance.reference.values import Element
from conformance.reference.variants.catalogue import Variants
from conformance.reference.variants.elements import stored

Find = Callable[[dict[str, Any] | None, Faults], list[Element]]
"""The elements for a request body (by documented names; None: everything); raises Refusal."""

_HOW_MANY = 3


def finder(contract: OperationContract, variants: Variants) -> Find:
    """Where an operation's elements come from: its own data, else elements made from its schema."""
    names = list(contract.properties)
    if contract.operation.id in _OWN:
        elements = [{name: element.get(name) for name in names} for element in TASKS]
        return _OWN[contract.operation.id](stored(elements, variants), variants)
    made = [make(contract.element, number) for number in range(1, _HOW_MANY + 1)] if contract.response else []
    kept = stored(made, variants)
    return lambda body, faults: kept


class BatchTasks:
    """Tasks by owner and state, in the order of their Ids."""

    def __init__(self, elements: list[Element], variants: Variants) -> None:
        self._variants = variants
        self._by_owner: dict[int, list[Element]] = {}
        for element in elements:
            self._by_owner.setdefault(element["AssociateId"], []).append(element)

    def __call__(self, body: dict[str, Any] | None, faults: Faults) -> list[Element]:
        """The tasks of all AssociateIds in the State asked for."""
        if body is None:
            body = {"AssociateIds": list(self._by_owner)}
        state = body.get("State", EVERY_STATE)
        if state != EVERY_STATE and state not in STATES:
            if faults("crash-on-unknown-state"):
                raise Crash
            if "unknown-state-empty" in self._variants:
                return []
            raise Refusal(400, "State is not known")
        ids = ids_looked_up(body.get("AssociateIds", []), list(self._by_owner), faults)
        wanted = sorted(set(ids) & self._by_owner.keys())
        asked = sorted(set(ids))
        if len(asked) > 1 and wanted and wanted[-1] == asked[-1] and faults("last-id-lost"):
            del wanted[-1]
        if len(asked) < len(ids) and faults("duplicate-id-doubles"):
            wanted = sorted(owner for owner in ids if owner in wanted)
        if wanted and SHARED_OWNER not in wanted and faults("other-associates"):
            wanted.append(SHARED_OWNER)
        found = [element for owner in wanted for element in self._by_owner[owner] if _is_in(element, state, faults)]
        return sorted(found, key=_id)


def _is_in(element: Element, state: str, faults: Faults) -> bool:
    if state == EVERY_STATE:
        return element["State"] != "Failed" or not faults("all-without-failed")
    return bool(element["State"] == state) or faults("state-ignored")


def _id(element: Element) -> int:
    number: int = element["Id"]
    return number


_OWN: Mapping[str, Callable[[list[Element], Variants], Find]] = {
    "v1BatchAgent_GetBatchTaskInfosByAssociatesAndState": BatchTasks
}
