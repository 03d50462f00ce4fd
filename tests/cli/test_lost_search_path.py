"""Behind a pooler that drops the search_path every command says so, and does nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.support.forked_commands import run_forked
from tests.support.poolers import Pooler
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio


async def test_no_command_works_with_a_search_path_that_was_lost(
    backend: Backend, database: Database, tmp_path: Path
) -> None:
    with Pooler.running(backend.worker.port, passes=("user", "database")) as port:
        environment = worker_environment(replace(backend.worker, port=port), tmp_path)
        for command in (
            ["migrate"],
            ["migrate", "--check"],
            ["status"],
            ["enqueue", "--contract", "c", "--schema", "t"],
            ["prune"],
        ):
            answer = run_forked(command, environment)
            assert answer.returncode == ExitCode.DATABASE, command
            assert 'search_path is "$user", public, and "dqx_worker" was asked for' in answer.stderr
