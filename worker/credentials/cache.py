"""One credential for all connections, refreshed ahead of its end by one task."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

import anyio
from pydantic import SecretStr

from worker.credentials import errors
from worker.credentials.clock import Clock, SystemClock
from worker.credentials.lifetime import (
    SHORTEST_PAUSE,
    lifetime,
    pause_after_failure,
    pause_before_another,
)
from worker.credentials.provider import Credential, Provider
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.errors import WorkspaceError, WorkspaceRefused

__all__ = ["CredentialCache", "Generation", "Mints"]

log = get_logger(__name__)

_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Generation:
    """A credential, numbered, with its times on the monotonic clock."""

    number: int
    credential: Credential
    minted_at: float
    refresh_at: float
    ends_at: float
    rejections: int
    """How many before it, in a row, Postgres has rejected."""
    unreachable: int
    """With how many before it, in a row, no connection could be opened."""

    @property
    def user(self) -> str:
        """The principal."""
        return self.credential.user

    @property
    def secret(self) -> SecretStr:
        """Its password."""
        return self.credential.secret

    @property
    def host(self) -> str | None:
        """Where Postgres is, if the provider knows it."""
        return self.credential.host


@dataclass(slots=True)
class Mints:
    """How the mints of a process went."""

    minted: int = 0
    failed: int = 0


class CredentialCache:
    """Gives every caller the same credential while it is valid.

    Only the task of `running` mints, so there is never more than one mint under way,
    even if waiting callers are cancelled. It emits `credential.refreshed`, at the first failure of
    a row `credential.refresh_failed`, `credential.rejected` and `credential.clock_differs`.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        clock: Clock | None = None,
        patience: timedelta = _PATIENCE,
    ) -> None:
        self._provider = provider
        self._clock = clock or SystemClock()
        self._patience = patience.total_seconds()
        self._current: Generation | None = None
        self.mints = Mints()
        self._rejections = 0
        self._unreachable = 0
        self._failures = 0
        self._error: WorkspaceError | None = None
        self._clock_differs = False
        self._not_before = 0.0
        self._answered = anyio.Event()
        self._wanted = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Mint, and keep fresh, while the block runs."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_fresh)
            yield self
            tasks.cancel_scope.cancel()

    async def credential(self) -> Generation:
        """Return the credential, or wait for the next one while there is none.

        Raises `CredentialError` after 10 s without one; at once when the very first was refused.
        """
        give_up = self._clock.monotonic() + self._patience
        while not (usable := self.usable()):
            left = give_up - self._clock.monotonic()
            never = self.mints.minted == 0 and isinstance(self._error, WorkspaceRefused)
            if never or left <= 0:
                reason = self._error or errors.not_yet()
                raise errors.no_credential(self._provider.subject, reason) from self._error
            await self._clock.wait(self._answered, left)
        return usable

    def usable(self) -> Generation | None:
        """Return the credential while it is valid. Any thread may call this: it only reads."""
        current = self._current
        return current if current and self._clock.monotonic() < current.ends_at else None

    def seconds_left(self) -> float:
        """Return for how long the credential stays valid; 0 without one. Any thread may call."""
        current = self._current
        return max(current.ends_at - self._clock.monotonic(), 0.0) if current else 0.0

    def rejected(self, generation: Generation) -> bool:
        """Take note that Postgres rejected `generation`; return whether another one may be tried.

        The first rejection of the current one has a new one minted. Later ones of its
        successors do so only after a pause.
        """
        current = self._current
        if current is None or current.number != generation.number:
            return True
        since = self._clock.monotonic() - current.minted_at
        if since < pause_before_another(current.rejections):
            return False
        if current.rejections == 0:
            log.warning(Event.CREDENTIAL_REJECTED, subject=self._provider.subject)
        self._rejections = current.rejections + 1
        self._current = None
        self._wanted.set()
        return True

    def unreachable(self, generation: Generation) -> None:
        """Take note that no connection could be opened at the host of `generation`.

        It stays in use, for most outages end where they began. Another credential is minted all the
        same, as its host may be a new one: at once, and after that only after a pause.
        """
        current = self._current
        if current is None or current.number != generation.number:
            return
        due = current.minted_at + pause_before_another(current.unreachable)
        if due < current.refresh_at:
            self._current = replace(current, refresh_at=due)
            self._unreachable = current.unreachable + 1
            self._wanted.set()

    async def _keep_fresh(self) -> None:
        while True:
            usable = self.usable()
            due = max(self._not_before, usable.refresh_at if usable else 0.0)
            left = due - self._clock.monotonic()
            if left <= 0:
                await self._mint()
            else:
                await self._clock.wait(self._wanted, left)
            self._wanted = anyio.Event()

    async def _mint(self) -> None:
        try:
            credential = await self._provider.mint()
        except WorkspaceError as error:
            self._failed(error)
        else:
            self._succeeded(credential)
        answered, self._answered = self._answered, anyio.Event()
        answered.set()

    def _failed(self, error: WorkspaceError) -> None:
        now = self._clock.monotonic()
        usable = self.usable()
        if self._failures == 0:
            log.warning(
                Event.CREDENTIAL_REFRESH_FAILED,
                subject=self._provider.subject,
                error=str(error),
                valid_s=round(usable.ends_at - now, 1) if usable else 0,
            )
        self._failures += 1
        self.mints.failed += 1
        self._error = error
        self._not_before = now + pause_after_failure(
            self._failures, usable.ends_at - now if usable else 0.0, error.retry_after
        )

    def _succeeded(self, credential: Credential) -> None:
        now = self._clock.monotonic()
        life = lifetime(credential.expires_at, self._clock.now())
        if life.clock_differs and not self._clock_differs:
            log.warning(
                Event.CREDENTIAL_CLOCK_DIFFERS,
                subject=self._provider.subject,
                expires_at=str(credential.expires_at),
            )
        self._clock_differs = life.clock_differs
        self.mints.minted += 1
        self._current = Generation(
            number=self.mints.minted,
            credential=credential,
            minted_at=now,
            refresh_at=now + life.refresh,
            ends_at=now + life.serve,
            rejections=self._rejections,
            unreachable=self._unreachable,
        )
        log.info(
            Event.CREDENTIAL_REFRESHED,
            subject=self._provider.subject,
            user=credential.user,
            valid_s=round(life.serve, 1),
            failures=self._failures,
        )
        self._rejections = self._unreachable = self._failures = 0
        self._error = None
        self._not_before = now + SHORTEST_PAUSE
