"""What has the form of a secret is blotted out of every line, whoever wrote it."""

import pytest

from worker.telemetry.redact import redacted, redacted_event

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
PERSONAL = "dapi0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (f"token {JWT} was refused", "token **** was refused"),
        ("half of one: eyJhbGciOiJSUzI1NiJ9.eyJz", "half of one: ****"),
        (f"{PERSONAL}-2, it was", "****, it was"),
        ("Authorization: Bearer abcdefgh123", "Authorization: Bearer ****"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ****"),
        ("postgresql://me:hunter2@db:5432/x", "postgresql://me:****@db:5432/x"),
    ],
)
def test_a_secret_is_blotted_out(text: str, reported: str) -> None:
    assert redacted(text) == reported


@pytest.mark.parametrize(
    "text",
    [
        "main.sales.orders, 5,000 rows",
        "postgresql://me:****@db:5432/x",
        "http://127.0.0.1:8080/api/2.0/postgres",
        "basic statistics were kept",
        "0b9c6f4e-2d1a-4c53-9e6f-7f3f5d1c2a80",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert redacted(text) == text


def test_every_part_of_a_line_is_looked_at() -> None:
    event = {"event": "x", "error": JWT, "list": [PERSONAL, 1], "deep": {"one": (JWT,)}}
    assert redacted_event(None, "info", event) == {
        "event": "x",
        "error": "****",
        "list": ["****", 1],
        "deep": {"one": ["****"]},
    }
