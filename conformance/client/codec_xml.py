"""XML bodies: requests in the spellings that are in use, responses read without regard to spelling.

The page names the XML types and shows no XML, so a server may spell root, items, nulls and maps in any
way: prefixes and namespaces are dropped, ``nil`` attributes become None, and the elements are found by the
documented property names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape, quoteattr

import msgspec

from conformance.client.exchange import Response
from conformance.client.reading import BeyondLimits
from conformance.client.xml_reader import read_xml

_SCHEMA = "http://www.w3.org/2001/XMLSchema"


class XmlDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed XML text: ``value`` is {root: node}; ``problem`` says why it is not one.

    A node is None (empty or nil), text, a dict of children and ``@attributes``, or a list of such.
    """

    value: dict[str, Any] = {}
    problem: str = ""
    beyond: str = ""
    """Why the text was not read although nothing is known to be wrong with it: a limit of ``reading``."""
    size: int = 0
    """How many elements and attributes it holds."""


def parse_xml(data: bytes | str) -> XmlDocument:
    """Parse; never raises, expands no entities and loads nothing."""
    try:
        value, size = read_xml(data)
    except BeyondLimits as error:
        return XmlDocument(beyond=str(error))
    except (ExpatError, ValueError, LookupError) as error:
        return XmlDocument(problem=str(error))
    return XmlDocument(value=value, size=size)


