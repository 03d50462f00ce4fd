import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from worker.attempt.errors import RequestRefused
from worker.attempt.options import AttemptOptions
from worker.attempt.plan import PlannedTable, plan, requested_names
from worker.backend.contracts.load import KnownNames
from worker.backend.contracts.schema import Property, SchemaObject
from worker.queue.claimed_run import Run
from worker.sampling.dqx_options import DqxOptions
from worker.suggestions.options import CheckOptions

EXAMPLE = 'expected a JSON array of schema names such as ["orders"]'
ORDERS = SchemaObject("1", "orders", "main.shop.orders", ("id", "price"))
MAIL = Property("p", "mail", "PII", None, required=False, unique=False)
PEOPLE = SchemaObject("2", "people", "main.shop.people", ("mail",), tree=(MAIL,))


def names_of(
    schema_names: str | None,
    *,
    age: timedelta = timedelta(0),
    attempt: int = 1,
    max_age: timedelta = timedelta(hours=24),
    max_schemas: int = 3,
) -> list[str]:
    run = Run("run", "contract", schema_names, "somebody", age)
    limits = AttemptOptions(max_request_age=max_age, max_schemas=max_schemas)
    return requested_names(run, attempt, limits)


def problem_of(name: str, *objects: SchemaObject) -> str:
    names = tuple(sorted({one.name for one in objects}))
    found = [one for one in objects if one.name == name]
    (table,) = plan([name], "contract", found, known=KnownNames(names, len(names)))
    assert table.physical_name is None
    assert table.problem is not None
    return table.problem


@pytest.mark.parametrize(
    ("schema_names", "expected"),
    [
        ('["orders"]', ["orders"]),
        (' ["b", "a", "b", "A", "b"] ', ["b", "a", "A"]),
        ('["größe \\u00fc"]', ["größe ü"]),
        ('["a\\u0000b", "a\\ud800b"]', ["a\ufffdb", "a?b"]),
    ],
)
def test_names_come_once_each_in_their_order(schema_names: str, expected: list[str]) -> None:
    assert names_of(schema_names) == expected


@pytest.mark.parametrize(
    ("schema_names", "said"),
    [
        (None, "The request has no schema_names"),
        ("", "schema_names is not JSON"),
        ("orders", "schema_names is not JSON"),
        ('["orders"', "schema_names is not JSON"),
        ("[" * 100_000, "schema_names is not JSON"),
        ("[" + "9" * 5000 + "]", "schema_names is not JSON"),
        ('"orders"', "schema_names is not an array"),
        ('{"orders": 1}', "schema_names is not an array"),
        ("null", "schema_names is not an array"),
        ("[]", "schema_names is empty"),
        ('["orders", 1]', "schema_names holds something that is not text"),
        ("[null]", "schema_names holds something that is not text"),
        ('[["orders"]]', "schema_names holds something that is not text"),
    ],
)
def test_a_request_without_an_array_of_names_is_refused_with_an_example(
    schema_names: str | None, said: str
) -> None:
    with pytest.raises(RequestRefused) as caught:
        names_of(schema_names)

    assert str(caught.value) == f"{said}: {EXAMPLE}"


def test_a_name_that_no_index_takes_costs_its_own_table() -> None:
    longest = replace(ORDERS, name="n" * 600)
    names = [longest.name, "ö" * 601, "ö" * 601 + "x"]
    assert names_of(json.dumps(names)) == names

    first, *others = plan(names, "contract", [longest])

    assert (first.schema_name, first.problem) == (longest.name, None)
    for one in others:
        assert one.problem == "the schema's name has more than 600 characters: shorten it"
        assert len(one.schema_name) < 200
    assert re.fullmatch(r"ö{100}… \(601 characters, [0-9a-f]{32}\)", others[0].schema_name)
    assert len({one.schema_name for one in others}) == 2
    # A request can't have the same name stand for two.
    (_, again) = plan([others[0].schema_name, names[1]], "contract", [longest])
    assert again.schema_name == others[0].schema_name + "…"


def test_a_list_of_names_of_any_length_is_refused_before_it_is_read() -> None:
    names = ['"' + "n" * 599 + f'{number}"' for number in range(3)]
    text = f"[{','.join(names)}]"
    assert len(names_of(text.ljust(250_000))) == 3
    with pytest.raises(RequestRefused, match="schema_names has more than 250,000 characters"):
        names_of(text.ljust(250_001))


def test_only_different_names_count_against_the_limit() -> None:
    assert names_of('["a", "b", "c", "a"]', max_schemas=3) == ["a", "b", "c"]
    with pytest.raises(RequestRefused, match=r"names 4 schemas, the limit is 3 \(DQX_WORKER_MAX_"):
        names_of('["a", "b", "c", "d"]', max_schemas=3)


def test_a_request_that_was_never_begun_is_refused_when_it_is_too_old() -> None:
    with pytest.raises(RequestRefused, match=r"waited for 25 h .* after 24 h \(DQX_WORKER_MAX_"):
        names_of('["a"]', age=timedelta(hours=25))


