"""Mistakes that show only if two features are combined, with a rare value, at a boundary, or after another request."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from werkzeug.wrappers import Request, Response

from conformance.reference.faults.catalogue import Faults
from conformance.reference.render import View
from conformance.reference.values import Element

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?([+-]\d\d:\d\d|Z)?")
_KEPT_SECONDS = 5.0
_HEADERS = {
    "cache-without-language": ("Accept-Language", "SO-Language", "SO-Culture"),
    "cache-without-zone": ("SO-TimeZone",),
    "cache-without-accept": ("Accept",),
    "cache-without-credentials": ("Authorization", "Cookie", "X-XSRF-TOKEN"),
}
_ALL = tuple(name for names in _HEADERS.values() for name in names)


class RequestedView(msgspec.Struct, frozen=True):
    """What a request asks for, as far as mistakes depend on it."""

    names: list[str] | None
    view: View
    is_xml: bool


def ids_looked_up(ids: list[int], owners: list[int], faults: Faults) -> list[int]:
    """The ids that are looked up for those that were asked for."""
    if not ids and faults("no-ids-means-all"):
        return owners
    if 0 in ids and len(ids) == 1 and faults("zero-id-means-all"):
        return owners
    if len(ids) > 2 and faults("third-id-lost"):
        ids = ids[:2] + ids[3:]
    if len(ids) > 2 and faults("two-ids-at-most"):
        ids = ids[:2]
    return ids


def understood_view(view: View, asked: RequestedView, faults: Faults) -> View:
    """The view of the request as this server understands it."""
    replace = msgspec.structs.replace
    if asked.names is not None and view.language is not None and faults("select-untranslated"):
        view = replace(view, language=None, culture=None)
    if asked.names is not None and view.zone is not None and faults("select-in-base-zone"):
        view = replace(view, zone=None)
    return view


def inject_interaction_faults(elements: list[Element], asked: RequestedView, faults: Faults) -> list[Element]:
    """The rendered elements with the mistakes that depend on two features."""
    if not faults.enabled:
        return elements
    if len(elements) > 3 and asked.is_xml and faults("xml-drops-last-element"):
        elements = elements[:-1]
    return [
        {name: _value(name, value, element, asked, faults) for name, value in element.items()} for element in elements
    ]


def _value(name: str, value: Any, element: Element, asked: RequestedView, faults: Faults) -> Any:
    if isinstance(value, dict):
        return _of_object(value, asked, faults)
    if isinstance(value, bool):
        return _of_flag(value, asked, faults)
    if isinstance(value, int):
        return _of_number(name, value, asked, faults)
    if isinstance(value, str) and (match := _MOMENT.fullmatch(value)):
        return _of_moment(name, value, match, asked, faults)
    return _of_text(name, value, element, asked, faults) if isinstance(value, str) else value


def _of_object(value: Element, asked: RequestedView, faults: Faults) -> Any:
    if asked.names is not None and len(value) == 1 and faults("select-loses-single-members"):
        return None
    return value


def _of_flag(value: bool, asked: RequestedView, faults: Faults) -> Any:
    if not value and asked.names is not None and faults("select-loses-false"):
        return None
    return value


def _of_number(name: str, value: int, asked: RequestedView, faults: Faults) -> Any:
    if value == 0 and asked.names is not None and faults("select-loses-zero"):
        return None
    if value > 999 and asked.view.culture is not None and asked.is_xml is False and faults("culture-groups-thousands"):
        return f"{value:,}"
    return value


def _of_moment(name: str, value: str, match: re.Match[str], asked: RequestedView, faults: Faults) -> str:
    zone = asked.view.zone
    if asked.is_xml and faults("xml-moments-without-offset"):
        return value[:19]
    if zone is None:
        return value
    if name == "LastStarted" and faults("one-date-not-converted"):
        return value[:11] + "00:00:00" + (match[8] or "")
    if name == "LastStarted" and match[8] and faults("one-date-in-utc"):
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    if match[6] != "00" and faults("time-zone-drops-seconds"):
        return f"{value[:17]}00{match[8] or ''}"
    if match[8] and match[8][-2:] != "00" and faults("half-hours-lost"):
        local = datetime.fromisoformat(value)
        return local.replace(minute=0, second=0).isoformat()[:-2] + "00"
    if match[4] < "06" and faults("time-zone-keeps-the-day"):
        day = int(match[3])
        return f"{value[:8]}{day + 1 if day < 28 else day - 1:02}{value[10:]}"
    return value


def _of_text(name: str, value: str, element: Element, asked: RequestedView, faults: Faults) -> str:
    if asked.is_xml:
        if not value.isascii() and faults("xml-loses-characters"):
            value = value.encode("ascii", "replace").decode()
        if len(value) > 60 and faults("xml-cuts-long-text"):
            value = value[:60]
        if "&" in value and faults("xml-escapes-twice"):
            value = value.replace("&", "&amp;")
    if name == "State" and asked.view.zone is not None and faults("state-lower-with-zone"):
        value = value.lower()
    return value


def apply_header_faults(response: Response, asked: RequestedView, faults: Faults) -> Response:
    """The response with the mistakes in its headers that depend on two features."""
    if not faults.enabled:
        return response
    if asked.names is not None and not response.data.isascii() and faults("length-in-characters"):
        response.headers["Content-Length"] = str(len(response.data.decode("utf-8", "replace")))
    if asked.is_xml and response.headers.get("Content-Encoding") == "gzip" and faults("xml-gzip-label-lost"):
        del response.headers["Content-Encoding"]
    if asked.view.zone is not None and asked.is_xml and faults("xml-zone-mislabelled"):
        response.headers["Content-Type"] = "application/json; charset=utf-8"
    return response


class ResponseCache:
    """Keeps answers for some seconds, by what its key has; each fault leaves something out of it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._kept: dict[tuple[object, ...], tuple[float, str, bytes, list[tuple[str, str]]]] = {}

    def find(self, request: Request) -> Response | None:
        """A cached answer, if a fault makes the server search for one."""
        for fault in self._on():
            kept = self._kept.get(self._key(request, fault))
            if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
                continue
            mine = tuple(request.headers.get(name, "") for name in _HEADERS[fault])
            if kept[1] != repr(mine) and self._faults(fault):
                return Response(kept[2], headers=kept[3])
        return None

    def keep(self, request: Request, response: Response) -> None:
        """Keep a success."""
        if response.status_code != 200:
            return
        for fault in self._on():
            mine = tuple(request.headers.get(name, "") for name in _HEADERS[fault])
            kept = (time.monotonic(), repr(mine), response.get_data(), list(response.headers.items()))
            key = self._key(request, fault)
            before = self._kept.get(key)
            if before is None or time.monotonic() - before[0] > _KEPT_SECONDS:
                self._kept[key] = kept

    def _on(self) -> list[str]:
        return [fault for fault in _HEADERS if fault in self._faults.enabled]

    def _key(self, request: Request, fault: str) -> tuple[object, ...]:
        others = [name for name in (*_ALL, "Content-Type", "Accept-Encoding") if name not in _HEADERS[fault]]
        data = request.get_data(cache=True)
        return (request.method, request.full_path, data, *(request.headers.get(name) for name in others))
