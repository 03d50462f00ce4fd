"""The step 'token': mint one as the worker does, and report how long it lives."""

from worker.credentials.lifetime import lifetime
from worker.credentials.static_password import StaticPassword
from worker.doctor.errors import workspace as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepResult, StepSkipped
from worker.doctor.steps.workspace import without_workspace
from worker.workspace.errors import WorkspaceError

__all__ = ["check_token"]

_SLOW = 2.0
"""Seconds, a quarter of what the worker waits for."""


async def check_token(setup: Setup) -> StepResult:
    """Mint a database token, unless a password is configured."""
    if isinstance(setup.provider, StaticPassword):
        setup.login.give(await setup.provider.mint())
        raise StepSkipped("a password is configured, no token is needed")
    # Without these no token can be had, and the steps before have said why.
    setup.client.take()
    if setup.options.credentials.user is None:
        setup.principal.take()
    began = setup.clock.monotonic()
    try:
        credential = await setup.provider.mint()
    except WorkspaceError as error:
        return await without_workspace(error, setup)
    took = setup.clock.monotonic() - began
    setup.login.give(credential)
    remarks = [hint(errors.slow_workspace(f"{took:.1f}"))] if took > _SLOW else []
    left: float | None = None
    if credential.expires_at is None:
        remarks.append(hint(errors.no_token_end()))
    else:
        now = setup.clock.now()
        left = round((credential.expires_at - now).total_seconds(), 1)
        if lifetime(credential.expires_at, now).clock_differs:
            remarks.append(hint(errors.token_end_odd(f"{left:g}")))
    life = "its expiry is not known" if left is None else f"valid for {left:g} s"
    return StepResult(
        f"for {setup.provider.subject}, role {credential.user}, {life}",
        {
            "subject": setup.provider.subject,
            "role": credential.user,
            "host": credential.host,
            "valid_s": left,
        },
        remarks,
    )
