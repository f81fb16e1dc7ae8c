"""A conforming server on FastAPI and uvicorn, with their habits: 422 and `detail`, redirects of slashes, no 406."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Annotated, Any
from urllib.parse import parse_qs

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, StrictInt, ValidationError
from starlette.middleware.gzip import GZipMiddleware

from servers import fastapi_data, fastapi_xml
from servers.batch_tasks import Store, Unknown
from servers.variants import check

PATH = "/api/v1/Agents/Batch/GetBatchTaskInfosByAssociatesAndState"
USER, PASSWORD = "olga", "fjord:17"
TICKET = "7T:b2xnYS1hdC1maWVsZA=="
TOKEN = "8A:Zm9yLWFuLW9ubGluZS1jYWxs.x1"
APP_TOKEN = "3f8e2a9c51d04b7f"
SESSION, XSRF = "s-90f1c2d3e4", "x-5566aa77"
AUTH = (
    f"basic:{USER}:{PASSWORD}",
    f"soticket:{TICKET}",
    f"bearer:{TOKEN}",
    f"session:batch_session={SESSION};XSRF={XSRF}",
)
ONLINE_AUTH = AUTH[1:]

JSON_TYPES = ("application/json", "text/json", "application/json-patch+json", "application/merge-patch+json")
XML_TYPES = ("application/xml", "text/xml")
RESPONSE_TYPES = ("application/json", "text/json", "application/xml", "text/xml", *JSON_TYPES[2:])
FORM = "application/x-www-form-urlencoded"
REALM = {"WWW-Authenticate": 'Basic realm="batch", Bearer, SoTicket'}

VARIANTS = frozenset({
    "order-unstable", "progress-moves", "last-started-moves", "xml-types", "xml-keys-respelled", "xml-keys-in-attributes",
    "xml-aspnet", "xml-root-of-its-own", "nulls-left-out", "nulls-left-out-one-never-set", "object-holds-anything",
    "members-by-language", "integers-as-decimals", "null-for-unknown-header", "zero-for-not-selected", "one-language",
    "one-zone", "own-zone-codes", "never-started", "never-started-zero-date", "id-zero-only", "dates-without-offset",
    "null-for-nothing", "errors-with-200", "odd-texts", "seven-digits", "one-never-set", "one-task", "many-tasks",
    "null-element", "object-for-string", "object-for-number", "lower-camel-case",
})  # fmt: skip


def _integral(value: Any) -> Any:
    """12.0 is an integer in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class BatchRequest(BaseModel):
    """The request body; both members may be left out."""

    AssociateIds: list[Annotated[StrictInt, BeforeValidator(_integral)]] | None = None
    State: str | None = None


def _refuse(why: str) -> HTTPException:
    return HTTPException(401, why, headers=REALM)


def authorize(request: Request) -> None:
    """Let the request through, or raise 401 or 403."""
    online = request.app.state.installation == "online"
    header = request.headers.get("authorization")
    if header is None:
        if not secrets.compare_digest(request.cookies.get("batch_session", ""), SESSION):
            raise _refuse("Not authenticated")
        if not secrets.compare_digest(request.headers.get("x-xsrf-token", "").encode(), XSRF.encode()):
            raise HTTPException(403, "XSRF token is missing or wrong")
        return
    scheme, _, value = header.partition(" ")
    value = value.strip()
    match scheme.lower():
        case "basic" if not online:
            try:
                given = base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise _refuse("Invalid authentication credentials") from None
            accepted = secrets.compare_digest(given, f"{USER}:{PASSWORD}".encode())
        case "soticket":
            accepted = secrets.compare_digest(value.encode(), TICKET.encode())
            if online and request.headers.get("so-apptoken") != APP_TOKEN:
                raise _refuse("The application is not known")
        case "bearer":
            accepted = secrets.compare_digest(value.encode(), TOKEN.encode())
        case _:
            accepted = False
    if not accepted:
        raise _refuse("Invalid authentication credentials")


