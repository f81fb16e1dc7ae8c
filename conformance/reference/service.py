"""One operation: from an admitted request to its response."""

from __future__ import annotations

import gzip
import time
from typing import Any

from werkzeug.wrappers import Request, Response

from conformance.contract.model import OperationContract, Selection
from conformance.reference.data import finder
from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.faults.elements import inject_element_faults
from conformance.reference.faults.interactions import (
    RequestedView,
    ResponseCache,
    apply_header_faults,
    inject_interaction_faults,
    understood_view,
)
from conformance.reference.negotiate import Chosen, choose_type
from conformance.reference.read_body import read_body
from conformance.reference.refusal import Refusal
from conformance.reference.render import View, choose_view, lacks_text, render_elements, unknown_values
from conformance.reference.request_headers import check_names, header
from conformance.reference.select import columns, read_selection, rearrange, select, selected_names, shown_texts
from conformance.reference.time_zone import BASE_ZONE
from conformance.reference.values import Element
from conformance.reference.variants.catalogue import Variants
from conformance.reference.variants.elements import ElementVariants
from conformance.reference.weighted_lists import members
from conformance.reference.write_json import write_json
from conformance.reference.write_xml import XmlWriter

_VARY = "Accept, Accept-Encoding, Accept-Language, SO-Language, SO-Culture, SO-TimeZone"
_VIEW_HEADERS = ("Accept-Language", "SO-Language", "SO-Culture", "SO-TimeZone")