def namespaces(data: bytes | str) -> tuple[str, ...]:
    """The namespaces that an XML text declares for its names, in the order of their first use; that of xsi is not one.

    For a text that ``parse_xml`` could read; empty for any other.
    """
    found: dict[str, None] = {}

    def start(_: str, attributes: dict[str, str]) -> None:
        uris = (uri for name, uri in attributes.items() if name == "xmlns" or name.startswith("xmlns:"))
        found.update(dict.fromkeys(uri for uri in uris if uri and not uri.startswith(_SCHEMA)))

    parser = ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except (ExpatError, ValueError, LookupError):
        return ()
    return tuple(found)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def find_element_path(document: XmlDocument, names: Collection[str]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The response's elements and the path of element names that leads to them.

    They are the shallowest nodes of which one at least has children with documented names. Their empty siblings
    of the same name are elements too. Without such a node: no elements and an empty path.
    """
    known = {name.lower() for name in names}
    level: list[tuple[tuple[str, ...], Any]] = [((name,), node) for name, node in document.value.items()]
    while level:
        for path, node in level:
            nodes = _list(node)
            if any(_has_properties(item, known) for item in nodes):
                return [_element(item) for item in nodes], path
        level = [
            ((*path, name), child)
            for path, node in level
            for item in _list(node)
            if isinstance(item, dict)
            for name, child in item.items()
            if not name.startswith(("@", "#"))
        ]
    return [], ()


def elements_at(document: XmlDocument, path: tuple[str, ...]) -> list[dict[str, Any]]:
    """The elements at a path that an earlier response was found to use; empty if there are none."""
    nodes: list[Any] = [document.value]
    for name in path:
        nodes = [child for node in nodes if isinstance(node, dict) and name in node for child in _list(node[name])]
    return [_element(node) for node in nodes]


def _has_properties(node: Any, known: set[str]) -> bool:
    if not isinstance(node, dict):
        return False
    named = {name.lstrip("@").lower() for name in node}
    return len(named & known) >= min(2, len(known))


def _element(node: Any) -> dict[str, Any]:
    if not isinstance(node, dict):
        return {}
    # A property spelled as an attribute is still a property, but beside XML elements such an attribute is the kind.
    below = any(not name.startswith(("@", "#")) for name in node)
    return {
        name.lstrip("@"): without_kinds(value)
        for name, value in node.items()
        if name != "#text" and not (below and _says_kind(name))
    }


# Attributes by which serializers say of which kind a value is, or that there is none: type="string" (Rails, dicttoxml),
# class="java.util.Map", null="true". In a vocabulary of their own (xsi:type) they were dropped before.
_KINDS = ("type", "class", "datatype", "nil", "null", "isnull")
_FLAGS = ("nil", "null", "isnull")


def without_kinds(node: Any) -> Any:
    """A property's node without the attributes that say of which kind it is; None if it then holds nothing.

    Where attributes are all that there is, and others too, they are the data: a map may have the key ``type``.
    """
    if isinstance(node, list):
        return [without_kinds(item) for item in node]
    if not isinstance(node, dict):
        return node
    about = {name: value for name, value in node.items() if _says_kind(name)}
    flags = (value for name, value in about.items() if _letters(name) in _FLAGS)
    if any(str(value).strip().lower() in ("true", "1") for value in flags):
        return None
    if about and all(name in about or name.startswith("@") for name in node) and len(about) < len(node):
        about = {}
    kept = {name: without_kinds(value) for name, value in node.items() if name not in about}
    return kept["#text"] if set(kept) == {"#text"} else kept or None


def _says_kind(name: str) -> bool:
    return name.startswith("@") and _letters(name) in _KINDS


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())


# What XmlConvert.EncodeName and others write for a character that no name may have.
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{4})?)_")
_NAME = re.compile(r"[^\W\d][\w.\-]*")


def unescaped(name: str) -> str:
    """A name with the escapes in it (``_x0020_``) as the characters that they stand for."""
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), name)


def can_be_name(text: str) -> bool:
    """Whether this can be the name of an XML element (XML 1.0, 2.3; without a colon)."""
    return bool(_NAME.fullmatch(text)) and not text.lower().startswith("xml")


def own_text(node: Any) -> str | None:
    """The text of an element that holds a scalar: its own, else the first below it; None if there is none."""
    if isinstance(node, dict) and isinstance(node.get("#text"), str):
        return str(node["#text"])
    return next(texts(node), None)


def texts(node: Any) -> Iterator[str]:
    """All texts below a node, attributes included, in document order."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)
    elif isinstance(node, dict):
        for value in node.values():
            yield from texts(value)


def names(node: Any) -> Iterator[str]:
    """All names of elements and attributes below a node."""
    if isinstance(node, list):
        for item in node:
            yield from names(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if not name.startswith("#"):
                yield name.removeprefix("@")
            yield from names(value)


def xml_source(response: Response) -> bytes | str:
    """What to parse: bytes where the XML declares itself, text where Content-Type names the charset (RFC 7303 3)."""
    if response.charset and not response.body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            text = response.body.decode(response.charset)
        except (LookupError, UnicodeDecodeError):
            return response.body
        # The declaration's encoding no longer fits once the bytes are text.
        if text.startswith("<?xml"):
            _, _, text = text.partition("?>")
        return text
    return response.body


class XmlSpelling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to spell a request body in XML.

    ``root`` is the root's name and ``namespace`` that of the root and of the properties; ``item`` is the name of an
    array's items (empty: each item repeats the array's name), in ``item_namespace`` if that is another one.
    ``alphabetical`` orders the properties by name, as data contracts of .NET must have them.
    """

    root: str
    item: str = ""
    namespace: str = ""
    item_namespace: str = ""
    alphabetical: bool = False


def encode_xml(value: dict[str, Any], spelling: XmlSpelling) -> bytes:
    """A flat object as XML, UTF-8. Null is left out."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>', f"<{spelling.root}{_namespace(spelling.namespace)}>"]
    for name, item in sorted(value.items()) if spelling.alphabetical else value.items():
        if isinstance(item, list) and spelling.item:
            other = spelling.item_namespace not in ("", spelling.namespace)
            space = f" xmlns:a={quoteattr(spelling.item_namespace)}" if other else ""
            tag = f"a:{spelling.item}" if other else spelling.item
            parts.append(f"<{name}{space}>{''.join(f'<{tag}>{_text(entry)}</{tag}>' for entry in item)}</{name}>")
        elif isinstance(item, list):
            parts += [f"<{name}>{_text(entry)}</{name}>" for entry in item]
        elif item is not None:
            parts.append(f"<{name}>{_text(item)}</{name}>")
    parts.append(f"</{spelling.root}>")
    return "".join(parts).encode()


def _namespace(uri: str) -> str:
    return f" xmlns={quoteattr(uri)}" if uri else ""


def _text(item: Any) -> str:
    return ("true" if item else "false") if isinstance(item, bool) else escape(str(item))
