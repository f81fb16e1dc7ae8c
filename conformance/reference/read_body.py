"""The request body: its media type, its characters, its reader (Content-Type)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.http import parse_options_header

from conformance.core.media_types import FORM
from conformance.reference.body_validation import BodyValidationError, validate_object
from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.read_form import read_form
from conformance.reference.read_json import read_json
from conformance.reference.read_xml import read_xml
from conformance.reference.refusal import Refusal


def read_body(
    data: bytes, content_type: str | None, documented: Sequence[str], schema: dict[str, Any], faults: Faults
) -> dict[str, Any] | None:
    """The request's properties by their documented names.

    Raises Refusal: 415 for a type or charset that cannot be read, 400 for a body that is not what it should be.
    None stands for "everything"; only faults give that.
    """
    kind, charset = _media_type(content_type, documented, faults)
    kind = _guessed(data, kind, faults)
    try:
        if kind.endswith("xml"):
            # Without a charset in Content-Type, the XML declaration says what the bytes are (RFC 7303 3).
            source = data.decode(charset) if charset else data
            body = validate_object(read_xml(source), schema, faults, textual=True)
            if body is not None and body.get("State") not in (None, "All") and faults("xml-state-lost"):
                del body["State"]
            return body
        text = data.decode(charset or "utf-8").removeprefix("\ufeff")
        if kind == FORM:
            form = read_form(text)
            if any(len(texts) > 1 for texts in form.values()) and faults("form-first-id-only"):
                form = {name: texts[:1] for name, texts in form.items()}
            return validate_object(form, schema, faults, textual=True)
        return validate_object(read_json(text, faults), schema, faults)
    except BodyValidationError as error:
        raise Refusal(400, str(error)) from None
    except (ValueError, RecursionError):
        # Includes characters that are not of the charset and JSON that does not parse.
        if kind.endswith("json") and data and faults("broken-body-understood"):
            return None
        raise Refusal(400, f"The body is not {kind}") from None


def _media_type(content_type: str | None, documented: Sequence[str], faults: Faults) -> tuple[str, str]:
    if not content_type:
        if faults("missing-content-type-crashes"):
            raise Crash
        raise Refusal(415, "Content-Type is missing")
    written, parameters = parse_options_header(content_type)
    kind = written.lower()
    if written != kind and faults("content-type-case-sensitive"):
        kind = written
    if kind not in documented and faults("any-content-type"):
        kind = "application/json"
    if kind not in documented or (kind == FORM and faults("form-refused")):
        raise Refusal(415, "The Content-Type is none of the documented ones")
    if kind.endswith("+json") and faults("patch-types-refused"):
        raise Refusal(415, "The Content-Type is none of the documented ones")
    charset = parameters.get("charset", "")
    if charset != charset.lower() and faults("charset-case-sensitive"):
        raise Refusal(415, "The charset is not known")
    if charset and '"' in content_type and faults("charset-quoted-refused"):
        raise Refusal(415, "The charset is not known")
    try:
        # Not empty, because a charset is only looked up to decode something.
        b"    ".decode(charset or "utf-8")
    except UnicodeDecodeError:
        pass
    except (LookupError, ValueError):
        raise Refusal(415, "The charset is not known") from None
    return kind, charset


def _guessed(data: bytes, kind: str, faults: Faults) -> str:
    first = data.lstrip()[:1]
    guess = {b"{": "application/json", b"[": "application/json", b"<": "application/xml"}.get(first, FORM)
    if guess.rpartition("/")[2] != kind.rpartition("/")[2] and not kind.endswith("+json") and faults("body-guessed"):
        return guess
    return kind
