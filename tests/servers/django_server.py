"""A conforming server on Django REST framework and waitress: 400 with a member per field, 406, OPTIONS with a description."""

from __future__ import annotations

import logging
import secrets
import socketserver
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref import simple_server

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="of-a-server-that-only-tests-see",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="servers.django_server",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.gzip.GZipMiddleware",
            "django.middleware.common.CommonMiddleware",
        ],
        DATABASES={},
        USE_TZ=True,
        LOGGING_CONFIG=None,
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    )
    django.setup()

import waitress.server
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView
from waitress import wasyncore

from servers import django_data, django_formats
from servers.batch_tasks import Unknown
from servers.variants import check

PATH = "/api/v1/Agents/Batch/GetBatchTaskInfosByAssociatesAndState"
USER, PASSWORD = "émile", "Gare-du-Nord"
TICKET = "7T:ZW1pbGUtdGlja2V0LTE3Nw=="
TOKEN = "8A:ZW1pbGUtYmVhcmVy.77-q"
APP_TOKEN = "c0ffee11d00d4242"
SESSION, XSRF = "q1w2e3r4t5z6u7i8", "m9n8b7v6c5x4"
AUTH = (f"basic:{USER}:{PASSWORD}", f"soticket:{TICKET}", f"bearer:{TOKEN}", f"session:sessionid={SESSION};XSRF={XSRF}")
ONLINE_AUTH = AUTH[1:]

VARIANTS = frozenset({
    "order-unstable", "progress-moves", "last-started-moves", "xml-types", "xml-keys-respelled", "xml-booleans-capitalised",
    "nulls-left-out", "nulls-left-out-one-never-set", "object-holds-anything", "members-by-language", "integers-as-decimals",
    "null-for-unknown-header", "zero-for-not-selected", "one-language", "one-zone", "own-zone-codes", "single-states-only",
    "never-started", "never-started-zero-date", "id-zero-only", "dates-without-offset", "default-language",
    "numbers-in-texts", "form-keys-indexed", "few-connections", "weights-disregarded", "bodies-coerced",
    "null-for-nothing", "errors-with-200", "odd-texts", "seven-digits", "one-never-set", "one-task", "many-tasks", "http-1-0",
    "null-element", "object-for-string", "object-for-number", "lower-camel-case", "head-with-body", "empty-for-nothing",
})  # fmt: skip


class Account:
    """The one who presented a right credential."""

    is_authenticated = True


class Basic(BasicAuthentication):
    """The framework's, without its table of users."""

    www_authenticate_realm = "batch"

    def authenticate_credentials(self, userid: str, password: str, request: Any = None) -> tuple[Account, None]:
        right = secrets.compare_digest(f"{userid}:{password}".encode(), f"{USER}:{PASSWORD}".encode())
        if not right or request.META["batch.installation"] == "online":
            raise AuthenticationFailed("Invalid username/password.")
        return Account(), None


class Tickets(BaseAuthentication):
    """SoTicket and Bearer; any other scheme but Basic is not known."""

    def authenticate(self, request: Any) -> tuple[Account, None] | None:
        scheme, _, value = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        right = {b"soticket": TICKET, b"bearer": TOKEN}.get(scheme.lower())
        if right is None or not secrets.compare_digest(value.strip(), right.encode()):
            raise AuthenticationFailed("Invalid token.")
        online = request.META["batch.installation"] == "online"
        if online and scheme.lower() == b"soticket" and request.headers.get("SO-AppToken") != APP_TOKEN:
            raise AuthenticationFailed("The application is not known.")
        return Account(), None

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="batch"'


class Run(BaseAuthentication):
    """The session's cookie, with its token in a header."""

    def authenticate(self, request: Any) -> tuple[Account, None] | None:
        if request.COOKIES.get("sessionid") != SESSION:
            return None
        if request.headers.get("X-XSRF-TOKEN") != XSRF:
            raise PermissionDenied("CSRF Failed: CSRF token missing or incorrect.")
        return Account(), None


