"""``pytest -n``: operations are spread over pytest-xdist's workers, and the reports are of all of them together.

The requirements of one operation stay with one worker: they share what they learn of it, and some judge what others
send.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.engine.run import Run
    from conformance.engine.worker_reports import ResultCollector

WORKER_REPORT = "conformance_worker_report"
"""The attribute of pytest's report with which a worker sends its own."""
NO_OPERATION = "cannot be tested"
"""Replaces the operation in an item's name if a worker cannot make the run."""


class Refuser:
    """Ends the run if workers collected requirements but no target is given."""

    def __init__(self, why: str) -> None:
        self._why = why

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Print one line and end with exit status 2, as without workers."""
        if any(id.endswith(f"[{NO_OPERATION}]") for id in ids):
            pytest.exit(self._why, returncode=2)


class Controller:
    """The plugin of the process that distributes the tests; the worker reports are added to ``run``."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._collector: ResultCollector | None = None
        self._nodes: Any = None
        self._shared: tempfile.TemporaryDirectory[str] | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Give all requirements of one operation to one worker, in order, whatever ``--dist`` says."""
        from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped, unused-ignore]

        operations = self._run.probes

        class ByOperation(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
            def _split_scope(self, nodeid: str) -> str:
                parameter = nodeid.rpartition("[")[2].removesuffix("]")
                return parameter if parameter in operations else nodeid

        return ByOperation(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give each worker the same seed, its share of the limits, and the folder for shared credentials."""
        if self._run.target.shares:
            if self._shared is None:
                self._shared = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
                self._run.target.share(Path(self._shared.name))
            node.workerinput["conformance_shared"] = self._shared.name
        self._nodes = node.config.pluginmanager.getplugin("dsession")
        node.workerinput["conformance_seed"] = self._run.seed
        node.workerinput["conformance_run"] = self._run.run_id
        node.workerinput["conformance_share"] = min(node.workerinput["workercount"], len(self._run.probes))

    def pytest_unconfigure(self) -> None:
        """Remove what was shared."""
        if self._shared is not None:
            self._shared.cleanup()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the worker report of each test at once, so that nothing is lost if a worker crashes."""
        data = report.__dict__.pop(WORKER_REPORT, None)
        if data is None:
            return
        if self._collector is None:
            from conformance.engine.worker_reports import ResultCollector

            self._collector = ResultCollector(self._run)
        self._collector.collect(getattr(report, "worker_id", ""), data)
        if self._run.end_by_failures() and self._nodes is not None and not self._nodes.shouldstop:
            # A worker does not know how many requirements failed in the other workers.
            self._run.halted = True
            self._nodes.shouldstop = ", ".join(self._run.limits_reached)
