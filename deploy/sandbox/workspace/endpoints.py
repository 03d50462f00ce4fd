"""The endpoints, as databricks-sdk 0.156 calls them, and a few of the stand-in's own.

Under `/sandbox`: `GET health`, `GET counts` (requests by path), `POST faults` with the fields of
`Fault`, `DELETE faults`, `POST revoke`.
"""

import secrets
from base64 import b64encode
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.workspace.faults import Fault, FaultKind, Faults
from deploy.sandbox.workspace.issuer import TokenIssuer

__all__ = ["BRANCH", "ENDPOINT", "INSTANCE", "READ_ONLY_BRANCH", "READ_WRITE", "Workspace"]

INSTANCE = "sandbox"
BRANCH = "projects/sandbox/branches/main"
ENDPOINT = f"{BRANCH}/endpoints/primary"
READ_ONLY_BRANCH = "projects/sandbox/branches/reports"
READ_WRITE = "ENDPOINT_TYPE_READ_WRITE"
_READ_ONLY = "ENDPOINT_TYPE_READ_ONLY"

_STATUS: dict[FaultKind, tuple[int, str, str]] = {
    FaultKind.UNAUTHORIZED: (401, "UNAUTHENTICATED", "Credential was not sent or is not valid"),
    FaultKind.FORBIDDEN: (403, "PERMISSION_DENIED", "The caller may not use the database"),
    FaultKind.NOT_FOUND: (404, "NOT_FOUND", "Database instance is not found"),
    FaultKind.THROTTLED: (429, "RESOURCE_EXHAUSTED", "Too many requests"),
    FaultKind.SERVER_ERROR: (500, "INTERNAL_ERROR", "An internal error occurred"),
    FaultKind.UNAVAILABLE: (503, "TEMPORARILY_UNAVAILABLE", "Try again later"),
}

Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Workspace:
    """One workspace with one service principal, one database instance and one project.

    `host` is where their Postgres is, and `other_hosts` what an endpoint names beside it, by field.
    `endpoints` holds the type of each endpoint of the project. A test may replace them.
    """

    client_id: str
    client_secret: str = field(repr=False)
    host: str
    issuer: TokenIssuer
    faults: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)
    oauth_life: timedelta = timedelta(hours=1)
    endpoints: dict[str, str] = field(
        default_factory=lambda: {
            f"{BRANCH}/endpoints/replica": _READ_ONLY,
            ENDPOINT: READ_WRITE,
            f"{READ_ONLY_BRANCH}/endpoints/replica": _READ_ONLY,
        }
    )
    other_hosts: dict[str, str] = field(default_factory=dict)
    _bearers: set[str] = field(default_factory=set, repr=False)

    @property
    def secrets(self) -> list[str]:
        """Everything secret that it has given out or asks for."""
        basic = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return [self.client_secret, basic, *self._bearers, *self.issuer.issued]

    def app(self) -> Starlette:
        """Return it as an ASGI application."""
        return Starlette(
            routes=[
                self._route("/.well-known/databricks-config", self._config),
                self._route("/oidc/.well-known/oauth-authorization-server", self._oidc),
                self._route("/oidc/v1/token", self._token, method="POST"),
                self._route("/api/2.0/preview/scim/v2/Me", self._me, login=True),
                self._route("/api/2.1/clusters/spark-versions", self._versions, login=True),
                self._route(
                    "/api/2.0/database/credentials", self._database_token, "POST", login=True
                ),
                self._route(
                    "/api/2.0/postgres/credentials", self._postgres_token, "POST", login=True
                ),
                self._route("/api/2.0/database/instances/{name}", self._instance, login=True),
                self._route(
                    "/api/2.0/postgres/{branch:path}/endpoints", self._endpoints, login=True
                ),
                self._route("/api/2.0/postgres/{name:path}", self._endpoint, login=True),
                Route("/sandbox/health", self._health),
                Route("/sandbox/counts", self._counts),
                Route("/sandbox/faults", self._fault, methods=["POST", "DELETE"]),
                Route("/sandbox/revoke", self._revoke, methods=["POST"]),
            ]
        )

    def _route(
        self, path: str, handler: Handler, method: str = "GET", *, login: bool = False
    ) -> Route:
        async def handle(request: Request) -> Response:
            self.requests[request.url.path] += 1
            fault = self.faults.take(request.url.path)
            if fault:
                request.state.fault = fault
                if answer := await _before(fault):
                    return answer
            if login and not self._knows(request):
                return _error(FaultKind.UNAUTHORIZED)
            return await handler(request)

        return Route(path, handle, methods=[method])

    def _knows(self, request: Request) -> bool:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and bearer in self._bearers

    async def _config(self, request: Request) -> Response:
        return JSONResponse({"oidc_endpoint": f"{_base(request)}/oidc"})

    async def _oidc(self, request: Request) -> Response:
        issuer = f"{_base(request)}/oidc/v1"
        return JSONResponse(
            {
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
            }
        )

    async def _token(self, request: Request) -> Response:
        """Give an OAuth token for the client's id and secret."""
        form = parse_qs((await request.body()).decode())
        login = f"{self.client_id}:{self.client_secret}".encode()
        known = request.headers.get("authorization") == f"Basic {b64encode(login).decode()}"
        if not known or form.get("grant_type") != ["client_credentials"]:
            return JSONResponse(
                {"error": "invalid_client", "error_description": "Client authentication failed"},
                status_code=401,
            )
        bearer = secrets.token_urlsafe(64)
        self._bearers.add(bearer)
        return JSONResponse(
            {
                "access_token": bearer,
                "token_type": "Bearer",
                "expires_in": int(self.oauth_life.total_seconds()),
                "scope": "all-apis",
            }
        )

    async def _me(self, _: Request) -> Response:
        return JSONResponse({"id": "1", "userName": self.client_id, "active": True})

    async def _versions(self, _: Request) -> Response:
        return JSONResponse({"versions": [{"key": "16.4.x-scala2.12", "name": "16.4 LTS"}]})

    async def _database_token(self, request: Request) -> Response:
        body = await request.json()
        if body.get("instance_names") != [INSTANCE]:
            return _error(FaultKind.NOT_FOUND)
        return await self._credential(request, expiry="expiration_time")

    async def _postgres_token(self, request: Request) -> Response:
        body = await request.json()
        if body.get("endpoint") not in self.endpoints:
            return _error(FaultKind.NOT_FOUND)
        return await self._credential(request, expiry="expire_time")

    async def _credential(self, request: Request, *, expiry: str) -> Response:
        token = await self.issuer.token(self.client_id)
        expires_at = token.expires_at
        fault = getattr(request.state, "fault", None)
        if fault and fault.kind is FaultKind.CLOCK:
            expires_at += timedelta(seconds=fault.seconds)
        body = {"token": token.text, expiry: expires_at.isoformat().replace("+00:00", "Z")}
        if fault and fault.kind is FaultKind.NO_TOKEN:
            del body["token"]
        if fault and fault.kind is FaultKind.NO_EXPIRY:
            del body[expiry]
        return JSONResponse(body)

    async def _instance(self, request: Request) -> Response:
        if request.path_params["name"] != INSTANCE:
            return _error(FaultKind.NOT_FOUND)
        return JSONResponse(
            {
                "name": INSTANCE,
                "state": "AVAILABLE",
                "read_write_dns": self.host,
                "capacity": "CU_1",
            }
        )

    async def _endpoints(self, request: Request) -> Response:
        """List the endpoints of a branch; the service leaves an empty list out of its answer."""
        branch = request.path_params["branch"]
        if branch not in (BRANCH, READ_ONLY_BRANCH):
            return _error(FaultKind.NOT_FOUND)
        names = [name for name in self.endpoints if name.startswith(f"{branch}/endpoints/")]
        return JSONResponse({"endpoints": list(map(self._described, names))} if names else {})

    async def _endpoint(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.endpoints:
            return _error(FaultKind.NOT_FOUND)
        return JSONResponse(self._described(name))

    def _described(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "status": {
                "endpoint_type": self.endpoints[name],
                "current_state": "ACTIVE",
                "hosts": {"host": self.host, **self.other_hosts},
            },
        }

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _counts(self, _: Request) -> Response:
        return JSONResponse({"requests": self.requests, "minted": self.issuer.minted})

    async def _fault(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
        else:
            fields: dict[str, Any] = await request.json()
            self.faults.add(Fault(**(fields | {"kind": FaultKind(fields["kind"])})))
        return JSONResponse({})

    async def _revoke(self, _: Request) -> Response:
        await self.issuer.revoke(self.client_id)
        return JSONResponse({})


async def _before(fault: Fault) -> Response | None:
    """Do what a fault does before, or instead of, an answer."""
    match fault.kind:
        case FaultKind.LATENCY:
            await anyio.sleep(fault.seconds)
        case FaultKind.HANG:
            await anyio.sleep_forever()
        case FaultKind.BROKEN_JSON:
            return Response('{"token": "eyJ', media_type="application/json")
        case kind if kind in _STATUS:
            return _error(kind, fault.seconds)
    return None


def _error(kind: FaultKind, retry_after: float = 1.0) -> Response:
    status, code, message = _STATUS[kind]
    throttled = kind in (FaultKind.THROTTLED, FaultKind.UNAVAILABLE)
    return JSONResponse(
        {"error_code": code, "message": message},
        status_code=status,
        headers={"Retry-After": str(int(retry_after))} if throttled else None,
    )


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
