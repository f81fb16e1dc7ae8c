"""The suite against the servers in `servers/`, in this process."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType

import msgspec

from conformance.client.codec_xml import XmlSpelling
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reporting.results import Results
from servers import django_data, django_server, fastapi_data, fastapi_server
from servers.declared import declared
from servers.variants import CONFORMING
from support.suite_runner import run_settings

SERVERS: dict[str, tuple[ModuleType, ModuleType]] = {
    "fastapi": (fastapi_server, fastapi_data),
    "django": (django_server, django_data),
}
MATRIX = tuple(
    (server, variant)
    for server, (module, _) in SERVERS.items()
    for variant in ("", *CONFORMING)
    if variant in ("", *module.VARIANTS)
)
"""Every server with each of its conforming variants; the empty one is the server as it is."""
CONFIGURED = ("ids", "states", "time_zones")


class ServerRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one run said of one server with one variant."""

    server: str
    variant: str
    seed: int
    verdict: str
    failed: tuple[str, ...]
    warned: tuple[str, ...]
    inconclusive: tuple[str, ...]
    """Of every level."""
    messages: dict[str, str]
    """Of each requirement that neither passed nor was skipped: its reason, or its findings' messages."""
    requests: int
    seconds: float

    @property
    def false_alarms(self) -> list[str]:
        """What counts against a server that does nothing wrong."""
        right = declared(self.server, self.variant)
        return [*self.failed, *(id for id in self.warned if id not in right.warnings)]

    @property
    def expected_verdict(self) -> str:
        """What the verdict has to be."""
        return declared(self.server, self.variant).verdict


def configuration(server: str, variant: str, keys: tuple[str, ...] = CONFIGURED) -> Config:
    """What an operator of this server would write into conformance.toml, the given keys only."""
    data = SERVERS[server][1]
    variants = frozenset(filter(None, variant.split("+")))
    everything = {
        "ids": data.IDS,
        "states": data.STATES,
        "time_zones": dict(data.zones(variants)),
        "request_xml": {"*": XmlSpelling(root="BatchTaskQuery")},
    }
    if "id-zero-only" in variants:
        everything["ids"] = ()
    return Config(**{key: everything[key] for key in keys})


def run_server(
    server: str,
    variant: str = "",
    seed: int = 1,
    *,
    installation: str = "onsite",
    requirements: tuple[str, ...] = (),
    profile: str = "standard",
    keys: tuple[str, ...] = CONFIGURED,
) -> ServerRun:
    """Run the suite against one server; the empty variant is the server as it is, `a+b` has both."""
    module = SERVERS[server][0]
    online = installation == "online"
    with module.serve(filter(None, variant.split("+")), installation) as url:
        settings = Settings(
            target=url,
            auth=module.ONLINE_AUTH if online else module.AUTH,
            app_token=module.APP_TOKEN if online else "",
            installation=installation,
            requirements=requirements,
            seed=seed,
            profile=profile,
            timeout=10.0,
            reports=Path("unused"),
        )
        began = time.perf_counter()
        results = run_settings(settings, configuration(server, variant, keys))
        seconds = time.perf_counter() - began
    return server_run(results, server, variant, seed, seconds)


def server_run(results: Results, server: str, variant: str, seed: int, seconds: float) -> ServerRun:
    """The results as a record that a test compares."""

    def of(status: Status) -> tuple[str, ...]:
        return tuple(each.id for each in results.requirements if each.status is status)

    return ServerRun(
        server=server,
        variant=variant,
        seed=seed,
        verdict=results.verdict.value,
        failed=of(Status.FAILED),
        warned=of(Status.WARNING),
        inconclusive=of(Status.INCONCLUSIVE),
        messages={
            each.id: "; ".join(finding.message for finding in each.findings) or each.reason
            for each in results.requirements
            if each.status in (Status.FAILED, Status.WARNING, Status.INCONCLUSIVE)
        },
        requests=results.run.requests,
        seconds=seconds,
    )
