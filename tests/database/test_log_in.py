"""A login is tried again only where Postgres rejected it, and only once."""

import threading
from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel
import asyncpg
import pytest
from pydantic import SecretStr

from deploy.sandbox.database_login import Login as SandboxLogin
from tests.support.options import database_options
from worker.concurrency.side_loop import Home, side_loop
from worker.credentials.provider import Credential
from worker.database.errors import DatabaseRefused, DatabaseUnavailable
from worker.database.open_connection import log_in, url
from worker.database.options import DatabaseOptions
from worker.database.password_source import Login, PasswordsOfHome

pytestmark = pytest.mark.anyio

REJECTED = asyncpg.InvalidPasswordError("password authentication failed")
NO_DATABASE = asyncpg.InvalidCatalogNameError("there is no such database")


class Passwords:
    """Gives one login after another, and keeps what is reported of them."""

    def __init__(self, *, at_hand: bool = False) -> None:
        self.given = 0
        self.reported: list[str] = []
        self.threads: set[int] = set()
        self._at_hand = at_hand

    async def password(self) -> Login:
        self.threads.add(threading.get_ident())
        self.given += 1
        return Credential(f"login {self.given}", SecretStr("s"), None, host="moving.example")

    def at_hand(self) -> Login | None:
        return Credential("at hand", SecretStr("s"), None) if self._at_hand else None

    async def rejected(self, login: Login) -> bool:
        self.threads.add(threading.get_ident())
        self.reported.append(f"{login.user} rejected")
        return True

    def unreachable(self, login: Login) -> None:
        self.threads.add(threading.get_ident())
        self.reported.append(f"{login.user} unreachable")


LOGIN = SandboxLogin("db.example", 5432, "ontos", "worker", "s")


@pytest.fixture
def options() -> DatabaseOptions:
    return database_options(LOGIN, host=None)


def refusing(*causes: Exception | None) -> Callable[[Login], Awaitable[str]]:
    """Postgres, which refuses a first login for the first of `causes`, and so on; None takes it."""
    left = list(causes)

    async def enter(login: Login) -> str:
        if (cause := left.pop(0)) is None:
            return login.user
        raise DatabaseRefused("Could not connect") from cause

    return enter


async def test_a_login_that_is_rejected_is_followed_by_another_one(
    options: DatabaseOptions,
) -> None:
    passwords = Passwords()
    assert await log_in(options, passwords, refusing(REJECTED, None)) == "login 2"
    assert passwords.reported == ["login 1 rejected"]


async def test_another_login_is_no_cure_for_what_else_is_refused(options: DatabaseOptions) -> None:
    passwords = Passwords()
    with pytest.raises(DatabaseRefused):
        await log_in(options, passwords, refusing(NO_DATABASE, None))
    assert (passwords.given, passwords.reported) == (1, [])


async def test_what_is_refused_to_the_second_login_is_reported_as_what_it_is(
    options: DatabaseOptions,
) -> None:
    with pytest.raises(DatabaseRefused, match=r"^Could not connect$"):
        await log_in(options, Passwords(), refusing(REJECTED, NO_DATABASE))
    with pytest.raises(DatabaseRefused, match="rejected"):
        await log_in(options, Passwords(), refusing(REJECTED, REJECTED))


async def test_a_login_is_shown_without_its_secret_and_as_one_url() -> None:
    login = Credential("me@work:8/x", SecretStr("hunter2"), None, host="2001:db8::1")
    shown = url(database_options(LOGIN, host=None), login)
    assert shown == "postgresql://me%40work%3A8%2Fx:****@[2001:db8::1]:5432/ontos"


async def away(_: Login) -> None:
    raise DatabaseUnavailable("Could not connect")


async def test_a_host_is_asked_for_again_only_if_it_came_with_the_login(
    options: DatabaseOptions,
) -> None:
    moving, configured = Passwords(), Passwords()
    with pytest.raises(DatabaseUnavailable):
        await log_in(options, moving, away)
    with pytest.raises(DatabaseUnavailable):
        await log_in(database_options(LOGIN), configured, away)
    assert moving.reported == ["login 1 unreachable"]
    assert configured.reported == []


async def test_a_host_that_does_not_answer_is_reported_though_the_pool_gives_up_first(
    options: DatabaseOptions,
) -> None:
    passwords = Passwords()
    with anyio.CancelScope() as scope:

        async def silent(_: Login) -> None:
            scope.cancel()
            await anyio.sleep_forever()

        await log_in(options, passwords, silent)
    assert passwords.reported == ["login 1 unreachable"]


async def test_a_side_loop_logs_in_with_the_login_at_hand_while_the_main_loop_is_busy(
    options: DatabaseOptions,
) -> None:
    passwords = Passwords(at_hand=True)
    begun, entered = threading.Event(), threading.Event()

    async def log_in_there(home: Home) -> None:
        begun.set()
        await log_in(options, PasswordsOfHome(passwords, home), refusing(None))
        entered.set()

    async with side_loop("side") as side, anyio.create_task_group() as tasks:
        tasks.start_soon(side.run, log_in_there)
        while not begun.is_set():
            await anyio.lowlevel.checkpoint()
        # This thread is the main loop's.
        assert entered.wait(5)
    assert passwords.threads == set()


async def test_a_side_loop_asks_and_informs_the_source_of_logins_in_its_own_loop(
    options: DatabaseOptions,
) -> None:
    passwords = Passwords()

    async def log_in_there(home: Home) -> str:
        source = PasswordsOfHome(passwords, home)
        with pytest.raises(DatabaseUnavailable):
            await log_in(options, source, away)
        return await log_in(options, source, refusing(REJECTED, None))

    async with side_loop("side") as side:
        assert await side.run(log_in_there) == "login 3"
    assert passwords.reported == ["login 1 unreachable", "login 2 rejected"]
    assert passwords.threads == {threading.get_ident()}
