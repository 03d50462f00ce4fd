"""What a value may be refused for: the words, which stand after the name of its variable."""

from worker.telemetry.cures import message


@message(cure="write it as in the example.")
def not_a_duration() -> str:
    """The value of a duration is not a number with a unit."""
    return "a duration is a number with ms, s, m, h or d, such as 15s"


@message(cure="write a shorter one.")
def too_long_a_duration() -> str:
    """The value of a duration is longer than a year."""
    return "a duration is at most 365d"


@message(cure="write it as in the example; an IPv6 address stands in brackets.")
def not_an_address() -> str:
    """DQX_WORKER_PROBES is neither a host with a port nor `off`."""
    return "an address is a host and a port, such as 127.0.0.1:8686 or [::1]:8686, or off"


@message(
    cure=(
        "write the name or the address alone; the port belongs in POSTGRES_PORT, a user in "
        "POSTGRES_USER."
    )
)
def not_a_host() -> str:
    """The host of Postgres is a URL, or has its port or a blank in it."""
    return "a host is a name or an address, such as db.example, not a URL and without a port"
