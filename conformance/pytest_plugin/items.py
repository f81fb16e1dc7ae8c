"""Collected requirements: one item for each requirement and operation, and how its result looks to pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.engine.requirement import Requirement
    from conformance.engine.result import RequirementResult
    from conformance.engine.run import Run


class InconclusiveError(Exception):
    """A requirement that applies was not decided; pytest shows it as an error, never as a skip."""


class RequirementItem(pytest.Function):
    """One requirement on one operation.

    The parameters of its function are given by the engine, so pytest looks for no fixtures of these names; fixtures
    that are used automatically still apply.
    """

    def __init__(self, *, requirement: Requirement, operation: str, parent: Any, **options: Any) -> None:
        fixtures = parent.session._fixturemanager.getfixtureinfo(parent, _without_parameters, None)
        super().__init__(parent=parent, callobj=requirement.body, fixtureinfo=fixtures, **options)
        node_id: Any = getattr(self, "_id", None)
        if node_id is not None:
            # From version 9.2 on pytest compares ids by their parts, also with ids that it has read from a text.
            self._id = type(node_id).parse(str(node_id))
        from conformance.pytest_plugin.markers import markers_of

        self.requirement = requirement
        self.operation = operation
        self.result: RequirementResult | None = None
        for marker in markers_of(requirement):
            self.add_marker(marker)
        # ``-k SEL-04`` as well as the name of the function.
        self.extra_keyword_matches.add(requirement.id)

    @property
    def case(self) -> tuple[str, str]:
        """The ids of requirement and operation."""
        return self.requirement.id, self.operation

    def execute(self, run: Run) -> None:
        """Try the requirement; raises what pytest shows for a result that is not a pass."""
        self.result = run.execute(self.requirement, self.operation)
        _raise(self.result, run, keeps_failures=bool(self.config.getoption("lf", False)))


def items_of(collector: pytest.Collector, requirement: Requirement, operations: list[str]) -> list[pytest.Item]:
    """The items of a requirement, one for each operation."""
    name = requirement.body.__name__
    return [
        # Without the function's name as original name: pytest would take the node id from it, without the operation.
        RequirementItem.from_parent(
            collector, name=f"{name}[{operation}]", requirement=requirement, operation=operation
        )
        for operation in operations
    ]


def _without_parameters() -> None:
    """Stands for a requirement's function where pytest looks for fixtures."""


def _raise(result: RequirementResult, run: Run, *, keeps_failures: bool) -> None:
    """Raise what pytest shows for the result; returns if the requirement passed or warned."""
    from conformance.core.one_line import one_line
    from conformance.engine.result import Status
    from conformance.reporting.reproduction.commands import with_commands
    from conformance.reporting.status_presentation import state
    from conformance.reporting.text import finding_text

    if result.status is Status.FAILED or (result.status is Status.WARNING and run.settings.strict):
        exchanges = run.target.recorder.evidence
        (result,) = with_commands(run, [result])
        pytest.fail("\n\n".join(finding_text(f, exchanges, terminal=True) for f in result.findings), pytrace=False)
    reason = one_line(result.reason)
    if result.status is Status.INCONCLUSIVE:
        raise InconclusiveError(f"{state(result)}: {reason}" if result.unstable else reason)
    if result.status is Status.SKIPPED and result.checks and keeps_failures:
        # A skip would make pytest forget that it failed last time.
        raise InconclusiveError(reason)
    if result.status is Status.SKIPPED:
        pytest.skip(reason)
    return
