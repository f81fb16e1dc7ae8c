"""Rate limiting and back-off: requests per second, the budget of requests, and how long the target asks to wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
from pyrate_limiter import Limiter, Rate

from conformance.client.exchange import Response


class BudgetUsedUp(Exception):
    """``--max-requests`` or ``--max-time`` is reached; nothing more is sent."""


class AskedToWait(Exception):
    """The target keeps answering 429 or 503 and asks to wait longer than the run may."""


class TargetStopped(Exception):
    """The target answered before and does not any more, or refuses what it accepted; nothing more is sent."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a run may do to a target. Times in seconds, sizes in bytes; None means no limit."""

    timeout: float = 30.0
    rate: float | None = None
    max_requests: int | None = None
    max_wait: float = 120.0
    """How long the run waits in total because the target asks it to (Retry-After)."""
    max_body: int = 8 * 1024 * 1024
    """A larger response is not read to its end, and decides nothing: ``--max-body``."""
    max_time: float | None = None
    """How long the whole run may take."""


class RateLimit:
    """Spaces requests out so that no more than ``rate`` go out in a second."""

    def __init__(self, rate: float | None) -> None:
        # A window of one request: the average alone would let a burst through at the start.
        self._limiter = Limiter(Rate(1, max(1, round(1000 / rate))), buffer_ms=0) if rate else None

    def wait(self) -> None:
        """Return when the next request may go out."""
        if self._limiter is not None:
            self._limiter.try_acquire("target", blocking=True)


def retry_after(response: Response, attempt: int) -> float | None:
    """How many seconds the target asks to wait before the request is sent again; None: it does not ask.

    429 asks even without a Retry-After (RFC 6585 4), 503 only with one (RFC 9110 10.2.3, 15.6.4). ``attempt``
    (from 0) sets the pause if the target names none.
    """
    value = response.header("Retry-After")
    if response.status not in (429, 503) or (response.status == 503 and value is None):
        return None
    if value is None:
        return float(2**attempt)
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip())
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return float(2**attempt)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class BackOff:
    """The time that a run has for waiting, shared by all of its requests."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def sleep(self, seconds: float) -> None:
        """Wait; raises AskedToWait if that is more than is left."""
        if seconds > self._left:
            raise AskedToWait(f"the target asks to wait {seconds:.0f} s more; the run waits {self._left:.0f} s at most")
        self._left -= seconds
        time.sleep(seconds)


def larger_than(max_body: int) -> str:
    """What is reported of a response that is larger than ``--max-body`` (bytes)."""
    return f"a response is larger than the {max_body:,} bytes of --max-body, so it was not read to its end"
