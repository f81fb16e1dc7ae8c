"""How a run reaches its target: certificates, proxy, and what every request carries.

One record for every connection: the pool of requests, the raw connection that reads byte by byte, the check whether
something listens, and the request for a token.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from conformance.client.base_url import is_host
from conformance.client.exchange import Headers, Request
from conformance.client.values import is_named, look_up
from conformance.core.errors import InputError

COOKIE = "Cookie"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
# What the suite itself sends, varies or leaves out, and what frames a message.
_RESERVED = frozenset(
    """accept accept-charset accept-encoding accept-language authorization connection content-encoding content-length
    content-type expect host so-apptoken so-culture so-language so-timezone te trailer transfer-encoding upgrade
    user-agent x-unheard-of x-xsrf-token""".split()  # noqa: SIM905
)


class FixedHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A header that every request carries. ``source`` is what named the value (``env:NAME``); empty for a literal."""

    name: str
    value: str
    source: str = ""

    @property
    def is_cookie(self) -> bool:
        """Whether it is one of those that go out together in the header Cookie."""
        return self.name == COOKIE

    @property
    def is_secret(self) -> bool:
        """Whether the value must not reach any output: cookies, and what is not written on the command line."""
        return bool(self.source) or self.is_cookie


_FLAG = 3
"""Characters of a cookie's value up to which it is a flag and no secret: ``consent=1``, where 1 is in all data."""
_LITERALS = ("true", "false", "null")


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How the target is reached. Paths are of PEM files; the default trusts what ``requests`` trusts.

    ``proxy`` is a URL, empty for the one that the environment names; ``direct`` uses none at all.
    """

    ca_bundle: str = ""
    client_cert: str = ""
    client_key: str = ""
    insecure: bool = False
    carried: tuple[FixedHeader, ...] = ()
    proxy: str = ""
    direct: bool = False

    @property
    def may_identify(self) -> bool:
        """Whether the target could know the sender without any of the credentials that are tested."""
        return bool(self.carried or self.client_cert)

    @property
    def renewable(self) -> bool:
        """Whether reading the values again can give others."""
        return any(is_named(each.source) for each in self.carried)

    def read_again(self) -> Connection:
        """The same with the values as they are now. Raises InputError."""
        return msgspec.structs.replace(
            self,
            carried=tuple(
                msgspec.structs.replace(each, value=_value(each.name, each.source)) if each.source else each
                for each in self.carried
            ),
        )

    @property
    def secrets(self) -> dict[str, str]:
        """What must not reach any output, with the name that is shown in its place."""
        found = {
            value: f"cookie.{name[:40]}"
            for each in self.carried
            if each.is_cookie
            for name, value in _pairs(each.value)
            if len(value) > _FLAG and value.lower() not in _LITERALS
        }
        for each in self.carried:
            if each.is_secret:
                found.setdefault(each.value, "cookies" if each.is_cookie else f"header.{each.name[:40]}")
        found.pop("", None)
        return found

    @property
    def cookie_names(self) -> tuple[str, ...]:
        """The names of the cookies that every request carries."""
        return tuple(name for each in self.carried if each.is_cookie for name, _ in _pairs(each.value))

    def with_fixed_headers(self, request: Request) -> Request:
        """The request as it goes out, with what every request carries. To do this twice changes nothing.

        What it carries already is replaced by the current value; the cookies join a session's in one header
        (RFC 6265 5.4).
        """
        if not self.carried:
            return request
        ours = {each.name.lower(): (each.name, each.value) for each in self.carried if not each.is_cookie}
        headers = [ours.pop(name.lower(), (name, value)) for name, value in request.headers]
        headers += ours.values()
        cookies = [each.value for each in self.carried if each.is_cookie]
        if cookies:
            place = next((i for i, (name, _) in enumerate(headers) if name.lower() == COOKIE.lower()), len(headers))
            for name, value in headers[place : place + 1]:
                kept = [pair.strip() for pair in value.split(";")]
                cookies += [pair for pair in kept if pair and pair.partition("=")[0] not in self.cookie_names]
                headers[place] = (name, "; ".join(cookies))
            if place == len(headers):
                headers.append((COOKIE, "; ".join(cookies)))
        return msgspec.structs.replace(request, headers=tuple(headers))

    def trusted(self) -> tuple[str, str]:
        """The file or folder of the certificates that are trusted, and the option or variable that named it."""
        if self.ca_bundle:
            return self.ca_bundle, "--ca-bundle"
        for name in _BUNDLES:
            if os.environ.get(name):
                return os.environ[name], name
        return DEFAULT_CA_BUNDLE_PATH, "the certificates of the package certifi"

    def proxy_for(self, url: str) -> str:
        """The URL of the proxy that requests to ``url`` go through; empty without one. Raises InputError."""
        if self.direct:
            return ""
        if self.proxy:
            return check_proxy(self.proxy, "--proxy")
        found = get_environ_proxies(url)
        scheme = urlsplit(url).scheme
        named = found.get(scheme) or found.get("all") or ""
        return (
            check_proxy(named if "://" in named else f"http://{named}", "the proxy of the environment") if named else ""
        )


DIRECT = Connection(direct=True)
"""To a server of this process."""


def check_proxy(url: str, option: str) -> str:
    """The URL of a proxy, checked. Raises InputError; a user and password in it are not repeated."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and is_host(parts.hostname or "") and (parts.port or 1) > 0
        # As requests writes Proxy-Authorization.
        unquote(parts.netloc).encode("latin-1")
    except ValueError:
        fine = False
    if not fine or not url.isprintable():
        raise InputError(f"{option}: this is not the URL of a proxy; write it as http://host:port")
    return url


