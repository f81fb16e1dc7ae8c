"""Mistakes in the found elements themselves: what a hand-written mapping from storage to response gets wrong."""

from __future__ import annotations

from datetime import datetime

from conformance.reference.batch_tasks import FIRSTS
from conformance.reference.faults.catalogue import Faults
from conformance.reference.time_zone import BASE_ZONE
from conformance.reference.values import Element


def inject_element_faults(elements: list[Element], faults: Faults) -> list[Element]:
    """The elements with the mistakes that are on. Mistakes in one element are made in each owner's first one."""
    if not faults.enabled or not elements or not all(isinstance(element, dict) for element in elements):
        # An operation that answers with texts or numbers has no properties to make mistakes in.
        return elements
    changed_elements = []
    for index, element in enumerate(elements):
        changed = dict(element)
        _in_every(changed, faults)
        if element["Id"] in FIRSTS if "AssociateId" in element else index == 0:
            _in_one(changed, faults)
        changed_elements.append(changed)
        if "Rate" in (element.get("ParameterObject") or {}) and faults("duplicate-rows"):
            changed_elements.append(changed)
    return changed_elements


def _in_every(element: Element, faults: Faults) -> None:
    if element.get("ProgressPercent") is not None and faults("percent-as-text"):
        element["ProgressPercent"] = str(element["ProgressPercent"])
    if element.get("StartCount") is not None and faults("count-as-float"):
        element["StartCount"] = float(element["StartCount"])
    if isinstance(element.get("LastStarted"), datetime) and faults("date-us-format"):
        at = element["LastStarted"].astimezone(BASE_ZONE)
        element["LastStarted"] = f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {at:%p}"
    if element.get("TableRight") is not None and faults("table-right-as-text"):
        element["TableRight"] = element["TableRight"]["Mask"]
    if element.get("State") == "Finished" and "ProgressPercent" in element and faults("finished-lack-percent"):
        del element["ProgressPercent"]
    if "FileName" in element and faults("property-forgotten"):
        del element["FileName"]
    if faults("additional-property"):
        element["RowVersion"] = 1


def _in_one(element: Element, faults: Faults) -> None:
    if "DetailsRecord" in element and faults("count-beyond-int32"):
        element["DetailsRecord"] = 2**31 + 5
    if "LastStarted" in element and faults("date-impossible"):
        element["LastStarted"] = "2021-02-30T10:00:00+01:00"
    if "ProgressPercent" in element and faults("percent-beyond-100"):
        element["ProgressPercent"] = 310
    if element.get("AssociateId") and faults("system-task-owned"):
        element["IsSystemTask"] = True
    if "Result" in element and faults("unstable-result"):
        element["Result"] = f"answer {faults.next_number()}"
