"""The sample request and response of a page: HTTP messages in fences marked ``http!`` and ``http_``."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from conformance.contract.model import Sample
from conformance.core.json_lines import Pointer, member_lines
from conformance.core.media_types import is_json, without_parameters
from conformance.pages.document import Document, Fence

REQUEST, RESPONSE = "http!", "http_"

_MAX_DEPTH = 50

_REQUEST_LINE = re.compile(r"[A-Z]+ /\S*( HTTP/\d(\.\d)?)?")
_STATUS_LINE = re.compile(r"HTTP/\d(\.\d)? [1-5]\d\d( .*)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)")


def read_sample(document: Document, info: str) -> tuple[Sample, dict[Pointer, int]] | None:
    """The first sample of the kind ``info``, and the line of each member of its body.

    A sample is known by its fence, wherever it is, also in a file that the page includes.
    """
    fences = (fence for section in document.sections for fence in section.fences)
    fence = next((fence for fence in fences if fence.info.startswith(info)), None)
    return _read_fence(document, fence) if fence else None


def _read_fence(document: Document, fence: Fence) -> tuple[Sample, dict[Pointer, int]]:
    lines = fence.text.rstrip("\n").split("\n")
    start = lines[0].rstrip()
    pattern, expected = (
        (_REQUEST_LINE, "a request line (POST /path)")
        if fence.info.startswith(REQUEST)
        else (_STATUS_LINE, "a status line (HTTP/1.1 200 OK)")
    )
    if not pattern.fullmatch(start):
        raise document.error(f"the sample does not begin with {expected}", fence.line)
    blank = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    headers = tuple(_header(document, line, fence.line + number) for number, line in enumerate(lines[1:blank], 1))
    first = next((number for number in range(blank, len(lines)) if lines[number].strip()), None)
    if first is None:
        return Sample(line=fence.line, start=start, headers=headers, page=fence.page), {}
    body_line = fence.line + first
    if not _is_json(headers):
        return Sample(line=fence.line, start=start, headers=headers, raw=True, page=fence.page), {}
    text = "\n".join(lines[first:])
    body = _read_body(document, text, body_line)
    members = member_lines(text, body_line)
    if max(map(len, members)) > _MAX_DEPTH:
        raise document.error(f"the sample's JSON is nested too deeply (more than {_MAX_DEPTH} levels)", body_line)
    sample = Sample(line=fence.line, start=start, headers=headers, body=body, body_line=body_line, page=fence.page)
    return sample, members


def _header(document: Document, line: str, number: int) -> tuple[str, str]:
    match = _HEADER.fullmatch(line.rstrip())
    if not match:
        raise document.error("not a header line (Name: value) of the sample; is a blank line missing above?", number)
    return match[1], match[2]


def _is_json(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether the body is JSON by its Content-Type, or by default where there is none."""
    declared = next((value for name, value in headers if name.lower() == "content-type"), "application/json")
    return is_json(without_parameters(declared))


def _read_body(document: Document, text: str, line: int) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        # Infinity from 1e999 and lone surrogates could not be written again.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        message = f"the sample's JSON is malformed: {error.msg} (column {error.colno})"
        raise document.error(message, line + error.lineno - 1) from None
    except RecursionError:
        raise document.error(f"the sample's JSON is nested too deeply (more than {_MAX_DEPTH} levels)", line) from None
    except ValueError as error:
        raise document.error(f"the sample's JSON cannot be used: {error}", line) from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