async def read_body(request: Request) -> BatchRequest:
    """The request body in any of the documented types; without Content-Type it is JSON, as FastAPI has it."""
    body = await request.body()
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type") or "application/json"
    charset = kind.get_content_charset() or "utf-8"
    media = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    variants: frozenset[str] = request.app.state.store.variants
    try:
        if media in JSON_TYPES:
            content = json.loads(body.decode(charset), parse_constant=_no_constant)
        elif media in XML_TYPES:
            content = fastapi_xml.read(body, variants)
        elif media == FORM:
            content = _form(body.decode(charset))
        else:
            raise HTTPException(415, f"Unsupported media type: {media[:80]}")
    except LookupError:
        raise HTTPException(415, "Unsupported charset") from None
    except (ValueError, RecursionError):
        raise HTTPException(422, [{"type": "body_invalid", "loc": ["body"], "msg": f"Body is not {media}"}]) from None
    try:
        return BatchRequest.model_validate(content)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise HTTPException(422, [{**each, "loc": ["body", *each["loc"]]} for each in wrong]) from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _form(text: str) -> dict[str, Any]:
    """AssociateIds is repeated."""
    fields = parse_qs(text, keep_blank_values=True, errors="strict")
    if not fields:
        raise ValueError("the form has no fields")
    content: dict[str, Any] = {}
    if "AssociateIds" in fields:
        if not all(re.fullmatch(r"-?[0-9]{1,18}", each) for each in fields["AssociateIds"]):
            raise ValueError("an associate's id is not an integer")
        content["AssociateIds"] = [int(each) for each in fields["AssociateIds"]]
    if "State" in fields:
        content["State"] = fields["State"][-1]
    return content


def negotiate(accept: str) -> str:
    """The documented type that the client likes best; JSON where none suits, because FastAPI knows no 406."""
    best, weight = RESPONSE_TYPES[0], 0.0
    ranges = list(_ranges(accept)) or [("*/*", 1.0)]
    for offered in RESPONSE_TYPES:
        fitting = [(_precision(each), q) for each, q in ranges if _fits(each, offered)]
        q = max(fitting)[1] if fitting else 0.0
        if q > weight:
            best, weight = offered, q
    return best


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.split(","):
        name, *parameters = [part.strip().lower() for part in item.split(";")]
        if not re.fullmatch(r"[^\s/]+/[^\s/]+", name):
            continue
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        try:
            yield name, float(weights[0]) if weights else 1.0
        except ValueError:
            continue


def _fits(media_range: str, offered: str) -> bool:
    return media_range in ("*/*", offered) or media_range == offered.partition("/")[0] + "/*"


def _precision(media_range: str) -> int:
    return 0 if media_range == "*/*" else 1 if media_range.endswith("/*") else 2


def create(variants: Iterable[str] = (), installation: str = "onsite") -> FastAPI:
    """A new application."""
    application = FastAPI(title="Batch", openapi_url=None)
    store = fastapi_data.store(check(frozenset(variants), VARIANTS))
    application.state.store, application.state.installation = store, installation
    application.add_middleware(GZipMiddleware, minimum_size=500)

    @application.post(PATH, dependencies=[Depends(authorize)])
    async def tasks(
        request: Request,
        body: Annotated[BatchRequest, Depends(read_body)],
        select: Annotated[str | None, Query(alias="$select")] = None,
    ) -> Response:
        answer: Any = None
        try:
            view = store.view(
                select,
                request.headers.get("accept-language", ""),
                request.headers.get("so-language", ""),
                request.headers.get("so-culture", "").strip(),
                request.headers.get("so-timezone", ""),
                fastapi_data.LANGUAGES,
            )
            answer = store.show_all(_found(store, body), view)
        except Unknown as unknown:
            if "null-for-unknown-header" not in store.variants:
                raise HTTPException(400, f"Unknown {unknown}") from None
        return _written(request, answer)

    if "errors-with-200" in store.variants:

        @application.exception_handler(422)
        async def meaningless(request: Request, error: HTTPException) -> Response:
            return _written(request, {"Message": f"The request is invalid: {error.detail}"})

    return application


def _written(request: Request, answer: Any) -> Response:
    media = negotiate(request.headers.get("accept", "*/*"))
    if media in XML_TYPES:
        content = fastapi_xml.write(answer, request.app.state.store.variants)
        return Response(content, headers={"Content-Type": f"{media}; charset=utf-8"})
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Starlette adds the charset to text/* only, and a JSON type has none.
    return Response(text.encode(), headers={"Content-Type": media})


def _found(store: Store, body: BatchRequest) -> list[dict[str, Any]]:
    state = "All" if body.State is None else body.State
    if state != "All" and state not in fastapi_data.STATES:
        raise HTTPException(422, [{"type": "enum", "loc": ["body", "State"], "msg": "Input is not a known state"}])
    return store.find(body.AssociateIds or [], state)


@contextmanager
def serve(variants: Iterable[str] = (), installation: str = "onsite") -> Iterator[str]:
    """Run the application in a thread; gives its base URL."""
    config = uvicorn.Config(
        create(variants, installation),
        host="127.0.0.1",
        port=0,
        http="h11",
        ws="none",
        loop="asyncio",
        log_level="critical",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("uvicorn did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
