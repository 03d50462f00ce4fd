"""Why a workspace can't be reached: the SDK tells a class of error, the network tells more."""

import asyncio
import os
import ssl
from urllib.parse import urlsplit

from worker.process.doctor import errors
from worker.process.doctor.explain import hint, network_hints

__all__ = ["why_unreachable"]

_DEADLINE = 5.0
_PORTS = {"http": 80, "https": 443}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


async def why_unreachable(workspace: str) -> list[str]:
    """Return hints on the way to `workspace`; none where a connection can be made."""
    url = urlsplit(workspace if "://" in workspace else f"https://{workspace}")
    host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 443)
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    if proxy:
        return [hint(errors.through_proxy(proxy))]
    tls = ssl.create_default_context() if url.scheme == "https" else None
    try:
        async with asyncio.timeout(_DEADLINE):
            _, writer = await asyncio.open_connection(host, port, ssl=tls)
    except ssl.SSLError as error:
        return [hint(errors.workspace_tls(host, error.reason or type(error).__name__))]
    except (OSError, UnicodeError) as error:
        return [hint(one) for one in network_hints(error, host, port, "DATABRICKS_HOST")]
    writer.close()
    return []
