"""The plain body in the documented request types, spelled in every way that is in use."""

from __future__ import annotations

from typing import Any

from conformance.suite.answer import is_json, is_xml
from conformance.suite.ask import Ask
from conformance.target.codec_form import encode_form
from conformance.target.codec_json import encode_json
from conformance.target.codec_xml import XmlSpelling, encode_xml

FORM = "application/x-www-form-urlencoded"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"


def spellings(ask: Ask, media_type: str) -> list[bytes]:
    """The plain body as ``media_type``; several where the page does not say how, none for a type without a codec."""
    body: dict[str, Any] = ask.known.body
    if is_json(media_type):
        return [encode_json(body)]
    if media_type == FORM:
        return [encode_form(body, index) for index in ("", "[{}]", "[]")]
    if is_xml(media_type):
        root = (ask.operation.request.name if ask.operation.request else "") or "request"
        call = ask.operation.path.rpartition("/")[2]
        singular = next((n.removesuffix("s") for n, v in body.items() if isinstance(v, list)), "item")
        ways = [
            XmlSpelling(root=root, item="int"),
            XmlSpelling(root=root),
            XmlSpelling(root=root, item=singular),
            XmlSpelling(root=root, item="item"),
            XmlSpelling(root=root, item="int", item_namespace=ARRAYS),
            XmlSpelling(root=call, item="int"),
            XmlSpelling(root=call),
        ]
        return [encode_xml(body, way) for way in ways]
    return []
