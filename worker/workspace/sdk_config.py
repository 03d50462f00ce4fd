"""The SDK's config, which sends a login to no address that is neither encrypted nor loopback."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from databricks.sdk.config import Config
from databricks.sdk.oauth import OidcEndpoints
from requests import Response, Session
from requests.sessions import SessionRedirectMixin
from requests.utils import get_environ_proxies, select_proxy

from worker.workspace import errors
from worker.workspace.address import in_the_clear, is_loopback, place_of, workspace_address

__all__ = ["EncryptedConfig", "follow_encrypted_redirects"]

_URLS = ("discovery_url", "metadata_service_url")
_redirect_target = Session.get_redirect_target


class EncryptedConfig(Config):
    """Checks each address as soon as it is set, before the SDK sends anything there.

    An address comes from an argument, a variable, a profile, the workspace's description of itself
    or the runtime. The SDK sets an attribute in each case; a token endpoint it asks for.
    """

    @classmethod
    def attributes(cls) -> Any:
        """Return those of the SDK, which looks for them in the class itself."""
        return Config.attributes()

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, str):
            # No attribute begins or ends with a blank; a variable that was pasted may.
            value = value.strip()
            if value and name == "host":
                value = _host(value)
            elif value and name in _URLS:
                _check(name, value)
        super().__setattr__(name, value)

    @property
    def databricks_oidc_endpoints(self) -> OidcEndpoints | None:
        """Return where the workspace logs in its principals."""
        return _checked(super().databricks_oidc_endpoints)

    @property
    def oidc_endpoints(self) -> OidcEndpoints | None:
        """Return the same, or Azure's, if that logs them in."""
        return _checked(super().oidc_endpoints)


def follow_encrypted_redirects() -> None:
    """Have `requests` follow no redirect out of TLS, or from loopback, into the clear.

    The SDK opens sessions of its own for each login, so this holds for the process. `requests`
    itself drops the header Authorization then, and no other one, nor a body with a secret.
    """
    Session.get_redirect_target = _encrypted_redirect_target  # type: ignore[method-assign, assignment]


def _encrypted_redirect_target(session: SessionRedirectMixin, response: Response) -> str | None:
    target = _redirect_target(session, response)
    if target is not None and not in_the_clear(response.url):
        url = urljoin(response.url, target)
        if in_the_clear(url):
            response.close()
            raise errors.redirected_in_the_clear(place_of(response.url), place_of(url))
    return target


def _host(value: str) -> str:
    try:
        address = workspace_address(value)
    except ValueError as error:
        raise errors.address_refused("host", error.args[0]) from error
    _check("host", address)
    return address


def _checked(endpoints: OidcEndpoints | None) -> OidcEndpoints | None:
    if endpoints is not None and endpoints.token_endpoint:
        _check("token_endpoint", endpoints.token_endpoint)
    return endpoints


def _check(name: str, url: str) -> None:
    if in_the_clear(url):
        raise errors.address_refused(name, errors.in_the_clear(place_of(url)))
    if url.lower().startswith("http:") and _leaves_this_machine(url):
        raise errors.address_refused(name, errors.through_a_proxy(place_of(url)))


def _leaves_this_machine(url: str) -> bool:
    """Return whether a request to a loopback address goes through a proxy elsewhere.

    What is not encrypted is readable for the proxy, and on the way to it.
    """
    proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return False
    address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return not is_loopback(address.hostname or "")
