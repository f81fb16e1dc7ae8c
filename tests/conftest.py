"""What holds for every test, and the servers that several layers ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from conformance.reference import RunningServer, serve
from support.gateways import Authority
from support.suite_runner import contract

# How long an example takes says nothing on a machine that others use too.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who reads or runs the default tests can see of each other test why it is not among them."""
    without = [
        item.nodeid
        for item in items
        for marker in item.iter_markers("slow")
        if not (marker.args or marker.kwargs.get("reason"))
    ]
    if without:
        raise pytest.UsageError(f"pytest.mark.slow needs a reason: {', '.join(without)}")


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The reference server as it should be."""
    with serve(contract()) as running:
        yield running


@pytest.fixture(scope="session")
def faulty() -> Iterator[RunningServer]:
    """The reference server with the fault that SEL-03 names."""
    with serve(contract(), faults=["select-ignored"]) as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A private certificate authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificates from the environment in which the tests run."""
    for name in (*PROXIES, *CERTIFICATES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
