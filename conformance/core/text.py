"""Long text, shortened."""

from __future__ import annotations

MAX_SENTENCE = 400
"""The longest message, value or reason in a result."""


def truncate(text: str, limit: int = MAX_SENTENCE, ending: str = "...") -> str:
    """The text, or its beginning and ``ending``: at most ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - len(ending)]}{ending}"


def truncate_counted(text: str, limit: int) -> str:
    """The text, or its first ``limit`` characters and a line that says how many more there are."""
    return text if len(text) <= limit else f"{text[:limit]}\n[{len(text) - limit} more characters]"
