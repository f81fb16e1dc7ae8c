"""An exchange as judgements read it: status, media type and elements. A body is parsed when it is first read."""

from __future__ import annotations

import copy
import sys
from collections.abc import Hashable
from typing import Any, Self, TypeVar

from msgspec.structs import replace

from conformance.client.codec_json import JsonDocument, parse_json
from conformance.client.codec_xml import XmlDocument, elements_at, find_element_path, parse_xml, xml_source
from conformance.client.exchange import Exchange, Failure, Intent, Request, Response
from conformance.client.secret_names import mark_in
from conformance.comparison.body_cache import RECENT
from conformance.comparison.outcomes import AnswerTooLarge, RedactedValue
from conformance.comparison.redacted import RedactedText, as_redacted
from conformance.contract.model import OperationContract
from conformance.core.media_types import is_xml

D = TypeVar("D", JsonDocument, XmlDocument)

_BYTES_OF_A_VALUE = 100
"""Memory of one parsed value with its name, as measured for objects of one to eight short members."""


class Answer:
    """The response to one request, or the failure to get one, read from the exchange and the contract alone.

    ``purpose`` says what the answer is used for; it may have been sent for another purpose. ``disturbed`` says that
    something between the suite and the target answered, so its request is not blamed.
    """

    def __init__(self, exchange: Exchange, contract: OperationContract, request: Request | None = None) -> None:
        self.exchange = exchange
        """Without secrets, also while the run goes on: judged again from its record, it gives the same verdict."""
        self.request = request or exchange.request
        """The request to send again, with its secrets and without the headers that every request of the run has. It is
        not judged."""
        self.contract = contract
        self.purpose = exchange.purpose
        self.intent: Intent = exchange.intent
        self.disturbed = False
        self.control: Answer | None = None
        """The answer to the valid request that a refusal is compared with."""

    def used_as(self, purpose: str) -> Self:
        """The same answer for another purpose."""
        if purpose == self.purpose:
            return self
        view = copy.copy(self)
        view.purpose = purpose
        return view

    @property
    def response(self) -> Response | None:
        """The response, or None if there is none."""
        return self.exchange.response

    @property
    def is_read_to_end(self) -> bool:
        """Whether the connection was its own, and was read to its last byte: see ``Response.trailing_size``."""
        return self.response is not None and self.response.trailing_size is not None

    @property
    def status(self) -> int:
        """The status code; 0 without a response."""
        return self.response.status if self.response else 0

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.response is not None and self.response.is_success

    @property
    def is_refused(self) -> bool:
        """Whether the status is 4xx."""
        return 400 <= self.status < 500

    @property
    def outcome(self) -> str:
        """Status and reason, or why there is no response."""
        if self.response is None:
            return self.exchange.failure_text or "no response"
        return f"{self.status} {self.response.reason}".strip()

    @property
    def media_type(self) -> str:
        """Type and subtype of Content-Type in lower case; empty without one. Raises RedactedValue."""
        found = self.response.media_type if self.response else ""
        if mark_in(found):
            raise RedactedValue(found)
        return found

    @property
    def body(self) -> bytes:
        """The body, content coding removed; empty without a response."""
        return self.response.body if self.response else b""

    @property
    def size(self) -> int:
        """The bytes of the body that came, whatever was taken out of it."""
        return self.response.received_size if self.response else 0

    def header(self, name: str) -> str | None:
        """The value of a response header, or None."""
        found = self.response.header(name) if self.response else None
        return RedactedText(found) if found is not None and mark_in(found) else found

    @property
    def too_large(self) -> str:
        """Why the answer was not read to its end (it is larger than ``--max-body``); empty if it was."""
        return self.exchange.failure_text if self.exchange.failure is Failure.TOO_LARGE else ""

    @property
    def text(self) -> str:
        """The body as text, in the charset of its Content-Type or UTF-8; undecodable bytes are replaced."""
        charset = (self.response.charset if self.response else None) or "utf-8"
        return RECENT.get(("text", self._kept, charset), lambda: _decoded(self.body, charset), sys.getsizeof)

    @property
    def json(self) -> JsonDocument:
        """The body as JSON.

        Raises AnswerTooLarge if it has more values than the limit of the parser, RedactedValue if a secret was taken
        out of a name or of its syntax.
        """
        charset = self.response.charset if self.response else None
        key = ("json", self._kept, charset, self.is_redacted)
        return _within(RECENT.get(key, lambda: self._with_redacted(parse_json(self.text)), self._size_of))

    @property
    def xml(self) -> XmlDocument:
        """The body as XML. Raises as ``json``."""
        response = self.response
        if response is None:
            return XmlDocument(problem="there is no response")
        key = ("xml", self._kept, response.charset, self.is_redacted)
        return _within(RECENT.get(key, lambda: self._with_redacted(parse_xml(xml_source(response))), self._size_of))

    def _with_redacted(self, document: D) -> D:
        """The document with its redacted values; raises RedactedValue if it is malformed, perhaps by them."""
        if not self.is_redacted or document.beyond:
            return document
        if document.problem:
            raise RedactedValue(self.text)
        return replace(document, value=as_redacted(document.value))

    @property
    def is_redacted(self) -> bool:
        """Whether secrets were taken out of the body."""
        return self.response is not None and self.response.original_size is not None

    @property
    def _kept(self) -> Hashable:
        return self.response.kept_body if self.response else b""

    def _size_of(self, document: JsonDocument | XmlDocument) -> int:
        """An estimate of the memory that a parsed body takes, in bytes."""
        return _BYTES_OF_A_VALUE * document.size + (self.response.body_size if self.response else 0)

    @property
    def is_xml(self) -> bool:
        """Whether the response's Content-Type is an XML type."""
        return is_xml(self.media_type)

    @property
    def elements(self) -> list[dict[str, Any]] | None:
        """The elements of a JSON response; None if it is not an array of objects. Null is read as an empty array.

        If the page documents a single object as response, that object is the only element. Raises AnswerTooLarge.
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
        """The elements of a response in JSON or XML, by documented property name; None if they cannot be read.

        In XML all values are texts, and names are matched without regard to case. ``path`` is where discovery found
        the elements in this target's XML; it is needed if an element has none of the documented properties. Raises
        AnswerTooLarge.
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

        key = ("elements", self._kept, path, tuple(names.values()), self.is_redacted)
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
