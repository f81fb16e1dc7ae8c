"""The target of a run: what it presents to one origin, and what may be known of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from conformance import __version__
from conformance.client.connection import Connection
from conformance.client.credential_sources import Source
from conformance.client.credentials import Credential
from conformance.client.current_credentials import CredentialHolder, CurrentCredentials
from conformance.client.exchange import Exchange
from conformance.client.limits import Limits
from conformance.client.redact import visible
from conformance.client.sender import Sender

_LONGEST_INSTANCE = 100
_USER_AGENT = f"conformance/{__version__}"


class Target(Sender):
    """One origin under test, with the credentials that it is tested with.

    ``credentials`` in the order given, or the sources of them, read once at the start and again by ``renew``;
    ``app_token`` is sent with every authorised request if there is one.
    """

    def __init__(
        self,
        url: str,
        *,
        credentials: Sequence[Credential | Source] = (),
        app_token: str = "",
        app_token_option: str = "--app-token",
        installation: str = "onsite",
        limits: Limits | None = None,
        connection: Connection | None = None,
        transport_authenticates: bool = True,
        shared: Path | None = None,
        run_id: str = "",
        instance_header: str = "",
    ) -> None:
        super().__init__(url, limits or Limits(), connection or Connection())
        self.user_agent = f"{_USER_AGENT} (run {run_id})" if run_id else _USER_AGENT
        """With the run's id, so that the server's log shows which requests were of this run."""
        self.installation = installation
        self.instance_header = instance_header
        self.may_know_us = transport_authenticates and self.connection.may_identify
        """Whether the target could know the sender by certificate, header or cookie, without a credential."""
        self.past: list[CurrentCredentials] = []
        """What was presented before each renewal, latest last; in the process that reports also by the workers."""
        self._holder = CredentialHolder(credentials, app_token, app_token_option, self.connection, shared)
        self._take()

    @property
    def held(self) -> CurrentCredentials:
        """What is presented at this moment."""
        return self._holder.held

    @property
    def renewable(self) -> bool:
        """Whether reading credentials, application token and headers again can give others."""
        return self._holder.renewable

    @property
    def renewal_problem(self) -> str:
        """Why something could not be read the last time, for people; empty if all was."""
        return self._holder.held.problem

    def renew(self) -> bool:
        """Read all that can be read again; gives whether anything is presented differently.

        ``credentials`` keeps its order: the credential at a position stays there. Threads and processes of the run that
        ask at the same time read once, together. What cannot be read stays as it is (``renewal_problem``).
        """
        before = self.held
        changed = self._holder.renew()
        with self._lock:
            if self.held.presented != before.presented and before not in self.past:
                self.past.append(before)
        self._take()
        return changed

    @property
    def shares(self) -> bool:
        """Whether the processes of a run read together, because each time that they read, something new is made."""
        return self._holder.is_asked_for

    def share(self, folder: Path) -> None:
        """Read together with other processes of the run from now on; they are given the same folder (``shared``)."""
        self._holder.share(folder)

    def _take(self) -> None:
        held = self.held
        # Known before it is sent: an exchange may be written at any moment.
        self.redactor.learn(held.secrets, held.wrong_values)
        self.credentials, self.app_token = held.credentials, held.app_token
        self.connection = msgspec.structs.replace(self.connection, carried=held.carried)

    def instance(self, exchange: Exchange) -> str:
        """Which instance of the target answered, by ``--instance-header``; empty if that is not known."""
        return instance_of(exchange, self.instance_header)


def instance_of(exchange: Exchange, header: str) -> str:
    """Which instance of the target answered, by the header that says it; empty if that is not known."""
    response = exchange.response
    found = response.header(header) if response is not None and header else None
    return visible(found or "")[:_LONGEST_INSTANCE]
