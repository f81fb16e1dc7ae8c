"""What went over the wire: requests, responses, and both as one exchange."""

from __future__ import annotations

from email.message import Message
from enum import StrEnum
from typing import Any

import msgspec

from conformance.client.bodies import StoredBody

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str | None:
    """The value of the first header ``name`` (any case), or None."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


class Intent(StrEnum):
    """What a request is sent for. It decides which requirements judge the answer; ``purpose`` is only for people."""

    DISCOVERY = "discovery"
    """A valid request that asks what the target knows."""
    BASELINE = "baseline"
    """The request that discovery chose, with nothing else in it."""
    VARIATION = "variation"
    """A valid request that differs from the baseline in a documented or permitted way."""
    CONTROL = "control"
    """A request that must be accepted, so that a refusal beside it shows something."""
    UNCERTAIN = "uncertain"
    """Well-formed, with values that may mean nothing to the target: it may be refused, or answered with an error."""
    GUESS = "guess"
    """One of several possible forms of a body that the page does not show."""
    MALFORMED = "malformed"
    """Not a valid request of this operation: a malformed body, another method or path, an undocumented type."""
    REFUSAL = "refusal"
    """Without credentials, or with some that are not sufficient: it must be refused."""
    WRONG_CREDENTIAL = "wrong credential"
    """With a credential that is almost right: it must be refused, and may count towards a lock-out."""

    @property
    def is_valid(self) -> bool:
        """Whether the answer, if it is 2xx, must be a result of the operation."""
        return self in (Intent.DISCOVERY, Intent.BASELINE, Intent.VARIATION, Intent.CONTROL)

    @property
    def must_be_refused(self) -> bool:
        """Whether 401 and 403 are the expected answers."""
        return self in (Intent.REFUSAL, Intent.WRONG_CREDENTIAL)


METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
"""Their requests have a Content-Length also without a body (RFC 9110 8.6)."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it is sent. ``target`` is path and query (origin-form, RFC 9112 3.2.1).

    ``headers`` are all that go out, in order, but ``Host`` and the framing, which the transport adds.
    ``chunked`` sends the body with ``Transfer-Encoding: chunked`` (RFC 9112 7.1).
    ``sent_size`` is the size of the body that was sent (bytes), where secrets were taken out of ``body``.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    chunked: bool = False
    sent_size: int | None = None

    @property
    def body_size(self) -> int:
        """The size of the body that was sent (bytes)."""
        return len(self.body) if self.sent_size is None else self.sent_size

    @property
    def framing(self) -> str:
        """The header that announces the body's length, which the transport adds; empty if there is none."""
        if self.chunked:
            return "Transfer-Encoding: chunked"
        has_length = self.body_size or self.method in METHODS_WITH_BODY
        return f"Content-Length: {self.body_size}" if has_length else ""


class _Received(msgspec.Struct, frozen=True, kw_only=True):
    """What came. ``body`` is as it is kept: bytes, or a ``StoredBody`` that loads them.

    Any, because a union with a class of ours cannot be decoded, as the process that reports does.
    """

    status: int
    reason: str = ""
    version: str = "HTTP/1.1"
    headers: Headers = ()
    body: Any = b""
    wire_size: int = 0
    whole_size: int | None = None
    """The size of the whole body (bytes) if ``body`` is only its beginning, as in what is written."""
    original_size: int | None = None
    """The size of the whole body (bytes) where secrets were taken out of ``body``."""
    trailing: bytes = b""
    """What came after the end of the message (bytes that belong to no message)."""
    trailing_size: int | None = None
    """How many bytes these were; None if that is not known, because the connection was kept for other requests."""
    framing_problem: str = ""
    """What is wrong with the framing, where the connection was read to the last byte; empty if nothing is."""


_KEPT: Any = vars(_Received)["body"]
"""The field itself: the property of the same name hides it."""


class Response(_Received, frozen=True, kw_only=True):
    """One response. ``body`` has its content coding removed; ``wire_size`` is the size that was sent (bytes)."""

    @property  # type: ignore[misc]
    def body(self) -> bytes:
        """The bytes of the body, read from where they are kept; not to be kept."""
        kept = self.kept_body
        return kept if isinstance(kept, bytes) else kept.load()

    @property
    def kept_body(self) -> bytes | StoredBody:
        """What stands for the body: equal for equal bodies of a run, and small whatever the body's size."""
        kept: bytes | StoredBody = _KEPT.__get__(self)
        return kept

    @property
    def body_size(self) -> int:
        """The body's size in bytes, without reading it."""
        kept = self.kept_body
        return len(kept) if isinstance(kept, bytes) else kept.size

    @property
    def received_size(self) -> int:
        """The size in bytes of the body that came, of which ``body`` may be the beginning, or be without secrets."""
        sizes = (self.original_size, self.whole_size, self.body_size)
        return next(each for each in sizes if each is not None)

    def header(self, name: str) -> str | None:
        """The value of the first header ``name`` (any case), or None."""
        return header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The type and subtype that Content-Type names, in lower case; empty without one."""
        value = self.header("Content-Type")
        return value.split(";", 1)[0].strip().lower() if value else ""

    @property
    def charset(self) -> str | None:
        """The charset parameter of Content-Type, in lower case, or None."""
        message = Message()
        message["Content-Type"] = self.header("Content-Type") or ""
        value = message.get_param("charset")
        return value.strip().lower() if isinstance(value, str) else None

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class Failure(StrEnum):
    """Why a request has no usable response."""

    UNUSABLE_URL = "unusable URL"
    UNKNOWN_HOST = "unknown host"
    PROXY_REFUSED = "refused by the proxy"
    CONNECTION_REFUSED = "connection refused"
    TLS = "TLS failed"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    MALFORMED = "malformed"
    TOO_LARGE = "too large"


_UNREACHABLE = (
    Failure.UNUSABLE_URL, Failure.UNKNOWN_HOST, Failure.PROXY_REFUSED, Failure.CONNECTION_REFUSED, Failure.TLS
)  # fmt: skip


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its response, secrets redacted, or how the response failed to come.

    ``number`` is its place in the run's evidence (from 0); ``started`` is ISO 8601 with an offset;
    ``seconds`` is the time from sending to the last byte.
    """

    number: int
    operation: str
    requirement: str
    """Id of the requirement that sent it first; empty for discovery."""
    purpose: str
    """What the exchange is for, in words for people: ``selected``, ``one state``..."""
    intent: Intent = Intent.VARIATION
    request: Request
    response: Response | None
    url: str
    """Absolute URL of the request."""
    started: str
    seconds: float
    batch: int | None = None
    """Number of the first of those that were sent at the same time; None for one that was sent alone."""
    failure: Failure | None = None
    failure_text: str = ""

    @property
    def is_unreachable(self) -> bool:
        """Whether there was no connection on which the request could be sent."""
        return self.failure in _UNREACHABLE

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing came back: the target may not answer any more at all."""
        return self.is_unreachable or self.failure in (Failure.TIMEOUT, Failure.DROPPED)


class RedactedExchange(Exchange, frozen=True, kw_only=True):
    """An exchange without secrets. Only ``Redactor.exchange`` makes one, and reports accept no other exchange."""
