"""Tokens through the real SDK, over HTTP, and each way in which that can fail."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import anyio
import anyio.lowlevel
import pytest
from databricks.sdk import WorkspaceClient
from pydantic import SecretStr

from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.workspace.endpoints import BRANCH, ENDPOINT, INSTANCE
from deploy.sandbox.workspace.faults import Fault, FaultKind
from tests.credentials.conftest import CLIENT_ID, LIFE, Served
from tests.support.waiting import until
from worker.credentials.lakebase import Lakebase, LakebaseDatabase
from worker.credentials.lakebase_branch import LakebaseBranch
from worker.credentials.lakebase_endpoint import LakebaseEndpoint
from worker.credentials.lakebase_instance import LakebaseInstance, _instant
from worker.workspace.errors import WorkspaceError, WorkspaceRefused, WorkspaceUnavailable
from worker.workspace.options import WorkspaceOptions

pytestmark = pytest.mark.anyio

CREDENTIALS = "/api/2.0/postgres/credentials"
ME = "/api/2.0/preview/scim/v2/Me"
OAUTH = "/oidc/v1/token"
HOST = "db.example"
DISCOVERY = "/.well-known/databricks-config"

EACH = pytest.mark.parametrize(
    "kind",
    [
        lambda: LakebaseEndpoint(ENDPOINT),
        lambda: LakebaseBranch(BRANCH),
        lambda: LakebaseInstance(INSTANCE),
    ],
    ids=["endpoint", "branch", "instance"],
)


def provider(
    options: WorkspaceOptions,
    database: LakebaseDatabase | None = None,
    *,
    user: str | None = None,
    host: str | None = HOST,
    deadline: float = 10.0,
) -> Lakebase:
    return Lakebase(
        database or LakebaseEndpoint(ENDPOINT),
        options,
        user=user,
        host=host,
        deadline=timedelta(seconds=deadline),
    )


async def failure(lakebase: Lakebase) -> WorkspaceError:
    with pytest.raises(WorkspaceError) as caught:
        await lakebase.mint()
    return caught.value


@EACH
async def test_each_kind_gives_the_principal_a_token_with_its_end(
    served: Served, kind: Callable[[], LakebaseDatabase]
) -> None:
    credential = await provider(served.options(), kind()).mint()

    assert credential.user == CLIENT_ID
    assert credential.secret.get_secret_value() == served.issuer.issued[-1]
    assert credential.expires_at is not None
    assert abs(credential.expires_at - datetime.now(UTC) - LIFE) < timedelta(minutes=1)
    assert served.issuer.issued[-1] not in repr(credential)


@EACH
async def test_the_host_is_asked_where_it_is_not_configured(
    served: Served, kind: Callable[[], LakebaseDatabase]
) -> None:
    asked = provider(served.options(), kind(), host=None)
    assert (await asked.mint()).host == "db.example"
    served.workspace.host = "moved.example"
    assert (await asked.mint()).host == "moved.example"


@EACH
@pytest.mark.parametrize("host", ["db.example", "DB.Example", "db.example."])
async def test_a_configured_host_that_the_workspace_names_is_taken(
    served: Served, kind: Callable[[], LakebaseDatabase], host: str
) -> None:
    assert (await provider(served.options(), kind(), host=host).mint()).host == "db.example"


@EACH
@pytest.mark.parametrize("host", ["127.0.0.1", "db.example.evil.example", "example", "ro.example"])
async def test_no_token_is_minted_for_a_host_that_is_not_the_databases(
    served: Served, kind: Callable[[], LakebaseDatabase], host: str
) -> None:
    served.workspace.other_hosts["read_only_host"] = "ro.example"
    error = await failure(provider(served.options(), kind(), host=host))
    assert isinstance(error, WorkspaceRefused)
    assert str(error).startswith(f"the host {host} is not that of the ")
    assert str(error).endswith(", which is at db.example")
    assert served.issuer.minted == 0


async def test_an_endpoint_may_be_entered_by_its_pooler(served: Served) -> None:
    served.workspace.other_hosts["read_write_pooled_host"] = "db-pooler.example"
    assert (await provider(served.options(), host="db-pooler.example").mint()).secret


async def test_a_host_that_is_the_databases_no_longer_gets_no_further_token(
    served: Served,
) -> None:
    lakebase = provider(served.options())
    await lakebase.mint()
    served.workspace.host = "moved.example"
    assert str(await failure(lakebase)).endswith(", which is at moved.example")
    assert served.issuer.minted == 1


async def test_one_client_and_one_question_who_it_is_serve_many_tokens(served: Served) -> None:
    lakebase = provider(served.options())
    for _ in range(5):
        await lakebase.mint()
    assert served.workspace.requests == Counter(
        {
            DISCOVERY: 1,
            "/oidc/.well-known/oauth-authorization-server": 1,
            OAUTH: 1,
            ME: 1,
            f"/api/2.0/postgres/{ENDPOINT}": 5,
            CREDENTIALS: 5,
        }
    )


class Nothing:
    """A database of which the workspace answers with nothing."""

    def __init__(self, token: str | None, host: str | None) -> None:
        self._answers = token, host

    def __str__(self) -> str:
        return "the database"

    def token(self, client: WorkspaceClient) -> tuple[str | None, datetime | None]:
        return self._answers[0], None

    def hosts(self, client: WorkspaceClient) -> list[str]:
        return [self._answers[1]] if self._answers[1] else []


@pytest.mark.parametrize(
    ("database", "user", "lacking"),
    [
        (Nothing(None, "db.example"), "me", "no token"),
        (Nothing("", "db.example"), "me", "no token"),
        (Nothing("t", None), "me", "does not say where"),
        (Nothing("t", "db.example"), "", "does not say which role"),
    ],
)
async def test_an_answer_that_lacks_something_is_no_credential(
    served: Served, database: Nothing, user: str, lacking: str
) -> None:
    error = await failure(provider(served.options(), database, user=user, host=None))
    assert lacking in str(error)


async def test_a_call_that_hangs_keeps_its_client_and_the_next_one_makes_its_own(
    served: Served,
) -> None:
    """A client whose call hangs may hold the lock that the SDK takes for each token."""
    lakebase = provider(served.options(), deadline=1.0)
    await lakebase.mint()
    first = lakebase._client
    served.workspace.faults.add(Fault(FaultKind.HANG, CREDENTIALS))
    assert isinstance(await failure(lakebase), WorkspaceUnavailable)
    assert lakebase._client is None
    served.workspace.faults.clear()
    await lakebase.mint()
    assert lakebase._client is not first


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("soon", None),
        ("", None),
    ],
)
def test_the_end_of_an_instances_token_has_a_zone(text: str, instant: datetime | None) -> None:
    assert _instant(text) == instant


async def test_a_configured_principal_is_not_asked_for(served: Served) -> None:
    credential = await provider(served.options(), user="somebody").mint()
    assert credential.user == "somebody"
    assert ME not in served.workspace.requests


@EACH
async def test_an_answer_without_an_end_has_none(
    served: Served, kind: Callable[[], LakebaseDatabase]
) -> None:
    served.workspace.faults.add(Fault(FaultKind.NO_EXPIRY))
    assert (await provider(served.options(), kind()).mint()).expires_at is None


@pytest.mark.parametrize(
    ("kind", "path", "error", "reported"),
    [
        (FaultKind.UNAUTHORIZED, CREDENTIALS, WorkspaceRefused, "does not accept the worker's"),
        (FaultKind.FORBIDDEN, CREDENTIALS, WorkspaceRefused, "does not permit it"),
        (FaultKind.NOT_FOUND, CREDENTIALS, WorkspaceRefused, "Database instance is not found"),
        (FaultKind.THROTTLED, CREDENTIALS, WorkspaceUnavailable, "Too many requests"),
        (FaultKind.SERVER_ERROR, CREDENTIALS, WorkspaceUnavailable, "INTERNAL_ERROR"),
        (FaultKind.UNAVAILABLE, CREDENTIALS, WorkspaceUnavailable, "Try again later"),
        (FaultKind.BROKEN_JSON, CREDENTIALS, WorkspaceUnavailable, "can't be read"),
        (FaultKind.NO_TOKEN, CREDENTIALS, WorkspaceUnavailable, "has no token"),
        (FaultKind.HANG, CREDENTIALS, WorkspaceUnavailable, "before the deadline"),
        (FaultKind.FORBIDDEN, ME, WorkspaceRefused, "does not permit it"),
        (FaultKind.SERVER_ERROR, OAUTH, WorkspaceUnavailable, "its token endpoint failed"),
        (FaultKind.BROKEN_JSON, OAUTH, WorkspaceUnavailable, "can't be read"),
        (FaultKind.HANG, OAUTH, WorkspaceUnavailable, "before the deadline"),
        (FaultKind.NOT_FOUND, DISCOVERY, WorkspaceRefused, "is not a Databricks workspace"),
        (FaultKind.SERVER_ERROR, DISCOVERY, WorkspaceUnavailable, "HTTP status 500"),
        (FaultKind.BROKEN_JSON, DISCOVERY, WorkspaceUnavailable, "can't be read"),
    ],
)
async def test_a_failure_is_reported_by_what_to_do_and_the_next_mint_succeeds(
    served: Served, kind: FaultKind, path: str, error: type[WorkspaceError], reported: str
) -> None:
    # The description is read twice: by the SDK, which only warns, and to report what was wrong.
    served.workspace.faults.add(Fault(kind, path, times=2 if path == DISCOVERY else 1))
    lakebase = provider(served.options(), deadline=1.0 if kind is FaultKind.HANG else 10.0)

    raised = await failure(lakebase)

    assert type(raised) is error
    assert reported in str(raised)
    assert raised.__cause__ is None
    assert raised.__context__ is None or raised.__suppress_context__
    assert (await provider(served.options()).mint()).secret


async def test_a_login_that_hangs_for_ever_does_not_stand_in_the_way_of_the_next(
    served: Served,
) -> None:
    # The SDK holds a lock while it asks for its OAuth token, and has no timeout there.
    served.workspace.faults.add(Fault(FaultKind.HANG, OAUTH, times=2))
    lakebase = provider(served.options(), deadline=0.5)
    for _ in range(2):
        assert "before the deadline" in str(await failure(lakebase))
    assert (await lakebase.mint()).secret


async def test_no_more_than_four_calls_hang_at_once(served: Served) -> None:
    served.workspace.faults.add(Fault(FaultKind.HANG, OAUTH, times=99))
    lakebase = provider(served.options(), deadline=0.2)
    reported = [str(await failure(lakebase)) for _ in range(6)]
    assert [("have not come back" in one) for one in reported] == [False] * 4 + [True] * 2


async def test_the_loop_goes_on_while_a_login_hangs(served: Served) -> None:
    served.workspace.faults.add(Fault(FaultKind.HANG, OAUTH))
    lakebase = provider(served.options(), deadline=60.0)

    async def asked() -> bool:
        return served.workspace.requests[OAUTH] > 0

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lakebase.mint)
        await until(asked, "the login hangs")
        for _ in range(1000):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("seconds", [1.0, 40.0])
async def test_retry_after_is_passed_on_and_not_slept(served: Served, seconds: float) -> None:
    served.workspace.faults.add(Fault(FaultKind.THROTTLED, seconds=seconds))
    with anyio.fail_after(10):
        raised = await failure(provider(served.options()))
    assert raised.retry_after == seconds
    assert served.workspace.requests[CREDENTIALS] == 1


async def test_a_wrong_secret_is_reported_by_its_variable(served: Served) -> None:
    raised = await failure(provider(served.options(client_secret=SecretStr("wrong-secret-0"))))
    assert isinstance(raised, WorkspaceRefused)
    assert "refuses DATABRICKS_CLIENT_ID or its secret (invalid_client)" in str(raised)
    assert "wrong-secret-0" not in str(raised)


@pytest.mark.parametrize("host", ["http://127.0.0.1:1", "https://nonexistent.invalid"])
async def test_a_workspace_that_is_not_there_is_reported(served: Served, host: str) -> None:
    raised = await failure(provider(served.options(host=host)))
    assert isinstance(raised, WorkspaceUnavailable)
    assert str(raised) == f"{host} can't be reached (ConnectionError)"


async def test_two_ways_to_log_in_are_named(served: Served) -> None:
    raised = await failure(provider(served.options(token=SecretStr("a-token"))))
    assert isinstance(raised, WorkspaceRefused)
    assert str(raised).startswith(
        "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET and DATABRICKS_TOKEN are set"
    )


async def test_a_chosen_way_ends_the_doubt(served: Served) -> None:
    options = served.options(token=SecretStr("a-token"), auth_type="oauth-m2m")
    assert (await provider(options).mint()).secret


async def test_variables_of_a_cloud_do_not_make_it_doubtful(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID"):
        monkeypatch.setenv(name, "for-something-else")
    assert (await provider(served.options()).mint()).secret


async def test_no_login_at_all_is_reported_with_what_to_set(served: Served) -> None:
    raised = await failure(provider(served.options(client_id=None, client_secret=None)))
    assert isinstance(raised, WorkspaceRefused)
    assert "with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET or with" in str(raised)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.HANG])
async def test_no_failure_holds_a_secret(served: Served, kind: FaultKind) -> None:
    served.workspace.faults.add(Fault(kind, seconds=0.0))
    lakebase = provider(served.options())
    try:
        reported = repr(await lakebase.mint())
    except WorkspaceError as error:
        reported = f"{error!r} {error}"
    assert leaked(served.workspace.secrets, reported.encode()) == []
