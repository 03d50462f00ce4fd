"""The step 'tls': what the server shows of itself before anybody logs in."""

from datetime import timedelta

from worker.database.handshake import Handshake, shake_hands
from worker.database.tls import is_local
from worker.doctor.errors import login as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult, StepSkipped

__all__ = ["check_tls"]

_DEADLINE = timedelta(seconds=10)
_SOON = timedelta(days=14)


async def check_tls(setup: Setup) -> StepResult:
    """Shake hands in the configured mode, and report the certificate."""
    options = setup.database_options
    host = options.host or setup.login.take().host or ""
    if host.startswith("/") or options.ssl == "disable":
        setup.secured.give(True)
        if host.startswith("/"):
            raise StepSkipped("a Unix socket needs none")
        return StepResult("none, as PGSSLMODE=disable says", {"version": None}, _clear(host))
    try:
        shown = await shake_hands(options, host, min(options.connect_timeout, _DEADLINE))
    except (OSError, UnicodeError) as error:
        setup.secured.give(True)
        raise StepSkipped("no server answers: see the step 'connect'") from error
    if shown.refused:
        raise StepFailed(shown.refused, detail=_detail(shown)) from shown.refused
    setup.secured.give(True)
    if shown.version is None:
        return StepResult("none: the server speaks no TLS", {"version": None}, _clear(host))
    return StepResult(_said(shown), _detail(shown), _remarks(shown, host, setup))


def _said(shown: Handshake) -> str:
    verified = "verified" if shown.verified else "not verified"
    if shown.certificate is None:
        return f"{shown.version}, {shown.cipher}"
    return (
        f"{shown.version}, {shown.cipher}; certificate of {shown.certificate.subject}, by "
        f"{shown.certificate.issuer}, until {shown.certificate.not_after:%Y-%m-%d}, {verified}"
    )


def _detail(shown: Handshake) -> dict[str, object]:
    detail: dict[str, object] = {
        "version": shown.version,
        "cipher": shown.cipher,
        "verified": shown.verified,
    }
    if shown.certificate:
        detail |= {
            "subject": shown.certificate.subject,
            "issuer": shown.certificate.issuer,
            "names": list(shown.certificate.names),
            "not_before": shown.certificate.not_before,
            "not_after": shown.certificate.not_after,
        }
    return detail


def _remarks(shown: Handshake, host: str, setup: Setup) -> list[str]:
    remarks = []
    if not shown.verified and not is_local(host):
        remarks.append(hint(errors.not_verified(host)))
    if shown.certificate and shown.certificate.not_after - setup.clock.now() < _SOON:
        remarks.append(hint(errors.ends_soon(f"{shown.certificate.not_after:%Y-%m-%d %H:%M} UTC")))
    return remarks


def _clear(host: str) -> list[str]:
    return [] if is_local(host) else [hint(errors.in_the_clear(host))]
