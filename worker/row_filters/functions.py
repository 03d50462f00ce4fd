"""The functions that a filter may call, and what arguments keep them quick.

Time and memory of each are in proportion to the length of a cell. For some that depends on their
arguments: a search for one cell's text in another one takes the product of the two lengths.
"""

import re
from collections.abc import Sequence

from worker.row_filters import errors
from worker.row_filters.tokens import Kind, Token

__all__ = ["FUNCTIONS", "Arguments", "check_call"]

Arguments = Sequence[Sequence[Token]]

_CALLED = """
    abs array_contains cast ceil ceiling char_length coalesce concat contains current_date
    current_timestamp date date_add date_format date_sub date_trunc datediff day dayofweek decimal
    endswith floor greatest hour if ifnull instr int isnan isnotnull isnull least left length lower
    ltrim make_date minute mod month nullif nvl position quarter replace right round rtrim second
    size startswith string substr substring timestamp to_date to_timestamp trim trunc try_cast upper
    varchar weekday year
"""
FUNCTIONS = frozenset(_CALLED.split())
_QUOTED = {
    "contains": (2,),
    "date_format": (2,),
    "instr": (2,),
    "position": (1,),
    "replace": (2, 3),
    "to_date": (2,),
    "to_timestamp": (2,),
}
"""The arguments, from 1, that have to be literal texts."""
_TRIM = frozenset(("trim", "ltrim", "rtrim"))
_ROUND = frozenset(("ceil", "ceiling", "floor", "round"))
_DIGITS = re.compile(r"-?\d{1,2}")


def check_call(function: str, arguments: Arguments) -> None:
    """Raise `FilterRefused` if a call with these arguments could take very long."""
    for number in _QUOTED.get(function, ()):
        argument = arguments[number - 1 : number]
        if argument and not _is_text(_before_in(function, argument[0])):
            raise errors.quoted_argument(function, number)
    if function == "replace":
        _check_replace(*arguments)
    elif function in _TRIM and len(arguments) > 1:
        raise errors.one_argument(function)
    elif function in _ROUND:
        _check_round(function, *arguments)


def _check_replace(
    _: Sequence[Token], search: Sequence[Token] = (), by: Sequence[Token] = (), *__: object
) -> None:
    if search and by and _length(by[0]) > _length(search[0]):
        raise errors.longer_replacement()


def _check_round(
    function: str, _: Sequence[Token], places: Sequence[Token] = (), *__: object
) -> None:
    # Java computes as many digits as are asked for.
    if places and not _DIGITS.fullmatch("".join(token.text for token in places)):
        raise errors.digits(function)


def _before_in(function: str, argument: Sequence[Token]) -> Sequence[Token]:
    """Return what `position('a' IN b)` looks for, which has no comma behind it."""
    if function == "position" and len(argument) > 1 and argument[1].word == "in":
        return argument[:1]
    return argument


def _is_text(argument: Sequence[Token]) -> bool:
    return len(argument) == 1 and argument[0].kind is Kind.TEXT


def _length(text: Token) -> int:
    return len(text.text[1:-1].replace("''", "'"))
