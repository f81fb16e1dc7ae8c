"""Parsers and renderers of the Django server: one class a documented type, and the XML of djangorestframework-xml."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import Any
from xml.sax.saxutils import XMLGenerator

from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer

from servers.texts import NOT_IN_XML

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")


class Json(JSONParser):
    """As the framework's, and a body that is nested too deeply is a 400."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (RecursionError, LookupError) as error:
            raise ParseError("JSON parse error") from error


class TextJson(Json):
    media_type = "text/json"


class JsonPatch(Json):
    media_type = "application/json-patch+json"


class MergePatch(Json):
    media_type = "application/merge-patch+json"


class Xml(BaseParser):
    """Any root; a list is an element whose children are its items, or an element that is repeated."""

    media_type = "application/xml"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read()
        try:
            root = ET.fromstring(body)
        except (ET.ParseError, LookupError, ValueError) as error:
            raise ParseError("XML parse error") from error
        read: dict[str, Any] = {}
        for element in root:
            if element.tag == "AssociateIds":
                items = list(element) if len(element) else [element] if (element.text or "").strip() else []
                read.setdefault("AssociateIds", []).extend(_integer(item.text or "") for item in items)
            elif element.tag == "State":
                read["State"] = element.text or None
        if not read:
            raise ParseError("the body has neither AssociateIds nor State")
        return read


class TextXml(Xml):
    media_type = "text/xml"


class Form(FormParser):
    """AssociateIds is repeated, or indexed as the variant has it."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        fields = super().parse(stream, media_type, parser_context)
        variants = parser_context["request"].META["batch.store"].variants
        ids = fields.getlist("AssociateIds")
        if "form-keys-indexed" in variants:
            indexed = sorted((name for name in fields if re.fullmatch(r"AssociateIds\[\d{1,6}\]", name)), key=_index)
            ids = [fields[name] for name in indexed]
        read: dict[str, Any] = {"AssociateIds": [_integer(each) for each in ids]} if ids else {}
        if "State" in fields:
            read["State"] = fields["State"]
        if not read:
            raise ParseError("the form has neither AssociateIds nor State")
        return read


def _index(name: str) -> int:
    return int(name[len("AssociateIds[") : -1])


def _integer(text: str) -> int:
    if not re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text):
        raise ParseError("an id is not an integer")
    return int(text)


class JsonOut(JSONRenderer):
    """As the framework's: compact, no charset, indented if Accept says so; but null is `null`, not an empty body."""

    media_type = "application/json"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        variants = renderer_context["request"].META["batch.store"].variants
        if data is None and "empty-for-nothing" not in variants:
            return b"null"
        return super().render(data, accepted_media_type, renderer_context)


class TextJsonOut(JsonOut):
    media_type = "text/json"
    charset = "utf-8"


class JsonPatchOut(JsonOut):
    media_type = "application/json-patch+json"


class MergePatchOut(JsonOut):
    media_type = "application/merge-patch+json"


class XmlOut(BaseRenderer):
    """`root` and `list-item`; null is an element with nothing in it."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        variants = renderer_context["request"].META["batch.store"].variants
        text = io.StringIO()
        out = XMLGenerator(text, "utf-8")
        out.startDocument()
        out.startElement("root", {})
        _write(out, data, variants)
        out.endElement("root")
        out.endDocument()
        return text.getvalue().encode()


class TextXmlOut(XmlOut):
    media_type = "text/xml"


def _write(out: XMLGenerator, data: Any, variants: frozenset[str]) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            name = key if NAME.fullmatch(key) else _spelled(key)
            out.startElement(name, {"type": type(value).__name__} if "xml-types" in variants else {})
            _write(out, value, variants)
            out.endElement(name)
    elif isinstance(data, list):
        for value in data:
            out.startElement("list-item", {})
            _write(out, value, variants)
            out.endElement("list-item")
    elif isinstance(data, bool):
        out.characters(str(data) if "xml-booleans-capitalised" in variants else str(data).lower())
    elif data is not None:
        out.characters(NOT_IN_XML.sub("\ufffd", str(data)))


def _spelled(key: str) -> str:
    """What an element name cannot hold becomes an underscore, and a digit in front gets a word before it."""
    name = re.sub(r"[^A-Za-z0-9_.\-]", "_", key)
    return name if NAME.fullmatch(name) else f"key_{name}"


class Weights(DefaultContentNegotiation):
    """The framework disregards weights; this reads them first, and leaves a type out that has weight 0."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        ranges = []
        for item in self.get_accept_list(request):
            name, *parameters = [part.strip() for part in item.split(";")]
            weight, rest = 1.0, []
            for parameter in parameters:
                if parameter.lower().startswith("q="):
                    try:
                        weight = float(parameter[2:])
                    except ValueError:
                        weight = 0.0
                else:
                    rest.append(parameter)
            if re.fullmatch(r"[^\s/;]+/[^\s/;]+", name):
                ranges.append((weight, name.lower(), ";".join([name, *rest])))
        usable = []
        for renderer in renderers:
            weight, media = max(
                (
                    (_precision(name), weight, media)
                    for weight, name, media in ranges
                    if _fits(name, renderer.media_type)
                ),
                default=(0, 0.0, ""),
            )[1:]
            if weight > 0:
                usable.append((weight, renderer, media))
        if not usable:
            raise NotAcceptable(available_renderers=renderers)
        _, renderer, media = max(usable, key=lambda each: each[0])
        return renderer, media if media.lower().startswith(renderer.media_type) else renderer.media_type


def _fits(media_range: str, offered: str) -> bool:
    return media_range in ("*/*", offered) or media_range == offered.partition("/")[0] + "/*"


def _precision(media_range: str) -> int:
    return 0 if media_range == "*/*" else 1 if media_range.endswith("/*") else 2
