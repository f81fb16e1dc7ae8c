"""An exchange as judgements read it: status, type, elements, rows; parsed when asked for, whatever the bytes are."""

from __future__ import annotations

import copy
import sys
from collections.abc import Hashable
from typing import Any, Self, TypeVar

from conformance.client.codec_json import JsonDocument, parse_json
from conformance.client.codec_xml import XmlDocument, elements_at, find_element_path, parse_xml, xml_source
from conformance.client.exchange import Exchange, Failure, Intent, Request, Response
from conformance.client.wire import WireResponse
from conformance.comparison.body_cache import RECENT
from conformance.comparison.outcomes import AnswerTooLarge
from conformance.contract.model import OperationContract
from conformance.core.media_types import is_xml

D = TypeVar("D", JsonDocument, XmlDocument)

_BYTES_OF_A_VALUE = 100
"""Of memory, with the object and the name that it is under: measured for objects of one to eight short members."""


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
        self.purpose = exchange.purpose
        self.intent: Intent = exchange.intent
        self.disturbed = False
        self.control: Answer | None = None
        """The accepted request that a refusal is compared with."""

    def used_as(self, purpose: str) -> Self:
        """The same answer for another purpose."""
        if purpose == self.purpose:
            return self
        view = copy.copy(self)
        view.purpose = purpose
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
    def is_success(self) -> bool:
        """Whether the request was served: 2xx."""
        return self.response is not None and self.response.is_success

    @property
    def is_refused(self) -> bool:
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

    @property
    def too_large(self) -> str:
        """Why the answer was not read to its end, or empty: it is larger than ``--max-body``."""
        return self.exchange.failure_text if self.exchange.failure is Failure.TOO_LARGE else ""

    @property
    def text(self) -> str:
        """The body as text, in the charset that it names, else UTF-8; undecodable bytes are replaced."""
        charset = (self.response.charset if self.response else None) or "utf-8"
        return RECENT.get(("text", self._kept, charset), lambda: _decoded(self.body, charset), sys.getsizeof)

    @property
    def json(self) -> JsonDocument:
        """The body as JSON. Raises TooLarge where it holds more than is read."""
        charset = self.response.charset if self.response else None
        return _within(RECENT.get(("json", self._kept, charset), lambda: parse_json(self.text), self._size_of))

    @property
    def xml(self) -> XmlDocument:
        """The body as XML. Raises TooLarge where it holds more than is read."""
        response = self.response
        if response is None:
            return XmlDocument(problem="there is no response")
        key = ("xml", self._kept, response.charset)
        return _within(RECENT.get(key, lambda: parse_xml(xml_source(response)), self._size_of))

    @property
    def _kept(self) -> Hashable:
        return self.response.kept_body if self.response else b""

    def _size_of(self, document: JsonDocument | XmlDocument) -> int:
        """About how many bytes of memory a parsed body takes."""
        return _BYTES_OF_A_VALUE * document.size + (self.response.body_size if self.response else 0)

    @property
    def is_xml(self) -> bool:
        """Whether the response says that it is XML."""
        return is_xml(self.media_type)

    @property
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

    def read_elements(self, path: tuple[str, ...] = ()) -> list[dict[str, Any]] | None:
        """The elements by documented property name, in JSON or XML; None where they cannot be read.

        XML names are taken without regard to case and as text; ``path`` is where this target's XML was found to
        keep its elements (needed where every property of an element is left out).
        """
        if not self.is_xml:
            return self.elements
        if self.xml.problem:
            return None
        names = {name.lower(): name for name in self.contract.properties}
        document = self.xml

        def read() -> list[dict[str, Any]]:
            found = elements_at(document, path) if path else find_element_path(document, names)[0]
            return [{names.get(key.lower(), key): value for key, value in element.items()} for element in found]

        key = ("elements", self._kept, path, tuple(names.values()))
        return RECENT.get(key, read, lambda _: _BYTES_OF_A_VALUE * document.size)


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode("utf-8-sig" if charset == "utf-8" else charset, errors="replace")
    except LookupError:
        return body.decode("utf-8-sig", errors="replace")


def _within(document: D) -> D:
    if document.beyond:
        raise AnswerTooLarge(f"a response is too large to be judged: {document.beyond}")
    return document
