"""A TLS handshake with Postgres and nothing more: what the server shows before anybody logs in."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.database import errors
from worker.database.errors import DatabaseError
from worker.database.options import DatabaseOptions
from worker.database.tls import needs_tls, verification

__all__ = ["Certificate", "Handshake", "shake_hands"]

# Length 8, and the number that stands for a request for TLS.
_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
_YES, _NO = b"S", b"N"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom a certificate is for, who vouches for that, and until when."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What the server agreed to; `version` is None for a server without TLS.

    `verified` is whether the certificate was held against authorities, `refused` why a worker
    would go no further here.
    """

    version: str | None = None
    cipher: str | None = None
    certificate: Certificate | None = None
    verified: bool = False
    refused: DatabaseError | None = None


async def shake_hands(options: DatabaseOptions, host: str, patience: timedelta) -> Handshake:
    """Return how TLS to `host` goes under `options`. Sends nothing but a request for TLS.

    Raises `OSError` and `TimeoutError` if no server answers, and
    `DatabaseRefused` where the options are wrong.
    """
    demanded = verification(options, host)
    async with asyncio.timeout(patience.total_seconds()):
        # First without verification: the certificate itself shows what is wrong with it.
        shown = await _shake(options, host, _anybody())
        if demanded is None or shown.version is None or shown.refused:
            return shown
        refused: DatabaseError | None
        try:
            proved = await _shake(options, host, demanded)
        except ssl.SSLCertVerificationError as error:
            refused = _reason(error, host, shown.certificate)
        except ssl.SSLError as error:
            refused = errors.tls_failed(host, error.reason or type(error).__name__)
        else:
            refused = proved.refused
    return Handshake(
        version=shown.version,
        cipher=shown.cipher,
        certificate=shown.certificate,
        verified=refused is None,
        refused=refused,
    )


async def _shake(options: DatabaseOptions, host: str, context: ssl.SSLContext) -> Handshake:
    async with _connection(host, options.port) as (reader, writer):
        writer.write(_REQUEST)
        answer = await reader.read(1)
        if answer == _NO:
            refused = errors.no_tls(host, options.port) if needs_tls(options, host) else None
            return Handshake(refused=refused)
        if answer != _YES:
            return Handshake(refused=errors.not_postgres(host, options.port))
        try:
            await writer.start_tls(context, server_hostname=host)
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as error:
            return Handshake(refused=errors.tls_failed(host, error.reason or "no reason given"))
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        cipher = session.cipher()
        return Handshake(
            version=session.version(),
            cipher=cipher and cipher[0],
            certificate=_certificate(session.getpeercert(binary_form=True)),
        )


@asynccontextmanager
async def _connection(
    host: str, port: int
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        # The server may be the first to hang up.
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def _anybody() -> ssl.SSLContext:
    """Return a context that accepts any certificate. No password is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _certificate(der: bytes | None) -> Certificate | None:
    if der is None:
        return None
    # Rarely needed, and slow to import.
    from cryptography import x509

    shown = x509.load_der_x509_certificate(der)
    try:
        others = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names: tuple[str, ...] = ()
    else:
        names = tuple(
            [*others.get_values_for_type(x509.DNSName)]
            + [str(one) for one in others.get_values_for_type(x509.IPAddress)]
        )
    return Certificate(
        subject=shown.subject.rfc4514_string(),
        issuer=shown.issuer.rfc4514_string(),
        names=names,
        not_before=shown.not_valid_before_utc,
        not_after=shown.not_valid_after_utc,
    )


_WRONG_NAME = (62, 64)
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)


def _reason(
    error: ssl.SSLCertVerificationError, host: str, certificate: Certificate | None
) -> DatabaseError:
    """Return why a certificate was refused, by OpenSSL's number for it."""
    code, said = error.verify_code, error.verify_message
    if certificate is None:
        return errors.certificate_refused(host, said)
    if code in _WRONG_NAME:
        return errors.certificate_of_another(host, ", ".join(certificate.names) or "nobody")
    now = datetime.now(UTC)
    if now > certificate.not_after:
        return errors.certificate_expired(host, f"{certificate.not_after:%Y-%m-%d %H:%M} UTC")
    if now < certificate.not_before:
        return errors.certificate_too_new(host, f"{certificate.not_before:%Y-%m-%d %H:%M} UTC")
    if code in _UNKNOWN_AUTHORITY:
        return errors.certificate_unknown(host, certificate.issuer or "nobody", said)
    return errors.certificate_refused(host, said)
