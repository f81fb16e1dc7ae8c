"""The WSGI application: checks credentials, finds the operation of a request, turns refusals into responses."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import msgspec
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from conformance.contract.model import Contract
from conformance.reference.authorize import Guard, Installation
from conformance.reference.faults.catalogue import Crash, Faults
from conformance.reference.refusal import Refusal
from conformance.reference.request_headers import CLOSE
from conformance.reference.service import Service
from conformance.reference.variants.catalogue import Variants
from conformance.reference.variants.http import HttpVariants

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)


class ReferenceApplication:
    """A correct implementation of every operation of a contract, except for the faults that it is given."""

    def __init__(
        self,
        contract: Contract,
        faults: Collection[str] = (),
        installation: Installation = "onsite",
        variants: Collection[str] = (),
    ) -> None:
        self.contract = contract
        self.faults = Faults(faults)
        self.variants = Variants(variants)
        self.triggered = self.faults.triggered
        """The faults that have changed an answer until now."""
        operations = [each.operation for each in contract.operations]
        schemes = dict.fromkeys(fact.name for operation in operations for fact in operation.schemes)
        self._guard = Guard(list(schemes), installation, self.faults, self.variants)
        self._http = HttpVariants(self.variants)
        self._services = {each.operation.id: Service(each, self.faults, self.variants) for each in contract.operations}
        self._methods = {operation.id: operation.method for operation in operations}
        self._paths = Map(
            [
                Rule(_rule(operation.path), methods=[operation.method], endpoint=operation.id)
                for operation in operations
            ],
            merge_slashes=False,
        )
        self._prefixes = {operation.path: operation.id for operation in operations}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ)
        environ[CLOSE] = "connection-close" in self.variants
        response = self._http.apply_variants(self._respond(request))
        if request.method == "HEAD" and response.data and self.faults("head-with-body"):
            start_response(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
            return [response.data]
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            self._http.admit(request)
            # In front of the check of credentials, as a cache in front of the server is.
            if "cache-without-credentials" in self.faults.enabled and (kept := self._find(request).kept(request)):
                return kept
            self._guard.admit(request)
            return self._find(request).answer(request)
        except Refusal as refusal:
            leaked = self._leaked(request) if refusal.status == 401 else None
            return self._refuse(refusal, leaked)
        except Crash:
            return self._refuse(Refusal(500, "Something went wrong"))
        except Exception:
            _log.exception("the reference server failed on %s %s", request.method, request.path)
            return self._refuse(Refusal(500, "Something went wrong"))

    def _find(self, request: Request) -> Service:
        # Without the request's Host, which makes no difference here.
        adapter = self._paths.bind("localhost")
        try:
            endpoint, _ = adapter.match(request.path, request.method)
        except MethodNotAllowed as error:
            allowed = sorted(set(error.valid_methods or ()))
            if request.method in ("GET", "PUT", "PATCH", "DELETE") and self.faults("any-method"):
                return self._services[adapter.match(request.path, allowed[0])[0]]
            headers = () if self.faults("allow-missing") else (("Allow", ", ".join(allowed)),)
            raise Refusal(405, "The method is not allowed here", headers) from None
        except NotFound:
            for path, operation in self._prefixes.items():
                is_sibling = request.path.startswith(path) and request.method == self._methods[operation]
                if is_sibling and self.faults("sibling-path-answered"):
                    return self._services[operation]
            raise Refusal(404, "There is nothing here") from None
        return self._services[endpoint]

    def _leaked(self, request: Request) -> bytes | None:
        """What the refused request would have been given."""
        if "refusal-leaks-data" not in self.faults.enabled:
            return None
        try:
            data = self._find(request).answer(request).data
        except (Refusal, Crash):
            return None
        return data if self.faults("refusal-leaks-data") else None

    def _refuse(self, refusal: Refusal, body: bytes | None = None) -> Response:
        problem = {"Message": refusal.message}
        if self.faults("stack-trace-shown"):
            problem["StackTrace"] = "".join(traceback.format_stack())
        usual = Response(
            body or msgspec.json.encode(problem),
            status=refusal.status,
            headers=list(refusal.headers),
            content_type="application/json; charset=utf-8",
        )
        return self._http.refusal(refusal, usual)


def _rule(path: str) -> str:
    """A documented path as Werkzeug has it: ``{id}`` becomes ``<id>``."""
    return path.replace("{", "<").replace("}", ">")