class SignedIn(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return isinstance(request.user, Account)


class StrictInteger(serializers.IntegerField):
    """The framework's takes "12" too."""

    def to_internal_value(self, data: Any) -> int:
        coerced = "bodies-coerced" in self.context["variants"]
        if isinstance(data, bool) or (isinstance(data, str) and not coerced):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class StrictChars(serializers.CharField):
    """The framework's takes 12 too."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) and "bodies-coerced" not in self.context["variants"]:
            self.fail("invalid")
        return str(super().to_internal_value(data))


class TaskRequest(serializers.Serializer):
    AssociateIds = serializers.ListField(child=StrictInteger(), required=False, allow_null=True)
    State = StrictChars(required=False, allow_null=True, allow_blank=True)


class Negotiation(django_formats.Weights):
    """Weights count, unless the variant leaves it to the framework."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        if "weights-disregarded" in request.META["batch.store"].variants:
            return DefaultContentNegotiation.select_renderer(self, request, renderers, format_suffix)
        return super().select_renderer(request, renderers, format_suffix)


class Tasks(APIView):
    """Batch tasks of associates, by state."""

    authentication_classes = (Basic, Tickets, Run)
    permission_classes = (SignedIn,)
    content_negotiation_class = Negotiation
    parser_classes = (
        django_formats.Json,
        django_formats.TextJson,
        django_formats.JsonPatch,
        django_formats.MergePatch,
        django_formats.Xml,
        django_formats.TextXml,
        django_formats.Form,
    )
    renderer_classes = (
        django_formats.JsonOut,
        django_formats.TextJsonOut,
        django_formats.XmlOut,
        django_formats.TextXmlOut,
        django_formats.JsonPatchOut,
        django_formats.MergePatchOut,
    )

    def post(self, request: Any) -> Response:
        store = request.META["batch.store"]
        asked = TaskRequest(data=request.data, context={"variants": store.variants})
        asked.is_valid(raise_exception=True)
        headers = request.headers
        try:
            view = store.view(
                request.query_params.get("$select"),
                headers.get("Accept-Language", ""),
                headers.get("SO-Language", ""),
                headers.get("SO-Culture", "").strip(),
                headers.get("SO-TimeZone", ""),
                django_data.LANGUAGES,
            )
        except Unknown as unknown:
            if "null-for-unknown-header" in store.variants:
                return Response(None)
            raise serializers.ValidationError({"detail": f"Unknown {unknown}"}) from None
        found = store.find(asked.validated_data.get("AssociateIds") or [], asked.validated_data.get("State"))
        return Response(store.show_all(found, view))

    def handle_exception(self, error: Exception) -> Response:
        """As the framework; with the variant a body that means nothing is answered with 200."""
        answer = super().handle_exception(error)
        if answer.status_code == 400 and "errors-with-200" in self.request.META["batch.store"].variants:
            answer.status_code, answer.data = (
                200,
                {"Message": "The request is invalid.", "MessageDetail": str(error)[:200]},
            )
        return answer


urlpatterns = [path(PATH.lstrip("/"), Tasks.as_view())]


class Application:
    """The WSGI application of one server; all of them share Django's settings."""

    def __init__(self, variants: Iterable[str] = (), installation: str = "onsite") -> None:
        self.store = django_data.store(check(frozenset(variants), VARIANTS))
        self.installation = installation
        self._django = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["batch.store"], environ["batch.installation"] = self.store, self.installation
        answer = self._django(environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD" and "head-with-body" not in self.store.variants:
            # Neither Django nor waitress leaves out what the framework has to say about a HEAD.
            answer.close()
            return []
        return answer


@contextmanager
def serve(variants: Iterable[str] = (), installation: str = "onsite") -> Iterator[str]:
    """Run the application in a thread; gives its base URL."""
    for noisy in ("django", "waitress"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    variants = frozenset(variants)
    application = Application(variants, installation)
    with _django_own(application) if "http-1-0" in variants else _waitress(application, variants) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _waitress(application: Application, variants: frozenset[str]) -> Iterator[int]:
    sockets: dict[int, Any] = {}
    # Waitress counts its own two sockets too.
    limit = 12 if "few-connections" in variants else 200
    server = waitress.server.create_server(
        application, map=sockets, host="127.0.0.1", port=0, threads=6, connection_limit=limit, ident=None
    )
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        stop.set()
        thread.join(10)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)


class _Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class _Threads(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""


@contextmanager
def _django_own(application: Application) -> Iterator[int]:
    with simple_server.make_server("127.0.0.1", 0, application, _Threads, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(10)
