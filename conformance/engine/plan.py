"""The plan of a run, made without sending anything: its operations, and upper bounds of the requests to each.

The bounds are not estimates: ``Quota`` enforces them. Requests that may lock an account, or may change data under
another method, are counted individually; a repetition that confirms a failure counts too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from conformance.client.credentials import OAUTH2, SCHEMES, Bearer, Credential
from conformance.client.quota import Kind, Quota
from conformance.contract.model import Operation
from conformance.engine.profile import Profile
from conformance.engine.requirement import Requirement

if TYPE_CHECKING:
    from conformance.engine.run import Run

_DISCOVERY = 200
_REQUIREMENT = 15
"""Ordinary requests of a requirement that draws nothing, with the confirmation of relations and repetitions."""
_DRAW = 6
"""Ordinary requests for each draw."""
_CUSTOM = 10
"""Requests of each other kind that a custom requirement may send."""

# Requests that must be refused: how many in any case, and how many more for each credential.
# One of them is sent without a credential; a certificate or a header of every request may then be the credential.
_REFUSALS = {"AUTH-02": (5, 0), "AUTH-03": (1, 0), "AUTH-04": (1, 3), "AUTH-06": (1, 1), "AUTH-07": (1, 0),
             "XSRF-01": (5, 1), "XSRF-03": (6, 2), "XSRF-05": (1, 2)}  # fmt: skip

AGENT_METHODS = ("GET", "PUT", "DELETE", "PATCH", "OPTIONS")
"""The other methods of OP-03. They have no meaning for an agent, but PUT and DELETE would change a resource."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The operations that would be called, why the others would not, and upper bounds of the requests by kind.

    ``once`` counts the requests that may do harm, each of which is sent once if nothing fails. ``most`` counts all
    requests, whatever fails.
    """

    called: tuple[Operation, ...]
    left_out: dict[str, str]
    requirements: int
    credentials: tuple[str, ...]
    profile: str
    confirm: int
    once: dict[Kind, int]
    most: dict[Kind, int]
    max_requests: int | None

    @property
    def total(self) -> int:
        """The upper bound of all requests."""
        total = sum(self.most.values())
        return total if self.max_requests is None else min(total, self.max_requests)


class Bounds:
    """The upper bounds of requests of each kind to one operation, for some requirements, credentials and a profile.

    ``confirm`` is how often a failure is sent again before it is reported.
    """

    def __init__(
        self,
        requirements: Collection[Requirement],
        credentials: Sequence[Credential],
        profile: Profile,
        *,
        confirm: int,
        wrong_credentials: bool,
    ) -> None:
        self.requirements = requirements
        self._credentials = credentials
        self._profile = profile
        self._confirm = confirm
        self._wrong = wrong_credentials

    def once(self, operation: Operation) -> dict[Kind, int]:
        """The requests that may do harm, each of which is sent once if nothing fails. ORDINARY ones count as 0."""
        ids = {requirement.id for requirement in self.requirements}
        is_custom = [not each.body.__module__.startswith("conformance.requirements.") for each in self.requirements]
        custom = _CUSTOM * sum(is_custom)
        # Discovery sends a request below the path to recognize a catch-all server.
        other = 1 + (len(AGENT_METHODS) if "OP-03" in ids and operation.is_agent else 0) + ("OP-06" in ids)
        near = sum(each.max_near_misses for each in self._credentials) if "AUTH-04" in ids else 0
        counts = (_REFUSALS.get(id, (0, 0)) for id in ids)
        refusals = sum(fixed + each * len(self._credentials) for fixed, each in counts)
        return {
            Kind.ORDINARY: 0,
            Kind.OTHER_METHOD: other + custom,
            Kind.REFUSAL: refusals + custom,
            Kind.WRONG_CREDENTIAL: (near + custom) if self._wrong else 0,
        }

    def most(self, operation: Operation) -> dict[Kind, int]:
        """The upper bound of the requests of each kind, whatever fails."""
        repeated = {kind: count * (1 + self._confirm) for kind, count in self.once(operation).items()}
        drawing = sum(bool(requirement.draws) for requirement in self.requirements)
        ordinary = _DISCOVERY + (_REQUIREMENT + self._confirm) * len(self.requirements)
        ordinary += drawing * (_DRAW * self._profile.examples + self._profile.shrinks)
        return {**repeated, Kind.ORDINARY: ordinary}

    def quota(self, operation: Operation) -> Quota:
        """A quota that enforces the upper bounds."""
        return Quota(operation.method, self.most(operation))


def plan_of(run: Run) -> Plan:
    """The plan of a run: what it may send, and to which operations."""
    operations = [ask.operation for ask in run.probes.values()]
    return Plan(
        called=tuple(operations),
        left_out=run.left_out,
        requirements=len(run.requirements),
        credentials=tuple(credential.kind for credential in run.target.credentials),
        profile=run.profile.name,
        confirm=run.settings.confirm,
        once=_sums(map(run.bounds.once, operations)),
        most=_sums(map(run.bounds.most, operations)),
        max_requests=run.settings.max_requests,
    )


def _sums(bounds: Iterable[Mapping[Kind, int]]) -> dict[Kind, int]:
    listed = list(bounds)
    return {kind: sum(each[kind] for each in listed) for kind in Kind}


def placeholder(auth: str) -> str:
    """A credential of the same kind with a sample value; a text of an unknown kind stays as it is."""
    kind = auth.partition(":")[0].strip().lower()
    scheme = Bearer if kind == OAUTH2 else SCHEMES.get(kind)
    return scheme.form if scheme is not None else auth
