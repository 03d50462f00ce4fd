import pytest

from worker.attempt.errors import RequestRefused
from worker.attempt.run_options import RunOptions
from worker.sampling.dqx_options import DqxOptions


def test_options_of_any_length_are_refused_before_they_are_read() -> None:
    assert RunOptions.parsed("{}".ljust(100_000), [], DqxOptions()) == RunOptions()
    with pytest.raises(RequestRefused, match="they have more than 100,000 characters"):
        RunOptions.parsed("{}".ljust(100_001), [], DqxOptions())
