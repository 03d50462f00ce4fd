"""A message keeps its cure, wherever it is passed on to."""

import copy
import subprocess
import sys
import traceback

import pytest

from worker.credentials.errors import no_credential
from worker.database.driver_errors import translated
from worker.database.errors import DatabaseRefused, cannot_connect, no_password
from worker.telemetry.cures import Message, cures, message, with_cures


@message(cure="mend it, and try again.")
def broken(what: str) -> str:
    """Something broke."""
    return f"{what} broke"


@message(cure="ask for less.")
def refused(what: str) -> DatabaseRefused:
    """Something was refused."""
    return DatabaseRefused(f"{what} was refused")


def test_words_are_words_and_carry_their_cure() -> None:
    reported = broken("the lamp")
    assert (reported, f"{reported}!") == ("the lamp broke", "the lamp broke!")
    assert isinstance(reported, Message)
    assert reported.cure == "mend it, and try again."


def test_an_error_carries_its_cure_which_a_traceback_shows() -> None:
    error = refused("the lamp")
    assert str(error) == "the lamp was refused"
    assert cures(error) == ["ask for less."]
    assert traceback.format_exception(error)[-1].strip() == "Cure: ask for less."


def test_each_of_several_messages_is_reported_with_its_own_cure() -> None:
    reported = [broken("the lamp"), "plain words", broken("the door")]
    assert cures(with_cures(ValueError("; ".join(reported)), reported)) == [
        "the lamp broke: mend it, and try again.",
        "the door broke: mend it, and try again.",
    ]


def test_what_the_driver_raises_gets_the_cure_of_what_was_tried() -> None:
    with (
        pytest.raises(Exception, match="Could not connect") as raised,
        translated(cannot_connect("db", 5432)),
    ):
        raise OSError("no route")
    assert cures(raised.value)[0].startswith("check POSTGRES_HOST, POSTGRES_PORT")


def test_an_error_that_only_passes_on_a_reason_is_cured_as_the_reason_is() -> None:
    credential = no_credential("the endpoint", "it was refused")
    credential.__cause__ = refused("the login")
    password = no_password(credential)
    password.__cause__ = credential
    assert cures(password) == ["ask for less."]
    assert cures(no_password("nobody knows why")) == []


def test_a_cure_survives_a_copy() -> None:
    reported = copy.deepcopy(broken("the lamp"))
    assert isinstance(reported, Message)
    assert (reported, reported.cure) == ("the lamp broke", "mend it, and try again.")


def test_an_interpreter_without_docstrings_reports_the_cures_too() -> None:
    """`python -OO` drops docstrings. The doctor shows the cure of a worker's message there."""
    script = (
        "from worker.database.errors import token_in_the_clear as made\n"
        "from worker.telemetry.cures import cures\n"
        "print(made.__doc__, *cures(made('disable', 'db')))"
    )
    shown = subprocess.run(
        [sys.executable, "-OO", "-c", script], capture_output=True, check=True, text=True
    )
    assert shown.stdout == (
        "None unset PGSSLMODE, or set it to `verify-full`; other modes are for loopback alone.\n"
    )
