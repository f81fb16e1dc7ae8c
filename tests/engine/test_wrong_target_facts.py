"""What a configuration names and the target does not know is said once; a catch-all server that says the same to all is not a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from conformance.client.in_process import serve as serve_in_process
from conformance.core.errors import InputError
from conformance.engine.config import Config
from conformance.engine.result import Status
from conformance.engine.settings import Settings
from conformance.reference import DEMO_AUTH, serve
from conformance.reporting.results import Results
from conformance.reporting.verdict import Verdict
from support.suite_runner import contract, run_settings


def run(config: Config, *requirements: str, **options: Any) -> Results:
    with serve(contract(), **options) as server:
        settings = Settings(
            target=server.url, auth=DEMO_AUTH, requirements=requirements, seed=1, reports=Path("unused")
        )
        return run_settings(settings, config)


def warnings(results: Results) -> dict[str, str]:
    return {each.name: each.value for each in results.learned if each.name.startswith("configured")}


ZONES = {"Europe/Oslo": "Europe/Oslo", "Asia/Kolkata": "Asia/Kolkata", "America/New_York": "America/New_York"}


def test_a_zone_that_the_target_does_not_know() -> None:
    results = run(Config(time_zones={**ZONES, "ROMANCE": "Asia/Tokyo"}), "TZ-0[124]")
    assert (results.verdict, results.exit_status) == (Verdict.PARTIAL, 0), results.reason
    assert warnings(results)["configured time zones"].startswith("ROMANCE of the configuration changes no")


def test_a_target_that_converts_by_no_zone_still_fails() -> None:
    results = run(Config(time_zones=ZONES), "TZ-01", faults=["time-zone-ignored"])
    assert (results.verdict, results.exit_status) == (Verdict.PARTIAL, 1), results.reason
    assert warnings(results) == {}


def test_one_zone_that_changes_nothing_shows_nothing() -> None:
    results = run(Config(time_zones={"ROMANCE": "Asia/Tokyo"}), "TZ-01")
    assert results.requirements[0].status is Status.INCONCLUSIVE
    assert "ROMANCE" in warnings(results)["configured time zones"]


def test_ids_and_languages_that_the_target_does_not_know() -> None:
    results = run(Config(ids=(3, 424242), languages=("tlh", "nb"), time_zones=ZONES), "RES-01", "LANG-02")
    assert warnings(results)["configured ids"].startswith("424242 of the configuration give no element")
    assert warnings(results)["configured languages"].startswith("tlh of the configuration changes no text")
    assert (results.verdict, results.exit_status) == (Verdict.PARTIAL, 0), results.reason


def test_what_is_known_is_not_named() -> None:
    assert warnings(run(Config(ids=(3, 7), languages=("nb", "de"), time_zones=ZONES), "RES-01")) == {}


def catch_all(status: str, kind: str, body: bytes) -> Callable[..., Iterable[bytes]]:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app


@pytest.mark.parametrize(
    ("status", "kind", "body", "says"),
    [
        ("200 OK", "application/json", b"[]", "answers everything with the same 2 bytes"),
        ("200 OK", "application/json", b'{"status": "ok"}', "answers everything with the same 16 bytes"),
        ("200 OK", "text/html", b"<h1>Welcome</h1>", "answers with an HTML page"),
        ("503 Service Unavailable", "text/plain", b"later", "503"),
        ("403 Forbidden", "text/plain", b"no", "refuses the credentials"),
        ("404 Not Found", "text/plain", b"no", "404"),
        ("302 Found", "text/plain", b"", "redirects"),
    ],
)
def test_a_catch_all_server_is_not_a_target(status: str, kind: str, body: bytes, says: str) -> None:
    with serve_in_process(catch_all(status, kind, body)) as url, pytest.raises(InputError, match=says) as error:
        run_settings(Settings(target=url, auth=DEMO_AUTH[:1], seed=1, reports=Path("unused")))
    assert error.value.exit_status == 4
    assert "\n" not in str(error.value)


def test_a_server_without_data_is_a_target() -> None:
    assert run(Config(), variants=["no-data"]).verdict is Verdict.INCONCLUSIVE
