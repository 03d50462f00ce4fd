from worker.attempt.outcome import first_of


def test_what_task_groups_have_wrapped_is_found_however_deep() -> None:
    error = ValueError("the one")
    assert first_of(ExceptionGroup("a", [ExceptionGroup("b", [error, OSError()])])) is error
    assert first_of(error) is error
