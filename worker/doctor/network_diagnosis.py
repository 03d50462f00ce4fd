"""Why a workspace can't be reached: the SDK gives a class of error, the network more."""

import asyncio
import os
import ssl
from urllib.parse import SplitResult, urlsplit

from worker.doctor.errors import network
from worker.doctor.explain import hint, network_hints

__all__ = ["why_unreachable"]

_DEADLINE = 5.0
_PORTS = {"http": 80, "https": 443}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
# What a workspace answers without a login.
_ASKED = "/.well-known/databricks-config"


async def why_unreachable(workspace: str) -> list[str]:
    """Return hints on the way to `workspace`; none if it answers as a web server does."""
    url = urlsplit(workspace if "://" in workspace else f"https://{workspace}")
    host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 443)
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    if proxy:
        return [hint(network.through_proxy(proxy))]
    try:
        async with asyncio.timeout(_DEADLINE):
            answer = await _first_line(url, host, port)
    except ssl.SSLError as error:
        return [hint(network.workspace_tls(host, error.reason or type(error).__name__))]
    except ConnectionResetError:
        return [hint(network.not_a_web_server(host, port))]
    except (OSError, UnicodeError) as error:
        return [hint(one) for one in network_hints(error, host, port, "DATABRICKS_HOST")]
    words = answer.split()
    if not answer.startswith(b"HTTP/") or len(words) == 1:
        return [hint(network.not_a_web_server(host, port))]
    return [hint(network.redirected(host))] if words[1].startswith(b"3") else []


async def _first_line(url: SplitResult, host: str, port: int) -> bytes:
    tls = ssl.create_default_context() if url.scheme == "https" else None
    reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    try:
        request = f"GET {_ASKED} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        return await reader.readline()
    except ValueError:
        # More than a line is long.
        return b"?"
    finally:
        writer.close()
