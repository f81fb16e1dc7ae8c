"""Which part of an option's value may be a secret, and what refers to one without being it."""

from __future__ import annotations

from urllib.parse import urlsplit

REFERENCES = ("env:", "file:", "cmd:")
REDACTED = "[redacted]"


def whole_value(text: str) -> str:
    """All of it."""
    return text


def of_credential(text: str) -> str:
    """What follows the scheme, and for Basic the user where that is written out."""
    scheme, _, value = text.partition(":")
    if scheme.strip().lower() == "basic" and not is_reference(value):
        return value.partition(":")[2] or value
    if scheme.strip().lower() == "oauth2":
        # The name of a table of the configuration.
        return ""
    return value or text


def of_url(text: str) -> str:
    """The password of a URL."""
    try:
        return urlsplit(text).password or ""
    except ValueError:
        return ""


def of_cookie(text: str) -> str:
    """What follows the name of a cookie."""
    return text if is_reference(text) else text.partition("=")[2] or text


def is_reference(text: str) -> bool:
    """Whether it names where the secret is."""
    return text.strip().startswith(REFERENCES)


def without(text: str, secret: str) -> str:
    """``text`` as it may be shown: the secret part is replaced unless it is a reference."""
    if not secret or is_reference(secret):
        return text
    return text[: len(text) - len(secret)] + REDACTED if text.endswith(secret) else text.replace(secret, REDACTED)
