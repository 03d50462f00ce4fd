"""How a host can't be reached."""

from worker.telemetry.cures import message


@message(
    cure=(
        "correct the variable; if the name is right, this machine's DNS does not know it: a "
        "private name needs the network (VPN, private endpoint) that it belongs to, and in Docker "
        "the name of a service is known in its own network alone."
    )
)
def name_unknown(host: str, variable: str) -> str:
    """No address is known for the host."""
    return f"{variable}: there is no address for the name {host}"


@message(
    cure=(
        "check the port and that the server runs; a stopped Lakebase instance has to be started. "
        "In a container `localhost` and 127.0.0.1 are the container itself, not the machine it "
        "runs on."
    )
)
def nothing_listens(host: str, port: object) -> str:
    """The machine answers that nothing listens at this port."""
    return f"The connection to {host}, port {port}, is refused: nothing listens there"


@message(
    cure=(
        "have the way opened: firewall, security group, the workspace's list of allowed addresses, "
        "private link; or correct host and port. A server behind a port that is open may hang."
    )
)
def silent(host: str, port: object) -> str:
    """No answer at all comes back: something drops what is sent, or what listens there hangs."""
    return f"{host}, port {port}, does not answer"


@message(cure="check this machine's network, VPN and routes, or correct the host.")
def no_route(host: str) -> str:
    """This machine has no way to the network of the host."""
    return f"There is no route to {host}"


@message(
    cure=(
        "see the server's log. A proxy or load balancer with no server behind it does that, so "
        "does a server that restarts, or one that takes connections over TLS alone "
        "(PGSSLMODE=require)."
    )
)
def hung_up(host: str, port: object) -> str:
    """The connection was made, and then closed by the other side without a word."""
    return f"{host}, port {port}, closes the connection"


@message(cure="correct the folder or POSTGRES_PORT, and see that the server runs on this machine.")
def no_socket(path: str) -> str:
    """POSTGRES_HOST is a folder, for a Unix socket, and there is no socket of this port in it."""
    return f"There is no socket of Postgres in {path}"


@message(
    cure=(
        "correct DATABRICKS_HOST: the workspace's address as a browser shows it, most often with "
        "https:// and no port."
    )
)
def not_a_web_server(host: str, port: object) -> str:
    """Something listens there that is no web server, and so no workspace."""
    return f"What answers at {host}, port {port}, is not a web server"


@message(
    cure=(
        "set DATABRICKS_HOST to the address where the browser ends up, with https://; if a "
        "proxy of the network asks for a login, have it let the workspace through."
    )
)
def redirected(host: str) -> str:
    """The answer is a redirect: to a login page, to a proxy, or to http instead of https."""
    return f"{host} redirects to another address"


@message(cure="correct the variable, or add the workspace's host to NO_PROXY.")
def through_proxy(variable: str) -> str:
    """The environment sends what goes to the workspace through a proxy."""
    return f"{variable} is set, and the workspace is asked through that proxy"


@message(
    cure=(
        "correct DATABRICKS_HOST, scheme and port among it. Where a proxy opens TLS on the way, "
        "name the PEM file of its authority in REQUESTS_CA_BUNDLE."
    )
)
def workspace_tls(host: str, reason: str) -> str:
    """TLS to the workspace fails: a certificate that can't be verified, or no TLS at all."""
    return f"TLS to {host} fails ({reason})"
