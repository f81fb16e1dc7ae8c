"""Servers that say what was written down in ``recorded/``: whatever is asked for, one of a few answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from conformance.client.in_process import serve
from conformance.engine.config import Config
from conformance.engine.result import RequirementResult
from conformance.engine.settings import Settings
from support.suite_runner import run_settings

RECORDED = Path(__file__).parent / "recorded"
CONTRACT = "{http://schemas.datacontract.org/2004/07/Crm.Services.Batch}"
ARRAYS = "{http://schemas.microsoft.com/2003/10/Serialization/Arrays}"
SOME = "Id,Name,AssociateId,DetailsTable,DetailsRecord,IsSystemTask,IsInternalTask,ParameterObject"
FILES = {"": "plain", f"$select={SOME}": "some", "$select=Id,TableRight/Mask": "child"}


def server(folder: str, read_xml: Callable[[bytes], dict[str, Any] | None] = lambda body: None) -> Any:
    """A WSGI application; a body in XML is understood if ``read_xml`` makes something of it."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        is_xml = "xml" in environ.get("HTTP_ACCEPT", "")
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0]
        name = FILES.get(unquote(environ["QUERY_STRING"]))
        asked = read_xml(body) if "xml" in kind else _json(body)
        if name is None or asked is None:
            start("400 Bad Request", [("Content-Type", "application/json; charset=utf-8")])
            return [b'{"Message":"The request is invalid."}']
        accept = environ.get("HTTP_ACCEPT", "application/json").partition(";")[0]
        start("200 OK", [("Content-Type", f"{accept}; charset=utf-8")])
        return [(RECORDED / folder / f"{name}.{'xml' if is_xml else 'json'}").read_bytes()]

    return app


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_data_contract(body: bytes) -> dict[str, Any] | None:
    """What DataContractSerializer reads: the root by name and namespace, members in alphabetical order or not at all."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{CONTRACT}request":
        return None
    found: dict[str, Any] = {}
    members = ["AssociateIds", "State"]
    for child in root:
        name = child.tag.removeprefix(CONTRACT)
        if name in members:
            # A member that comes after its place is passed over.
            del members[: members.index(name) + 1]
            items = [int(item.text or "") for item in child if item.tag == f"{ARRAYS}int"]
            found[name] = items if name == "AssociateIds" else child.text
    return found if found.get("AssociateIds") else None


def tried(app: object, *requirements: str, config: Config | None = None) -> dict[str, RequirementResult]:
    with serve(app) as url:
        settings = Settings(target=url, seed=1, requirements=requirements, reports=Path("unused"))
        results = run_settings(settings, config or Config())
    return {each.id: each for each in results.requirements}