@pytest.mark.parametrize(("attempt", "age"), [(1, 24), (2, 25), (3, 1000)])
def test_a_request_at_the_limit_or_once_begun_is_not_too_old(attempt: int, age: int) -> None:
    assert names_of('["a"]', attempt=attempt, age=timedelta(hours=age)) == ["a"]


@pytest.mark.parametrize(("limit", "age"), [(10, 15), (90, 95), (24 * 60, 24 * 60 + 20)])
def test_the_age_and_the_limit_are_reported_so_that_they_differ(limit: int, age: int) -> None:
    with pytest.raises(RequestRefused) as caught:
        names_of('["a"]', age=timedelta(minutes=age), max_age=timedelta(minutes=limit))

    reported = re.search(r" waited for (.+) and was .* after (.+) \(DQX", str(caught.value))
    assert reported is not None
    assert reported[1] != reported[2]


def test_a_name_of_the_contract_is_planned_with_its_table_and_properties() -> None:
    assert plan(["orders"], "contract", [ORDERS]) == [
        PlannedTable("orders", "main.shop.orders", ("id", "price"))
    ]


def test_every_name_is_planned_and_one_problem_costs_no_other() -> None:
    known = KnownNames(("orders",), 1)
    tables = plan(["none", "orders"], "contract", [ORDERS], known=known)

    assert [(table.schema_name, table.problem is None) for table in tables] == [
        ("none", False),
        ("orders", True),
    ]


@pytest.mark.parametrize(
    ("filter_", "refused"),
    [("mail = 'ann'", True), ("mail IS NOT NULL", False), ("id > 7", False)],
)
def test_a_filter_with_values_of_a_personal_column_is_a_problem(
    filter_: str, *, refused: bool
) -> None:
    (table,) = plan(["people"], "contract", [PEOPLE], ["pii"])
    filtered = table.profiled_as(DqxOptions(filter=filter_), CheckOptions())
    assert (filtered.problem is not None) is refused


def test_tags_of_a_schema_object_make_all_of_its_columns_personal() -> None:
    tagged = replace(ORDERS, tags='["pii"]')
    (table,) = plan(["orders"], "contract", [tagged], ["pii"])
    (other,) = plan(["orders"], "contract", [ORDERS], ["pii"])
    assert "price" in table.personal
    assert "price" not in other.personal


@pytest.mark.parametrize(("length", "personal"), [(10_000, False), (10_001, True)])
def test_a_text_that_was_cut_may_name_personal_data(length: int, *, personal: bool) -> None:
    mail = replace(MAIL, classification="x" * length)
    people = replace(PEOPLE, tree=(mail,))
    (table,) = plan(["people"], "contract", [people], ["pii"])
    assert ("mail" in table.personal) is personal
    (without_words,) = plan(["people"], "contract", [people])
    assert "mail" not in without_words.personal


def test_a_contract_without_schema_objects_is_refused() -> None:
    with pytest.raises(RequestRefused, match="Contract c1 has no schema objects"):
        plan(["orders"], "c1", [])


def test_a_name_that_is_there_twice_is_a_problem() -> None:
    problem = "the contract has 2 schemas named 'orders': rename all but one"

    assert problem_of("orders", ORDERS, ORDERS) == problem
    assert problem_of("orders", replace(ORDERS, namesakes=2)) == problem


@pytest.mark.parametrize("physical_name", [None, "", "  \n"])
def test_a_schema_without_a_physical_name_is_a_problem(physical_name: str | None) -> None:
    schema = SchemaObject("1", "orders", physical_name, ())

    assert problem_of("orders", schema).startswith("the schema has no physical name")


def test_a_physical_name_that_was_cut_is_a_problem() -> None:
    schema = SchemaObject("1", "orders", "t" * 10_001, ())

    assert problem_of("orders", schema) == (
        "the schema's physical name has more than 10,000 characters: correct it"
    )


def test_only_the_first_unknown_names_are_compared() -> None:
    known = KnownNames(tuple(f"s{number:02}" for number in range(40)), 40)
    names = [f"s39{chr(97 + number)}" for number in range(30)]

    problems = [table.problem or "" for table in plan(names, "contract", [], known=known)]

    assert ["it has s39, s" in one for one in problems] == [True] * 20 + [False] * 10
    assert "it has s00, s01" in problems[-1]


def test_for_an_unknown_name_the_nearest_comes_first_then_the_others_by_name() -> None:
    others = [
        SchemaObject(name, name, "t", ()) for name in ("zoo", "alpha", "an_order", "orders_v2")
    ]

    problem = problem_of("order", *others, ORDERS)

    listed = "it has orders, an_order, orders_v2, alpha, zoo"
    assert problem == f"the contract has no schema 'order'; {listed}"


def test_of_many_known_names_twenty_are_listed_and_the_others_counted() -> None:
    objects = [SchemaObject(str(number), f"s{number:02}", "t", ()) for number in range(23)]

    assert problem_of("x", *objects[:20]).endswith("s18, s19")
    assert problem_of("x", *objects[:21]).endswith("s18, s19 and 1 more")
    assert problem_of("x", *objects).endswith("s18, s19 and 3 more")