class Service:
    """Answers the requests for one operation of the contract."""

    def __init__(self, contract: OperationContract, faults: Faults, variants: Variants) -> None:
        operation = contract.operation
        self._contract = contract
        self._faults = faults
        self._variants = variants
        self._vary = ElementVariants(variants, contract.properties)
        self._find = finder(contract, variants)
        self._is_array = (contract.response or {}).get("type") == "array"
        self._request_types = [fact.name.lower() for fact in operation.request_types]
        self._response_types = [fact.name.lower() for fact in operation.response_types] or ["application/json"]
        self._headers = {fact.name.lower() for fact in operation.headers}
        self._dates = {name for name, schema in contract.properties.items() if schema.get("format") == "date-time"}
        self._status = next((int(fact.name) for fact in operation.statuses if fact.name.startswith("2")), 200)
        self._xml = XmlWriter(contract.element, operation.response.name if operation.response else "", faults)
        self._shared: list[Element] = []
        self._cache = ResponseCache(faults)

    def answer(self, request: Request) -> Response:
        """The response to a request with the right method and path; raises Refusal."""
        kept = self.kept(request)
        if kept is not None:
            return kept
        response = self._answer(request)
        self._cache.keep(request, response)
        return response

    def kept(self, request: Request) -> Response | None:
        """The answer to an earlier request, if a fault confuses it with this one's."""
        return self._cache.find(request)

    def _answer(self, request: Request) -> Response:
        faults = self._faults
        check_names(request, self._headers, faults)
        fallback = "fallback-type" in self._variants
        accept = header(request, "Accept", faults)
        chosen = choose_type(accept, self._response_types, faults, fallback=fallback)
        wanted = {name: header(request, name, faults) for name in _VIEW_HEADERS}
        if "one-time-zone" in self._variants and wanted["SO-TimeZone"] != BASE_ZONE.key:
            wanted["SO-TimeZone"] = wanted["SO-TimeZone"] and "a code of no zone"
        view = choose_view(wanted, faults, is_xml=chosen.is_xml)
        if "null-for-unknown" in self._variants and unknown_values(wanted):
            return self._response(request, chosen, None, selected=False)
        elements = inject_element_faults(self._vary.present(self._find(self._body(request), faults)), faults)
        if not self._is_array:
            # Only one is returned, before a variant changes the order.
            elements = elements[:1]
        if not all(isinstance(element, dict) for element in elements):
            # Texts and numbers have no properties to select, translate or convert.
            return self._response(request, chosen, elements, selected=False)
        if any(lacks_text(element, view.language) for element in elements) and faults("language-drops-elements"):
            elements = [element for element in elements if not lacks_text(element, view.language)]
        names = self._selection(request, chosen)
        if names is not None and len(names) > 100 and faults("select-many-names-crash"):
            raise Crash
        asked = RequestedView(names, view, chosen.is_xml)
        shown = inject_interaction_faults(
            self._shown(elements, names, understood_view(view, asked, faults)), asked, faults
        )
        if names is not None and len(elements) > 1 and faults("select-first-element-only"):
            shown = [*shown[:1], *render_elements(elements[1:], view, faults)]
        if names is not None and chosen.is_xml and faults("select-objects-in-xml"):
            shown = _objects_of(render_elements(elements, view, faults), shown)
        shown = self._vary(shown, names, is_xml=chosen.is_xml, zoned=view.zone is not None)
        if faults.enabled:
            shown = self._built(shown)
        if not shown and faults("no-match-204"):
            return Response(status=204)
        return apply_header_faults(self._response(request, chosen, shown, selected=names is not None), asked, faults)

    def _body(self, request: Request) -> dict[str, Any] | None:
        if self._contract.request is None:
            return {}
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refusal(415, "The Content-Encoding is not known")
        data = request.get_data(cache=True)
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and self._faults("chunked-ignored"):
            data = b""
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and self._faults("chunked-cut"):
            data = data[: len(data) // 2]
        content_type = header(request, "Content-Type", self._faults)
        body = read_body(data, content_type, self._request_types, self._contract.request, self._faults)
        known = self._contract.request.get("properties", {})
        if "additional-member-refused" in self._variants and body and set(body) - set(known):
            raise Refusal(400, "The body has a member that is not known")
        return body

    def _selection(self, request: Request, chosen: Chosen) -> list[str] | None:
        """The names in $select; None: everything is shown."""
        if self._contract.operation.query_parameter("$select") is None:
            return None
        raw = request.query_string.decode("latin-1")
        names = selected_names(request.args.getlist("$select"), raw, self._faults)
        names = self._faults.previous("select-sticky", names)
        if names is not None and self._faults("select-ignored"):
            return None
        return None if names is not None and chosen.is_xml and self._faults("select-json-only") else names

    def _shown(self, elements: list[Element], names: list[str] | None, view: View) -> list[Element]:
        faults = self._faults
        if names is None:
            return render_elements(elements, view, faults)
        if self._contract.operation.selection is Selection.COLUMNS:
            return render_elements(columns(elements, names, is_list=self._is_array), view, faults)
        tree = read_selection(names, self._contract.element, faults)
        kept = rearrange([select(element, tree, faults) for element in elements], names, faults)
        return [shown_texts(element, self._dates, faults) for element in render_elements(kept, view, faults)]

    def _built(self, elements: list[Element]) -> list[Element]:
        """The answer as this thread has built it."""
        if "parallel-mix-up" not in self._faults.enabled:
            return elements
        self._shared = elements
        # Long enough for another request to come between.
        time.sleep(0.02)
        return self._shared if self._shared is not elements and self._faults("parallel-mix-up") else elements

    def _response(
        self, request: Request, chosen: Chosen, elements: list[Element] | None, *, selected: bool
    ) -> Response:
        faults = self._faults
        if self._contract.response is None:
            return Response(status=self._status)
        label = f"{chosen.label}; charset=utf-8"
        if chosen.label == "text/json" and faults("charset-wrong"):
            label = f"{chosen.label}; charset=utf-16"
        body = self._write(elements, chosen, selected=selected)
        status = 201 if self._status != 201 and faults("created-status") else self._status
        response = Response(body, status=status, content_type=label)
        if chosen.label == "text/json" and faults("content-type-missing"):
            del response.headers["Content-Type"]
        if not faults("vary-missing"):
            response.headers["Vary"] = _VARY
        if _takes_gzip(request.headers.get("Accept-Encoding")):
            if elements and faults("gzip-broken"):
                body = self._write(elements[:-1], chosen, selected=selected)
            response.data = gzip.compress(body, compresslevel=1, mtime=0)
            response.headers["Content-Encoding"] = "gzip"
        if chosen.label == "text/xml" and faults("content-length-wrong"):
            response.headers["Content-Length"] = str(len(response.data) + 2)
        return response

    def _write(self, elements: list[Element] | None, chosen: Chosen, *, selected: bool) -> bytes:
        result: Any = elements if self._is_array else next(iter(elements or ()), None)
        if elements and self._is_array and len(elements) == 1 and self._faults("object-instead-of-array"):
            result = elements[0]
        if self._is_array and not elements and self._faults("null-for-empty"):
            result = None
        return self._xml.write(result) if chosen.is_xml else write_json(result, self._faults, selected=selected)


def _objects_of(whole: list[Element], shown: list[Element]) -> list[Element]:
    """The shown elements with the objects of the whole ones."""
    return [
        {name: full[name] if isinstance(full.get(name), dict) else value for name, value in element.items()}
        for full, element in zip(whole, shown, strict=False)
    ]


def _takes_gzip(accept_encoding: str | None) -> bool:
    weights = {member.value: member.weight for member in members(accept_encoding or "")[0]}
    return weights.get("gzip", weights.get("*", 0.0)) > 0
