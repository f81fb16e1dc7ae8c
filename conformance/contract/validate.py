"""What an operation that was read from a folder may say: no more than a request can be made of.

A contract folder may come from others. Its paths and samples are sent, with the user's credentials, so each is
checked against the grammar of its place before anything else is done with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.contract.effect import READING_METHODS
from conformance.contract.model import Operation
from conformance.core.errors import InputError

METHOD = re.compile(r"[A-Z]+")
PATH = re.compile(r"/(?![/\\])[^\s\x00-\x20\x7f\\?#]*")
"""An absolute path (RFC 3986 3.3): two slashes at the beginning would name a server, ``?`` and ``#`` end a path."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_operation(operation: Operation, where: object) -> None:
    """Raise InputError that names the file (``where``), the fact and what is expected there."""
    for name, value, expected in _problems(operation):
        raise InputError(f"{where}: {name} is {value!r}, {expected}; derive it again from its page")


def _problems(operation: Operation) -> Iterator[tuple[str, str, str]]:
    if not METHOD.fullmatch(operation.method):
        yield "method", operation.method, "a method is a word in capitals"
    if operation.effect == "reads" and operation.method not in READING_METHODS:
        yield "effect", operation.effect, f"which does not fit the method {operation.method}"
    if not PATH.fullmatch(operation.path) or not operation.path.isprintable():
        yield "path", operation.path, "a path starts with one '/' and has no blank, backslash, '?' or '#'"
    for row in operation.headers:
        if not _TOKEN.fullmatch(row.name):
            yield "headers", row.name, "a header's name is a token (RFC 9110 5.6.2)"
    sample = operation.sample_request
    for name, value in sample.headers if sample is not None else ():
        if not _TOKEN.fullmatch(name):
            yield "sample_request.headers", name, "a header's name is a token (RFC 9110 5.6.2)"
        if not value.isprintable():
            yield f"sample_request.headers: {name}", value, "a header's value is one line"
    for types in (operation.request_types, operation.response_types, operation.schemes):
        for fact in types:
            if not fact.name.isprintable():
                yield "a media type or scheme", fact.name, "it goes into a header, so it is one line"
