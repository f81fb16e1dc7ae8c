"""Mistakes in the found elements themselves: what a hand-written mapping from storage to response gets wrong."""

from __future__ import annotations

from datetime import datetime

from conformance.reference.batch_tasks import FIRSTS
from conformance.reference.faults.catalogue import Faults
from conformance.reference.time_zone import BASE_ZONE
from conformance.reference.values import Element


def inject_element_faults(rows: list[Element], faults: Faults) -> list[Element]:
    """The elements with the mistakes that are on. Mistakes in one element are made in each owner's first one."""
    if not faults.enabled or not rows or not all(isinstance(row, dict) for row in rows):
        # An operation that answers with texts or numbers has no properties to make mistakes in.
        return rows
    changed_elements = []
    for index, row in enumerate(rows):
        changed = dict(row)
        _in_every(changed, faults)
        if row["Id"] in FIRSTS if "AssociateId" in row else index == 0:
            _in_one(changed, faults)
        changed_elements.append(changed)
        if "Rate" in (row.get("ParameterObject") or {}) and faults("duplicate-rows"):
            changed_elements.append(changed)
    return changed_elements


def _in_every(row: Element, faults: Faults) -> None:
    if row.get("ProgressPercent") is not None and faults("percent-as-text"):
        row["ProgressPercent"] = str(row["ProgressPercent"])
    if row.get("StartCount") is not None and faults("count-as-float"):
        row["StartCount"] = float(row["StartCount"])
    if isinstance(row.get("LastStarted"), datetime) and faults("date-us-format"):
        at = row["LastStarted"].astimezone(BASE_ZONE)
        row["LastStarted"] = f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {at:%p}"
    if row.get("TableRight") is not None and faults("table-right-as-text"):
        row["TableRight"] = row["TableRight"]["Mask"]
    if row.get("State") == "Finished" and "ProgressPercent" in row and faults("finished-lack-percent"):
        del row["ProgressPercent"]
    if "FileName" in row and faults("property-forgotten"):
        del row["FileName"]
    if faults("additional-property"):
        row["RowVersion"] = 1


def _in_one(row: Element, faults: Faults) -> None:
    if "DetailsRecord" in row and faults("count-beyond-int32"):
        row["DetailsRecord"] = 2**31 + 5
    if "LastStarted" in row and faults("date-impossible"):
        row["LastStarted"] = "2021-02-30T10:00:00+01:00"
    if "ProgressPercent" in row and faults("percent-beyond-100"):
        row["ProgressPercent"] = 310
    if row.get("AssociateId") and faults("system-task-owned"):
        row["IsSystemTask"] = True
    if "Result" in row and faults("unstable-result"):
        row["Result"] = f"answer {faults.next_number()}"
