"""Variants of responses: headers, connections, errors, and how JSON and XML are spelled."""

from __future__ import annotations

import gzip
import html
import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from werkzeug.wrappers import Request, Response

from conformance.reference.refusal import Refusal
from conformance.reference.variants.catalogue import Variants

_XML = "{http://www.w3.org/XML/1998/namespace}"
_SERIALIZATION = "{http://schemas.microsoft.com/2003/10/Serialization/}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NAMESPACE = "http://schemas.example.com/2004/07/Crm.Services"
_PER_SECOND = 50
_KINDS = ((r"-?\d+", "int"), (r"true|false", "bool"), (r"\d{4}-\d\d-\d\dT.*", "datetime"), (r"(?s).+", "str"))


class HttpVariants:
    """Applies the variants to responses; counts requests for those that limit them."""

    def __init__(self, variants: Variants) -> None:
        self._variants = variants
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._second = 0
        self._in_second = 0

    def admit(self, request: Request) -> None:
        """What happens before anything else; raises Refusal (429) if there were too many requests."""
        if "slow" in self._variants:
            time.sleep(0.05)
        if "head-refused" in self._variants and request.method == "HEAD":
            raise Refusal(405, "HEAD is not allowed here", (("Allow", "POST"),))
        if "rate-limited" not in self._variants:
            return
        with self._lock:
            second = int(time.monotonic())
            self._in_second = self._in_second + 1 if second == self._second else 1
            self._second = second
            if self._in_second > _PER_SECOND:
                raise Refusal(429, "Too many requests", (("Retry-After", "1"),))

    def refusal(self, refusal: Refusal, usual: Response) -> Response:
        """The response to a refused request."""
        variants = self._variants
        status = 403 if refusal.status == 401 and "forbidden" in variants else refusal.status
        headers = list(refusal.headers)
        if "problem-details" in variants:
            problem = {"type": "about:blank", "title": refusal.message, "status": status}
            return Response(json.dumps(problem), status, headers, content_type="application/problem+json")
        if "html-errors" in variants:
            page = f"<!DOCTYPE html><title>{status}</title><h1>{html.escape(refusal.message)}</h1>"
            return Response(page, status, headers, content_type="text/html; charset=utf-8")
        if "empty-errors" in variants:
            response = Response(b"", status, headers)
            del response.headers["Content-Type"]
            return response
        usual.status_code = status
        return usual

    def apply_variants(self, response: Response) -> Response:
        """The response as it goes out."""
        variants = self._variants
        if not variants:
            return response
        _spell(response, variants)
        content_type = response.headers.get("Content-Type", "")
        for variant, charset in (("in-capitals", "=UTF-8"), ("quoted", '="utf-8"')):
            if f"charset-{variant}" in variants and content_type:
                response.headers["Content-Type"] = content_type.replace("=utf-8", charset)
        if "charset-none" in variants and content_type:
            response.headers["Content-Type"] = content_type.partition(";")[0]
        if "proxied" in variants:
            number = next(self._numbers)
            response.headers.extend(
                {
                    "Via": "1.1 edge",
                    "X-Request-Id": str(number),
                    "Set-Cookie": f"balance={number % 3}; Path=/; HttpOnly",
                }
            )
            response.headers["Vary"] = "*"
        if "chunked" in variants and response.data:
            data = response.data
            response.response = _chunks(data)
            response.headers.pop("Content-Length", None)
        return response


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


def _spell(response: Response, variants: Variants) -> None:
    """Write a body in the other ways that JSON and XML have for the same."""
    if "gzip-never" in variants and response.headers.get("Content-Encoding") == "gzip":
        response.data = gzip.decompress(response.data)
        del response.headers["Content-Encoding"]
    zipped = response.headers.get("Content-Encoding") == "gzip"
    body = gzip.decompress(response.data) if zipped else response.data
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if not body or response.status_code >= 300:
        return
    spelled = _spell_json(body, variants) if kind.endswith("json") else _spell_xml(body, variants)
    response.data = gzip.compress(spelled, mtime=0) if zipped else spelled


def _spell_json(body: bytes, variants: Variants) -> bytes:
    if "pretty-json" in variants:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()
    if "escaped-json" in variants:
        return json.dumps(json.loads(body), ensure_ascii=True).encode()
    return body


def _spell_xml(body: bytes, variants: Variants) -> bytes:
    if not any(variant.startswith("xml-") for variant in variants.enabled):
        return body
    root = ElementTree.fromstring(body)
    if "xml-other-names" in variants:
        root.tag = "tasks"
        for element in root:
            element.tag = "task"
    if "xml-in-a-namespace" in variants:
        root.tag = "ArrayOfBatchTaskInfo"
        for element in root:
            element.tag = "BatchTaskInfo"
        _qualify(root)
    if "xml-wrapped" in variants:
        outer = ElementTree.Element("Response")
        ElementTree.SubElement(outer, "Items").extend(list(root))
        root = outer
    if "xml-attributes" in variants:
        for number, element in enumerate(root.iter()):
            element.set(f"{_XML}lang", "en")
            element.set(f"{_SERIALIZATION}Id", f"i{number}")
            if element.text and not len(element):
                element.set(f"{_XML}space", "preserve")
    if "xml-keys-as-names" in variants:
        for entry in [each for each in root.iter() if "Key" in each.attrib]:
            entry.tag = _name_for(entry.attrib.pop("Key"))
    if "xml-kinds" in variants:
        for element in root.iter():
            is_null = element.attrib.pop(_NIL, "") == "true"
            element.set("type", "null" if is_null else _kind_of(element))
    if "xml-indented" in variants:
        root.insert(0, ElementTree.Comment(" tasks "))
        _indent(root)
        text: str = ElementTree.tostring(root, encoding="unicode")
        return text.encode()
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _name_for(key: str) -> str:
    """A name for any key: other characters than letters and digits are replaced, and a letter is put before a digit."""
    name = "".join(letter if letter.isalnum() else "_" for letter in key)
    return f"n{name}" if not name[:1].isalpha() else name


def _kind_of(element: Any) -> str:
    text = element.text or ""
    kinds = (kind for pattern, kind in _KINDS if re.fullmatch(pattern, text))
    return "dict" if len(element) else next(kinds, "str")


def _qualify(element: Any) -> None:
    for each in element.iter():
        each.tag = f"{{{_NAMESPACE}}}{each.tag}"


def _indent(root: Any) -> None:
    """White space between elements, and never in one that holds text."""
    root.text = "\n"
    for element in root:
        element.tail = "\n"
        for child in element:
            child.tail = "\n    "
        if len(element):
            element.text = "\n    "
