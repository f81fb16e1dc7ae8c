"""``--auth oauth2:NAME``: an access token by the client credentials grant (RFC 6749 4.4).

The client secret goes to ``token_url`` and nowhere else: the one request that leaves the target's origin. No redirect
is followed, and the certificates, the proxy and the limits are those of the run.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote_plus, urlsplit

import msgspec
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from conformance.client.base_url import is_host
from conformance.client.connection import Connection
from conformance.client.credentials import Bearer, Credential, basic_value
from conformance.client.exchange import Failure, Headers, Request, Response
from conformance.client.limits import Limits
from conformance.client.transport import HttpTransport, TransportFailure
from conformance.client.values import LIMIT, look_up
from conformance.core.errors import InputError
from conformance.core.exit_code import ExitCode

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# RFC 6749 5.2; any other text of the server is not repeated.
_CODES = (
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
)  # fmt: skip


class OAuth2Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[oauth2.NAME]`` of conformance.toml.

    ``client_secret`` is ``env:NAME`` or ``file:PATH``; ``client_id`` may be. ``client_auth`` says whether both go into
    the Authorization header, which every server knows (RFC 6749 2.3.1), or into the body.
    """

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""
    client_auth: Literal["header", "body"] = "header"


def check_client(client: OAuth2Client, where: str) -> None:
    """Raise InputError that begins with ``where`` if the table cannot be used; repeats no secret."""
    try:
        parts = urlsplit(client.token_url)
        host = parts.hostname or ""
        fine = is_host(host) and (parts.port or 1) > 0 and not parts.username and not parts.fragment
    except ValueError:
        host, fine = "", False
    if not fine or not client.token_url.isprintable() or parts.scheme not in ("https", "http"):
        raise InputError(f"{where}: token_url is not a URL; write it as https://host/path")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise InputError(f"{where}: token_url gets the client secret, so it must be https (RFC 6749 3.2)")
    if not client.client_secret.startswith(("env:", "file:")):
        raise InputError(f"{where}: client_secret may not be in this file; write env:NAME or file:PATH")
    if not client.client_id:
        raise InputError(f"{where}: client_id is empty")


class OAuth2Source(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token, asked for each time that it is read."""

    name: str
    client: OAuth2Client
    connection: Connection
    timeout: float = 30.0
    option: str = "--auth"

    @property
    def renewable(self) -> bool:
        """Yes: each time there is a new token."""
        return True

    @property
    def is_asked_for(self) -> bool:
        """Yes: there are servers on which a new token ends the last one."""
        return True

    def read(self) -> Credential:
        """A new token as a credential. Raises InputError (exit status 4 if the server gives none)."""
        where = f"{self.option} oauth2:{self.name}"
        client_id = look_up(self.client.client_id, f"{where}: client_id")
        secret = look_up(self.client.client_secret, f"{where}: client_secret")
        if not client_id or not secret:
            raise InputError(f"{where}: client_id or client_secret is empty")
        client = BackendApplicationClient(client_id=client_id)
        parts = urlsplit(self.client.token_url)
        place = f"{parts.scheme}://{parts.netloc}"
        response = self._post(client, client_id, secret, where, place)
        try:
            found = client.parse_request_body_response(response.body.decode())
        except OAuth2Error as error:
            code = error.error if error.error in _CODES else f"HTTP {response.status}"
            raise InputError(
                f"{where}: {place} gives no token ({code})", exit_status=ExitCode.TARGET_NOT_TESTABLE
            ) from None
        except (ValueError, TypeError, AttributeError, Warning):
            raise InputError(
                f"{where}: {place} does not answer with a token (HTTP {response.status})",
                exit_status=ExitCode.TARGET_NOT_TESTABLE,
            ) from None
        if not response.is_success:
            raise InputError(
                f"{where}: {place} gives no token (HTTP {response.status})", exit_status=ExitCode.TARGET_NOT_TESTABLE
            )
        token = found.get("access_token")
        kind = str(found.get("token_type", "Bearer"))
        if kind.lower() != "bearer" or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise InputError(
                f"{where}: {place} gives a token that is not a bearer token", exit_status=ExitCode.TARGET_NOT_TESTABLE
            )
        return Bearer(value=token)

    def _post(self, client: BackendApplicationClient, client_id: str, secret: str, where: str, place: str) -> Response:
        parts = urlsplit(self.client.token_url)
        headers: Headers = (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"))
        scope = self.client.scope or None
        if self.client.client_auth == "header":
            body = client.prepare_request_body(include_client_id=False, scope=scope)
            headers += (("Authorization", f"Basic {basic_value(quote_plus(client_id), quote_plus(secret))}"),)
        else:
            body = client.prepare_request_body(include_client_id=True, client_secret=secret, scope=scope)
        # What goes with every request to the target is not for this server.
        way = msgspec.structs.replace(self.connection, carried=())
        transport = HttpTransport(place, Limits(timeout=self.timeout, max_body=LIMIT), way)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return transport.send(Request(method="POST", target=target, headers=headers, body=body.encode()))
        except TransportFailure as failure:
            why = "the answer is larger than 64 KiB" if failure.kind is Failure.TOO_LARGE else str(failure)
            raise InputError(f"{where}: {place}: {why}", exit_status=ExitCode.TARGET_NOT_TESTABLE) from None
        finally:
            transport.close()
