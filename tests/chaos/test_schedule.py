"""A schedule depends on its seed alone, and leaves nothing behind."""

from tests.chaos.schedule import Kind, draw


def test_the_same_seed_gives_the_same_schedule() -> None:
    first, second = (draw(7, 300, workers=3, lease=3, dqx=True) for _ in range(2))
    assert first == second
    assert list(map(str, first)) == list(map(str, second))


def test_another_seed_gives_another_schedule() -> None:
    assert draw(1, 60, workers=3, lease=3, dqx=True) != draw(2, 60, workers=3, lease=3, dqx=True)


def test_five_minutes_hold_every_kind_and_every_worker() -> None:
    events = draw(1, 300, workers=3, lease=3, dqx=True)
    assert {event.kind for event in events} == set(Kind)
    assert {event.worker for event in events if event.kind is Kind.KILL} == {0, 1, 2}


def test_everything_happens_in_order_and_is_over_by_the_end() -> None:
    events = draw(3, 120, workers=3, lease=3, dqx=True)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert max(event.at + event.seconds for event in events) <= 120.01


def test_no_worker_is_stopped_twice_at_once() -> None:
    stops = [
        event for event in draw(5, 600, workers=3, lease=3, dqx=True) if event.kind is Kind.STOP
    ]
    until: dict[int | None, float] = {}
    for stop in stops:
        assert until.get(stop.worker, 0.0) <= stop.at
        until[stop.worker] = stop.at + stop.seconds
