"""What a run may still do to a target, and which of its limits were reached."""

from __future__ import annotations

import time

from conformance.client.limits import BudgetUsedUp, Limits


class Budget:
    """The limits of a run as a whole, shared by all of its requests. The clock of ``max_time`` starts here."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = None if limits.max_time is None else time.monotonic() + limits.max_time
        self.reached: list[str] = []
        """The options that ended the run early, as they are written: ``--max-requests 60``. For the verdict."""

    def spend(self, sent: int) -> None:
        """Before the next request after ``sent``; raises BudgetUsedUp if it may not be sent."""
        most = self._limits.max_requests
        if most is not None and sent >= most:
            raise self._used_up(f"--max-requests {most}")
        if self.time_is_over:
            raise self._used_up(self.time)

    @property
    def time_is_over(self) -> bool:
        """Whether the run has taken ``max_time`` seconds; noted as reached then."""
        over = self._end is not None and time.monotonic() >= self._end
        if over:
            self.note(self.time)
        return over

    @property
    def time(self) -> str:
        """``--max-time`` as it is written."""
        return f"--max-time {self._limits.max_time:g}"

    def note(self, option: str) -> None:
        """An option was reached that limits the run."""
        if option not in self.reached:
            self.reached.append(option)

    def _used_up(self, option: str) -> BudgetUsedUp:
        self.note(option)
        return BudgetUsedUp(f"{option} is used up")
