"""How a request is refused."""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):
    """An answer other than success; raised where the reason is found."""

    def __init__(self, status: int, message: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = tuple(headers)
