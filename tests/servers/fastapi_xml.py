"""XML of the FastAPI server: elements as members, `xsi:nil` for null, lists as repeated elements; and that of ASP.NET."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from servers.texts import NOT_IN_XML

XSI = "http://www.w3.org/2001/XMLSchema-instance"
CONTRACT = "http://schemas.datacontract.org/2004/07/Batch.Services"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
XSD = "http://www.w3.org/2001/XMLSchema"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")


def write(rows: Any, variants: frozenset[str]) -> bytes:
    """The answer in XML; `rows` may be null."""
    if "xml-aspnet" in variants:
        root = _aspnet(rows)
    else:
        root = ET.Element("ArrayOfBatchTaskInfo", {"xmlns:xsi": XSI})
        if rows is None:
            root.set("xsi:nil", "true")
        if isinstance(rows, dict):
            root.tag = "Error"
            _plain(root, "Message", rows["Message"], variants)
        else:
            for row in rows or ():
                _plain(root, "BatchTaskInfo", row, variants)
    text = ET.tostring(root, encoding="unicode").replace("\r", "&#13;")
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + text).encode()


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}
    return names.get(type(value), "null")


def _plain(parent: ET.Element, name: str, value: Any, variants: frozenset[str]) -> None:
    if NAME.fullmatch(name):
        element = ET.SubElement(parent, name)
    elif "xml-keys-in-attributes" in variants:
        element = ET.SubElement(parent, "entry", {"key": name})
    else:
        element = ET.SubElement(parent, _respelled(name))
    if "xml-types" in variants:
        element.set("type", _type_of(value))
    if value is None:
        element.set("xsi:nil", "true")
    elif isinstance(value, dict):
        for key, each in value.items():
            _plain(element, key, each, variants)
    elif isinstance(value, list):
        for each in value:
            _plain(element, "item", each, variants)
    else:
        element.text = _text(value)


def _respelled(name: str) -> str:
    """The name as XmlConvert of .NET encodes it: _x0020_ for what an XML name cannot hold there."""
    return "".join(
        letter if re.fullmatch(r"[A-Za-z_]" if at == 0 else r"[\w.\-]", letter) else f"_x{ord(letter):04X}_"
        for at, letter in enumerate(name)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return NOT_IN_XML.sub("\ufffd", str(value))


def _aspnet(rows: Any) -> ET.Element:
    root = ET.Element("ArrayOfBatchTaskInfo", {"xmlns": CONTRACT, "xmlns:i": XSI})
    if rows is None:
        root.set("i:nil", "true")
    for row in rows or ():
        element = ET.SubElement(root, "BatchTaskInfo")
        # A data contract has its members in the order of the alphabet.
        for name in sorted(row):
            _member(element, name, row[name])
    return root


def _member(parent: ET.Element, name: str, value: Any) -> None:
    element = ET.SubElement(parent, name)
    if value is None:
        element.set("i:nil", "true")
    elif isinstance(value, dict) and name in ("ParameterObject", "FieldProperties"):
        element.set("xmlns:a", ARRAYS)
        for key, each in value.items():
            pair = ET.SubElement(element, "a:KeyValueOfstringanyType")
            ET.SubElement(pair, "a:Key").text = key
            held = ET.SubElement(pair, "a:Value")
            _any(held, each)
    elif isinstance(value, dict):
        for key in sorted(value):
            _member(element, key, value[key])
    else:
        element.text = _text(value)


def _any(element: ET.Element, value: Any) -> None:
    """A value of no declared type: its type is in an attribute."""
    if value is None:
        element.set("i:nil", "true")
    elif isinstance(value, dict):
        element.set("i:type", "FieldProperty")
        for key in sorted(value):
            _member(element, key, value[key])
    else:
        element.set("xmlns:b", XSD)
        element.set("i:type", "b:int" if isinstance(value, int) else "b:string")
        element.text = _text(value)


def read(body: bytes, variants: frozenset[str]) -> dict[str, Any]:
    """AssociateIds and State of a request body.

    Raises:
        ValueError: it is not XML, or not of the form that this server reads.
    """
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, LookupError) as error:
        raise ValueError("the body is not XML") from error
    if "xml-aspnet" in variants:
        return _read_aspnet(root)
    if "xml-root-of-its-own" in variants and root.tag != "BatchTaskQuery":
        raise ValueError("the root element is not BatchTaskQuery")
    read: dict[str, Any] = {}
    ids = root.findall("AssociateIds")
    if ids:
        texts = [each.text or "" for element in ids for each in (element if len(element) else [element])]
        read["AssociateIds"] = [_integer(text) for text in texts if text.strip()]
    state = root.find("State")
    if state is not None:
        read["State"] = None if state.get(f"{{{XSI}}}nil") == "true" else state.text or ""
    if not read:
        raise ValueError("neither AssociateIds nor State is in the body")
    return read


def _read_aspnet(root: ET.Element) -> dict[str, Any]:
    if root.tag != f"{{{CONTRACT}}}request":
        raise ValueError(f"expected the element 'request' of the namespace '{CONTRACT}'")
    read: dict[str, Any] = {}
    ids = root.find(f"{{{CONTRACT}}}AssociateIds")
    if ids is not None:
        read["AssociateIds"] = [_integer(each.text or "") for each in ids.findall(f"{{{ARRAYS}}}int")]
    state = root.find(f"{{{CONTRACT}}}State")
    if state is not None:
        read["State"] = state.text
    return read


def _integer(text: str) -> int:
    """The integer; `int` alone would take `1_000` and digits of other scripts."""
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text):
        raise ValueError("an associate's id is not an integer")
    return int(text)