def proxy_secrets(url: str) -> dict[str, str]:
    """The password in the URL of a proxy, in both of its spellings, with the name that is shown in its place."""
    password = urlsplit(url).password or ""
    return {password: "proxy.password, percent-encoded", unquote(password): "proxy.password"} if password else {}


def without_user(url: str) -> str:
    """The URL of a proxy as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def read_connection(
    *,
    ca_bundle: str = "",
    client_cert: str = "",
    client_key: str = "",
    insecure: bool = False,
    headers: Sequence[str] = (),
    cookies: Sequence[str] = (),
    proxy: str = "",
    no_proxy: bool = False,
) -> Connection:
    """The connection that the options describe, values looked up. Raises InputError that names the option."""
    if client_key and not client_cert:
        raise InputError("--client-key needs the certificate that it belongs to: --client-cert FILE")
    if insecure and ca_bundle:
        raise InputError("--insecure trusts every certificate, so --ca-bundle has no effect; leave one of them out")
    if proxy and no_proxy:
        raise InputError("--proxy and --no-proxy exclude each other; leave one of them out")
    for option, path in (("--ca-bundle", ca_bundle), ("--client-cert", client_cert), ("--client-key", client_key)):
        if path and not Path(path).exists():
            raise InputError(f"{option} {path}: there is no such file")
    return Connection(
        ca_bundle=ca_bundle,
        client_cert=client_cert,
        client_key=client_key,
        insecure=insecure,
        carried=(*map(_header, headers), *map(_cookie, cookies)),
        proxy=check_proxy(look_up(proxy, "--proxy"), "--proxy") if proxy else "",
        direct=no_proxy,
    )


def check_carried(connection: Connection, *, documented: Sequence[str] = (), cookies: Sequence[str] = ()) -> None:
    """Raise InputError if every request would carry what the suite itself has to vary.

    ``documented`` are the names of the headers that the pages document, ``cookies`` those of the sessions under test.
    """
    varied = _RESERVED | {name.lower() for name in documented}
    for each in connection.carried:
        if not each.is_cookie and each.name.lower() in varied:
            raise InputError(
                f"--header {each.name}: the suite itself varies this header; it cannot go with every request"
            )
    for name in connection.cookie_names:
        if name in cookies:
            raise InputError(
                f"--cookie {name}: this is the session's cookie, which is tested; give it with --auth alone"
            )


def _header(text: str) -> FixedHeader:
    name, colon, rest = text.partition(":")
    name, rest = name.strip(), rest.strip()
    if not colon or not TOKEN.fullmatch(name):
        raise InputError("--header: write it as 'Name: value'")
    if name.lower() == "cookie":
        raise InputError("--header Cookie: give cookies with --cookie 'NAME=VALUE'")
    source = rest if is_named(rest) else ""
    return FixedHeader(name=name, value=_value(name, rest), source=source)


def _cookie(text: str) -> FixedHeader:
    return FixedHeader(name=COOKIE, value=_value(COOKIE, text), source=text if is_named(text) else "")


def _pairs(cookies: str) -> list[tuple[str, str]]:
    """Names and values of ``NAME=VALUE; NAME=VALUE``."""
    parts = [pair.partition("=") for pair in cookies.split(";")]
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _value(name: str, text: str) -> str:
    option = "--cookie" if name == COOKIE else f"--header {name}"
    value = look_up(text, option).strip()
    if not value or not value.isprintable() or not value.isascii():
        raise InputError(f"{option}: the value is empty, or holds a character that no header can carry")
    if name == COOKIE and any(not TOKEN.fullmatch(key) or "=" not in value for key, _ in _pairs(value)):
        raise InputError(f"{option}: write it as NAME=VALUE")
    return value


def names(connection: Connection) -> Headers:
    """The headers as they may be shown: the name of its source in place of a secret value."""
    return tuple((each.name, (each.source or "...") if each.is_secret else each.value) for each in connection.carried)
