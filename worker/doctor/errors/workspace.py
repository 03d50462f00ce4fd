"""The workspace and its tokens."""

from worker.telemetry.cures import message


@message(cure="unset them; or the LAKEBASE_ variable, if the password is meant.")
def settings_ignored(variables: str) -> str:
    """Variables for a password are set beside a LAKEBASE_ one, and are ignored."""
    return f"Ignored, as the login is a token's: {variables}"


@message(
    cure=(
        "set DATABRICKS_HOST to the workspace, such as https://dbc-….cloud.databricks.com or "
        "https://adb-….azuredatabricks.net."
    )
)
def account_host(host: str) -> str:
    """DATABRICKS_HOST is the account console, which owns no database."""
    return f"{host} is an account's address, not a workspace's"


@message(
    cure=(
        "none is needed, DQX continues without it; unset DATABRICKS_HOST if there is no workspace."
    )
)
def dqx_without_workspace(reason: object) -> str:
    """The workspace is configured and unavailable, and the login to Postgres does not need it."""
    return f"DQX does without the workspace ({reason})"


@message(cure="none is needed if the step 'token' goes well; else what that one says.")
def identity_not_shown() -> str:
    """The workspace does not say who the worker is, and PGUSER says which role it takes."""
    return "The role is PGUSER, not the workspace's name for the worker"


@message(
    cure=(
        "unset PGUSER unless it is a role that this identity may enter, such as a group's; the "
        "role of a service principal is its application id."
    )
)
def another_principal(user: str, principal: str) -> str:
    """PGUSER is not the name by which the workspace knows the worker."""
    return f"PGUSER is {user}, and the workspace knows the worker as {principal}"


@message(
    cure=("look at the network between here and DATABRICKS_HOST, and at the workspace's status.")
)
def slow_workspace(seconds: object) -> str:
    """The workspace took long for a token; a worker gives up after 8 s."""
    return f"A token took {seconds} s"


@message(cure="none is needed: it is taken for one of 50 minutes.")
def no_token_end() -> str:
    """The workspace gave a token and did not say until when it is valid."""
    return "The token's expiry is not known"


@message(
    cure=("set this machine's clock right (NTP): the step 'clock' compares it to the database's.")
)
def token_end_odd(seconds: object) -> str:
    """By this machine's clock the new token has ended already, or lives longer than tokens do."""
    return (
        f"By this machine's clock the token's end is {seconds} s away: one of the clocks is wrong"
    )
