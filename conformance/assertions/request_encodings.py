"""The baseline body in the documented request types, in every encoding that is in use."""

from __future__ import annotations

import fnmatch
from typing import Any

from conformance.client.codec_form import encode_form
from conformance.client.codec_json import encode_json
from conformance.client.codec_xml import XmlSpelling, encode_xml
from conformance.core.media_types import FORM, is_json, is_xml
from conformance.engine.probe import Probe

ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
"""The namespace of the items of an array in a data contract of .NET."""
_CONTRACTS = "http://schemas.datacontract.org/"
_OF_SERIALIZERS = (ARRAYS, "http://schemas.microsoft.com/2003/10/Serialization/")


def encodings(ask: Probe, media_type: str) -> list[bytes]:
    """The baseline body as ``media_type``; several if the page does not say how, none for a type without a codec."""
    body: dict[str, Any] = ask.facts.body
    if is_json(media_type):
        return [encode_json(body)]
    if media_type == FORM:
        return [encode_form(body, index) for index in ("", "[{}]", "[]")]
    if is_xml(media_type):
        return [encode_xml(body, way) for way in xml_spellings(ask)]
    return []


def configured_spellings(ask: Probe) -> list[XmlSpelling]:
    """What conformance.toml says about this operation's XML bodies (``[request_xml."GLOB"]``)."""
    named = ask.config.request_xml.items()
    return [spelling for pattern, spelling in named if fnmatch.fnmatchcase(ask.operation.id, pattern)]


def xml_spellings(ask: Probe) -> list[XmlSpelling]:
    """The configured spelling alone, or else the usual ones, the one that this target was seen to understand first.

    A target whose XML is in the namespace of a data contract is a .NET one, and reads the same: the root is named
    after the type of the request, the members come in alphabetical order, an array's items are in another namespace.
    """
    configured = configured_spellings(ask)
    if configured:
        return configured
    body: dict[str, Any] = ask.facts.body
    name = (ask.operation.request.name if ask.operation.request else "") or "request"
    call = ask.operation.path.rpartition("/")[2]
    arrays = [key for key, value in body.items() if isinstance(value, list)]
    kind = item_name(body[arrays[0]]) if arrays else "int"
    baseline = [
        XmlSpelling(root=name, item=kind),
        XmlSpelling(root=name),
        XmlSpelling(root=name, item=arrays[0].removesuffix("s") if arrays else "item"),
        XmlSpelling(root=name, item="item"),
        XmlSpelling(root=name, item=kind, item_namespace=ARRAYS),
        XmlSpelling(root=call, item=kind),
        XmlSpelling(root=call),
    ]
    spaces = [each for each in ask.facts.xml_namespaces if each not in _OF_SERIALIZERS][:2]
    roots = dict.fromkeys((name, name[:1].upper() + name[1:], f"{call}Request", call))
    contracts = [
        XmlSpelling(root=root, item=kind, namespace=space, item_namespace=ARRAYS, alphabetical=True)
        for space in spaces
        for root in roots
    ]
    others = [XmlSpelling(root=name, item=kind, namespace=space) for space in spaces]
    is_contract = any(space.startswith(_CONTRACTS) for space in spaces)
    ways = [*contracts, *baseline, *others] if is_contract else [*baseline, *others, *contracts]
    understood = ask.facts.request_xml
    return [*([understood] if understood else []), *(way for way in ways if way != understood)]


def item_name(items: list[Any]) -> str:
    """What .NET calls the items of an array after their type."""
    return "string" if items and isinstance(items[0], str) else "int"
