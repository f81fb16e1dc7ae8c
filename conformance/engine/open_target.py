"""Makes the target of a run from its settings: the connection, the credentials and the limits."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from conformance.client.base_url import check_url
from conformance.client.connection import TOKEN, Connection, check_carried, read_connection
from conformance.client.credential_sources import NamedSource, Source
from conformance.client.credentials import OAUTH2
from conformance.client.limits import Limits
from conformance.client.oauth2 import OAuth2Source
from conformance.client.target import Target
from conformance.contract.model import Contract
from conformance.core.errors import InputError
from conformance.core.suggestions import nearest
from conformance.engine.config import Config
from conformance.engine.plan import placeholder
from conformance.engine.settings import Settings


def open_target(settings: Settings, config: Config, contract: Contract, run_id: str) -> Target:
    """Make the target and read its credentials; nothing is sent to it. Raises InputError that names the option."""
    check_url(settings.target)
    if settings.installation not in ("onsite", "online"):
        raise InputError(f"--installation {settings.installation!r}: use onsite or online")
    connection = connection_of(settings)
    # To read a credential may run a program or send a request. A dry run only needs the kind of credential.
    auth = tuple(map(placeholder, settings.auth)) if settings.dry_run else settings.auth
    target = Target(
        settings.target.rstrip("/"),
        credentials=[_source(text, settings, config, connection) for text in auth],
        app_token=settings.app_token,
        app_token_option=settings.app_token_option,
        installation=settings.installation,
        limits=Limits(
            timeout=settings.timeout,
            rate=settings.rate,
            max_requests=0 if settings.dry_run else settings.max_requests,
            max_wait=settings.max_wait,
            max_body=settings.max_body,
            max_time=settings.max_time,
        ),
        connection=connection,
        transport_authenticates=config.transport_authenticates,
        shared=settings.shared,
        run_id=run_id,
        instance_header=_instance_header(settings.instance_header),
    )
    sessions = [name for each in target.credentials for name in each.cookie_names]
    check_carried(connection, documented=[*_documented(contract)], cookies=sessions)
    return target


def _instance_header(name: str) -> str:
    if name and not TOKEN.fullmatch(name):
        raise InputError(f"--instance-header {name!r}: this is not the name of a header")
    return name


def connection_of(settings: Settings) -> Connection:
    """The connection that the settings describe. Raises InputError that names the option."""
    if settings.dry_run:
        # Only the names of headers are checked; their values are not read.
        named = tuple(f"{text.partition(':')[0]}: placeholder" for text in settings.headers if ":" in text)
        return read_connection(headers=named, no_proxy=True)
    connection = read_connection(
        ca_bundle=str(settings.ca_bundle or ""),
        client_cert=str(settings.client_cert or ""),
        client_key=str(settings.client_key or ""),
        insecure=settings.insecure,
        headers=settings.headers,
        cookies=settings.cookies,
        proxy=settings.proxy,
        no_proxy=settings.no_proxy,
    )
    # An application that runs in this process is not reached through a proxy of the environment.
    direct = connection.direct or bool(settings.given and not settings.proxy)
    return msgspec.structs.replace(connection, direct=direct)


def _source(text: str, settings: Settings, config: Config, connection: Connection) -> Source:
    scheme, _, name = text.partition(":")
    if scheme.strip().lower() != OAUTH2:
        return NamedSource(text=text, option=settings.auth_option)
    client = config.oauth2.get(name.strip())
    if client is None:
        hint = nearest(name, config.oauth2) or "; name the file with --config"
        raise InputError(f"{settings.auth_option} {OAUTH2}:{name}: no table [oauth2.{name}] in the configuration{hint}")
    return OAuth2Source(
        name=name.strip(),
        client=client,
        connection=msgspec.structs.replace(connection, direct=settings.no_proxy),
        timeout=settings.timeout,
        option=settings.auth_option,
    )


def _documented(contract: Contract) -> Iterator[str]:
    """The names of the headers in the tables and samples of the pages."""
    for each in contract.operations:
        yield from (fact.name for fact in each.operation.headers)
        sample = each.operation.sample_request
        yield from (name for name, _ in (sample.headers if sample is not None else ()))


def wait_for(target: Target, seconds: float) -> None:
    """Wait until the target accepts connections, at most ``seconds``; no request is sent."""
    deadline = time.monotonic() + seconds
    while not target.listens() and time.monotonic() < deadline:
        time.sleep(min(0.5, max(0.0, deadline - time.monotonic())))
