"""Which part of an option's value may be a secret, and which texts only refer to a secret."""

from __future__ import annotations

from urllib.parse import urlsplit

REFERENCES = ("env:", "file:", "cmd:")
REDACTED = "[redacted]"


def whole_value(text: str) -> str:
    """The whole value may be a secret."""
    return text


def of_credential(text: str) -> str:
    """The part after the scheme, and for Basic the part after the user name."""
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
    """The value of a cookie."""
    return text if is_reference(text) else text.partition("=")[2] or text


def is_reference(text: str) -> bool:
    """Whether the text only says where the secret is."""
    return text.strip().startswith(REFERENCES)


def without(text: str, secret: str) -> str:
    """``text`` for reports: its secret part is replaced unless it is a reference."""
    if not secret or is_reference(secret):
        return text
    return text[: len(text) - len(secret)] + REDACTED if text.endswith(secret) else text.replace(secret, REDACTED)
