"""Dates with a time that are written as text, in the forms that Spark reads."""

from collections.abc import Iterator, Mapping

from worker.patterns.days_in_text import DAYS, day_pattern

__all__ = ["MOMENTS"]

_MINUTE = "[0-5][0-9]"
_TIMES: Mapping[str, str] = {
    "HH:mm:ss": f"([01][0-9]|2[0-3]):{_MINUTE}:{_MINUTE}",
    "HH:mm": f"([01][0-9]|2[0-3]):{_MINUTE}",
    "HH:mm:ss.SSSSSS": rf"([01][0-9]|2[0-3]):{_MINUTE}:{_MINUTE}\.[0-9]{{1,6}}",
    "HH:mm:ss[.SSSSSS]": rf"([01][0-9]|2[0-3]):{_MINUTE}:{_MINUTE}(\.[0-9]{{1,6}})?",
}
_ZONES: Mapping[str, str] = {"": "", "XXX": rf"(Z|[+\-](0[0-9]|1[0-7]):{_MINUTE})"}
_HALF_DAYS: Mapping[str, str] = {
    "hh:mm a": f"(0[1-9]|1[0-2]):{_MINUTE} ([AP]M|[ap]m)",
    "hh:mm:ss a": f"(0[1-9]|1[0-2]):{_MINUTE}:{_MINUTE} ([AP]M|[ap]m)",
    "h:mm a": f"([1-9]|1[0-2]):{_MINUTE} ([AP]M|[ap]m)",
    "h:mm:ss a": f"([1-9]|1[0-2]):{_MINUTE}:{_MINUTE} ([AP]M|[ap]m)",
}
"""Times before and after noon."""


def _moments() -> Iterator[tuple[str, str, str]]:
    for day in DAYS:
        pattern = day_pattern(day)
        for time, clock in _TIMES.items():
            for zone, offset in _ZONES.items():
                yield day, f"{day} {time}{zone}", rf"\A{pattern} {clock}{offset}\z"
                if day == "yyyy-MM-dd":
                    yield day, f"{day}'T'{time}{zone}", rf"\A{pattern}T{clock}{offset}\z"
        for time, clock in _HALF_DAYS.items():
            yield day, f"{day} {time}", rf"\A{pattern} {clock}\z"


MOMENTS = tuple(_moments())
"""The form of the day, the form, and its pattern; of two that fit the first says more."""
