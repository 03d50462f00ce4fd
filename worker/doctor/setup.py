"""What is examined, and what earlier steps give later ones."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from worker.credentials.clock import Clock
from worker.credentials.provider import Credential, Provider
from worker.database.options import DatabaseOptions
from worker.database.pool import Database
from worker.doctor.step_report import needs
from worker.process.options import WorkerOptions
from worker.spark.engine import Engine

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["Provided", "Setup"]

T = TypeVar("T")


@dataclass(slots=True)
class Provided(Generic[T]):
    """Something that `step` gives, if it goes well."""

    step: str
    _given: list[T] = field(default_factory=list)

    def give(self, value: T) -> None:
        """Keep it for later steps."""
        self._given = [value]

    def take(self) -> T:
        """Return it. Raises `StepSkipped` if the step has not given it."""
        if not self._given:
            raise needs(self.step)
        return self._given[0]

    @property
    def missing(self) -> bool:
        """Whether the step has not given it."""
        return not self._given


@dataclass(slots=True, kw_only=True)
class Setup:
    """The options under examination, and the parts of a worker as far as they could be had."""

    options: WorkerOptions
    database_options: DatabaseOptions
    """The worker's, with no deadline longer than a person waits, for one connection."""
    provider: Provider
    clock: Clock
    with_engine: bool
    closing: AsyncExitStack
    client: Provided["WorkspaceClient"] = field(default_factory=lambda: Provided("workspace"))
    principal: Provided[str | None] = field(default_factory=lambda: Provided("identity"))
    login: Provided[Credential] = field(default_factory=lambda: Provided("token"))
    secured: Provided[bool] = field(default_factory=lambda: Provided("tls"))
    database: Provided[Database] = field(default_factory=lambda: Provided("connect"))
    readable: Provided[bool] = field(default_factory=lambda: Provided("rights"))
    writable: Provided[bool] = field(default_factory=lambda: Provided("rights"))
    own_tables: Provided[bool] = field(default_factory=lambda: Provided("own schema"))
    session: Provided[bool] = field(default_factory=lambda: Provided("search path"))
    engine: Provided[Engine] = field(default_factory=lambda: Provided("engine"))
    roots: Provided[bool] = field(default_factory=lambda: Provided("roots"))

    @property
    def uses_token(self) -> bool:
        """Whether Postgres is entered with a token of the workspace."""
        return self.database_options.token
