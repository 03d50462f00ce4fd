"""A branch stands for its read-write endpoint, over HTTP, also after that was replaced."""

import pytest

from deploy.sandbox.workspace.endpoints import BRANCH, ENDPOINT, READ_ONLY_BRANCH, READ_WRITE
from deploy.sandbox.workspace.faults import Fault, FaultKind
from tests.credentials.conftest import Served
from tests.credentials.test_lakebase import CREDENTIALS, failure, provider
from worker.credentials.lakebase import Lakebase
from worker.credentials.lakebase_branch import LakebaseBranch
from worker.workspace.errors import WorkspaceError, WorkspaceRefused, WorkspaceUnavailable

pytestmark = pytest.mark.anyio

LIST = f"/api/2.0/postgres/{BRANCH}/endpoints"
REPLACEMENT = f"{BRANCH}/endpoints/second"


def branch(served: Served, name: str = BRANCH, *, host: str | None = None) -> Lakebase:
    return provider(served.options(), LakebaseBranch(name), host=host)


def replace_endpoint(served: Served) -> None:
    """Put another read-write endpoint, at another host, in the place of the first."""
    del served.workspace.endpoints[ENDPOINT]
    served.workspace.endpoints[REPLACEMENT] = READ_WRITE
    served.workspace.host = "second.example"


async def test_it_is_resolved_once_to_its_read_write_endpoint(served: Served) -> None:
    lakebase = branch(served)
    assert lakebase.subject == f"the branch {BRANCH}"

    for _ in range(3):
        assert (await lakebase.mint()).host == "db.example"

    assert lakebase.subject == f"the endpoint primary of the branch {BRANCH}"
    requests = served.workspace.requests
    assert (requests[LIST], requests[f"{LIST}/primary"], requests[CREDENTIALS]) == (1, 3, 3)
    assert requests[f"{LIST}/replica"] == 0


@pytest.mark.parametrize("host", ["db.example", None])
async def test_an_endpoint_that_was_replaced_is_found_by_the_next_mint(
    served: Served, host: str | None
) -> None:
    lakebase = branch(served, host=host)
    await lakebase.mint()
    replace_endpoint(served)
    if host is not None:
        served.workspace.host = host

    credential = await lakebase.mint()

    assert credential.secret.get_secret_value() == served.issuer.issued[-1]
    assert credential.host == (host or "second.example")
    assert lakebase.subject == f"the endpoint second of the branch {BRANCH}"
    assert served.workspace.requests[LIST] == 2


@pytest.mark.parametrize("kind", [FaultKind.FORBIDDEN, FaultKind.SERVER_ERROR])
async def test_after_any_failure_it_is_resolved_again(served: Served, kind: FaultKind) -> None:
    """The service may answer otherwise than with 404 about an endpoint that is being replaced."""
    lakebase = branch(served)
    await lakebase.mint()
    served.workspace.faults.add(Fault(kind))
    await failure(lakebase)

    assert (await lakebase.mint()).secret

    assert served.workspace.requests[LIST] == 2


async def test_a_branch_that_has_lost_its_endpoint_is_reported(served: Served) -> None:
    lakebase = branch(served)
    await lakebase.mint()
    served.workspace.endpoints.clear()

    raised = await failure(lakebase)

    assert isinstance(raised, WorkspaceRefused)
    assert str(raised) == f"the branch {BRANCH} has no read-write endpoint"
    assert lakebase.subject == f"the branch {BRANCH}"


async def test_read_only_endpoints_alone_are_refused_with_what_to_do(served: Served) -> None:
    raised = await failure(branch(served, READ_ONLY_BRANCH))

    assert isinstance(raised, WorkspaceRefused)
    assert str(raised) == f"the branch {READ_ONLY_BRANCH} has no read-write endpoint"
    assert "add a read-write endpoint (compute) to the branch" in raised.__notes__[0]
    assert served.issuer.minted == 0


async def test_a_branch_that_does_not_exist_is_reported(served: Served) -> None:
    raised = await failure(branch(served, "projects/sandbox/branches/absent"))

    assert isinstance(raised, WorkspaceRefused)
    assert str(raised).startswith(f"{served.url} does not have it (NOT_FOUND")
    assert "the path of a branch or endpoint" in raised.__notes__[0]


@pytest.mark.parametrize(
    ("kind", "error", "reported"),
    [
        (FaultKind.UNAUTHORIZED, WorkspaceRefused, "does not accept the worker's"),
        (FaultKind.FORBIDDEN, WorkspaceRefused, "does not permit it"),
        (FaultKind.THROTTLED, WorkspaceUnavailable, "Too many requests"),
        (FaultKind.SERVER_ERROR, WorkspaceUnavailable, "INTERNAL_ERROR"),
        (FaultKind.BROKEN_JSON, WorkspaceUnavailable, "can't be read"),
        (FaultKind.HANG, WorkspaceUnavailable, "before the deadline"),
    ],
)
async def test_a_failed_look_up_is_reported_by_what_to_do_and_the_next_mint_succeeds(
    served: Served, kind: FaultKind, error: type[WorkspaceError], reported: str
) -> None:
    served.workspace.faults.add(Fault(kind, LIST))
    deadline = 1.0 if kind is FaultKind.HANG else 10.0
    lakebase = provider(served.options(), LakebaseBranch(BRANCH), deadline=deadline)

    raised = await failure(lakebase)

    assert type(raised) is error
    assert reported in str(raised)
    assert (await lakebase.mint()).secret


async def test_what_goes_wrong_in_the_second_look_up_is_not_reported_as_not_found(
    served: Served,
) -> None:
    lakebase = branch(served)
    await lakebase.mint()
    replace_endpoint(served)
    served.workspace.faults.add(Fault(FaultKind.BROKEN_JSON, LIST))

    raised = await failure(lakebase)

    assert isinstance(raised, WorkspaceUnavailable)
    assert "can't be read" in str(raised)
