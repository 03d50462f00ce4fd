"""Texts that people wrote are read once, and as far as there is time for them."""

import json
from hashlib import sha256

import pytest

from tests.unit.suggestions.rows import NOT_NULL
from worker.checks.implementation import implementation
from worker.checks.implementation_cache import Allowance, ImplementationCache

JSON = implementation(NOT_NULL)
YAML = "check: {function: is_not_null, arguments: {column: id}}"


def hash_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def nothing() -> None:
    """No pause."""


def test_a_text_is_read_once_and_found_by_its_hash() -> None:
    texts = ImplementationCache()
    found = texts.read([JSON, YAML, JSON, "no check"], Allowance(), nothing)
    assert {one: len(checks) for one, checks in found.items()} == {
        hash_of(JSON): 1,
        hash_of(YAML): 1,
        hash_of("no check"): 0,
    }
    again = texts.known([hash_of(YAML), hash_of("another")])
    assert again.keys() == {hash_of(YAML)}
    assert again[hash_of(YAML)] is found[hash_of(YAML)]


def test_yaml_is_read_as_far_as_the_allowance_goes() -> None:
    texts, allowance = ImplementationCache(), Allowance(yaml=2 * len(YAML) + 1)
    several = [YAML + " " * number for number in range(3)]
    found = texts.read([*several, JSON], allowance, nothing)
    assert list(found) == [hash_of(several[0]), hash_of(several[1]), hash_of(JSON)]
    # What was read before costs nothing.
    later = texts.read(several, Allowance(yaml=len(YAML) + 2), nothing)
    assert len(later) == 3


def test_no_more_checks_are_read_than_are_compared() -> None:
    many = json.dumps({"check": {"function": "is_not_null", "for_each_column": ["a", "b", "c"]}})
    found = ImplementationCache().read([many, JSON], Allowance(checks=3), nothing)
    assert {one: len(checks) for one, checks in found.items()} == {hash_of(many): 3}


def test_what_was_not_used_for_long_is_forgotten() -> None:
    texts = ImplementationCache(limit=4)
    texts.read([JSON, YAML], Allowance(), nothing)
    texts.known([hash_of(JSON)])
    texts.read([YAML + " "], Allowance(), nothing)
    assert texts.known(map(hash_of, (JSON, YAML, YAML + " "))).keys() == {
        hash_of(JSON),
        hash_of(YAML + " "),
    }


def test_reading_ends_between_two_texts() -> None:
    class Stopped(Exception):
        pass

    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Stopped

    texts = ImplementationCache()
    with pytest.raises(Stopped):
        texts.read([JSON, YAML, "a", "b"], Allowance(), pause)
    assert len(texts.known(map(hash_of, (JSON, YAML, "a", "b")))) == 2
