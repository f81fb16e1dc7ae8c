"""An exchange as judgements read it: status, type, elements, rows; parsed once, whatever the bytes are."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any, Self

from conformance.contract.model import OperationContract
from conformance.target.codec_json import JsonDocument, parse_json
from conformance.target.codec_xml import XmlDocument, find_rows, parse_xml, rows_at, xml_source
from conformance.target.exchange import Exchange, Intent, Request, Response
from conformance.target.wire import WireResponse

JSON_SUFFIXES = ("/json", "+json")
XML_SUFFIXES = ("/xml", "+xml")


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON or based on it (RFC 6839 3.1)."""
    return media_type.lower().endswith(JSON_SUFFIXES)


def is_xml(media_type: str) -> bool:
    """Whether the media type is XML or based on it (RFC 7303 4.2)."""
    return media_type.lower().endswith(XML_SUFFIXES)


class Answer:
    """What came back for one request. Pure: everything is read from the exchange and the contract.

    ``role`` says what it is for where it is used, which may be another purpose than the one it was sent for;
    ``disturbed`` that something between suite and target answered, so that nothing is blamed on its request.
    """

    def __init__(
        self,
        exchange: Exchange,
        contract: OperationContract,
        wire: WireResponse | None = None,
        request: Request | None = None,
    ) -> None:
        self.exchange = exchange
        self.request = request or exchange.request
        """The request as it was asked for, without what every request of the run carries."""
        self.contract = contract
        self.wire = wire
        self.role = exchange.role
        self.intent: Intent = exchange.intent
        self.disturbed = False

    def used_as(self, role: str) -> Self:
        """The same answer for another purpose; what was parsed already is shared."""
        if role == self.role:
            return self
        view = copy.copy(self)
        view.role = role
        return view

    @property
    def response(self) -> Response | None:
        """The response, or None where none came."""
        return self.exchange.response

    @property
    def status(self) -> int:
        """The status code; 0 where no response came."""
        return self.response.status if self.response else 0

    @property
    def accepted(self) -> bool:
        """Whether the request was served: 2xx."""
        return self.response is not None and self.response.accepted

    @property
    def refused(self) -> bool:
        """Whether the request was refused: 4xx."""
        return 400 <= self.status < 500

    @property
    def outcome(self) -> str:
        """Status and reason, or how the response failed to come."""
        if self.response is None:
            return self.exchange.failure_text or "no response"
        return f"{self.status} {self.response.reason}".strip()

    @property
    def media_type(self) -> str:
        """Type and subtype of Content-Type in lower case; empty without one."""
        return self.response.media_type if self.response else ""

    @property
    def body(self) -> bytes:
        """The body, content coding removed; empty without a response."""
        return self.response.body if self.response else b""

    def header(self, name: str) -> str | None:
        """The value of a response header, or None."""
        return self.response.header(name) if self.response else None

    @cached_property
    def text(self) -> str:
        """The body as text, in the charset that it names, else UTF-8; undecodable bytes are replaced."""
        charset = (self.response.charset if self.response else None) or "utf-8"
        try:
            return self.body.decode("utf-8-sig" if charset == "utf-8" else charset, errors="replace")
        except LookupError:
            return self.body.decode("utf-8-sig", errors="replace")

    @cached_property
    def json(self) -> JsonDocument:
        """The body as JSON."""
        return parse_json(self.text)

    @cached_property
    def xml(self) -> XmlDocument:
        """The body as XML."""
        if self.response is None:
            return XmlDocument(problem="there is no response")
        return parse_xml(xml_source(self.response))

    @cached_property
    def is_xml(self) -> bool:
        """Whether the response says that it is XML."""
        return is_xml(self.media_type)

    @cached_property
    def elements(self) -> list[dict[str, Any]] | None:
        """The elements of a JSON response; None where it is not an array of objects (null counts as empty).

        For an operation that answers with one object that object is the only element.
        """
        if self.json.problem:
            return None
        value = self.json.value
        if self.contract.response is not None and self.contract.response.get("type") != "array":
            value = [value] if isinstance(value, dict) else value
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            return None
        return value

    def rows(self, path: tuple[str, ...] = ()) -> list[dict[str, Any]] | None:
        """The elements by documented property name, in JSON or XML; None where they cannot be read.

        XML names are taken without regard to case and as text; ``path`` is where this target's XML was found to
        keep its elements (needed where every property of an element is left out).
        """
        if not self.is_xml:
            return self.elements
        if self.xml.problem:
            return None
        names = {name.lower(): name for name in self.contract.properties}
        found = rows_at(self.xml, path) if path else find_rows(self.xml, names)[0]
        return [{names.get(key.lower(), key): value for key, value in row.items()} for row in found]
