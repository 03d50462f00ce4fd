"""CSV files as spreadsheets, databases, pandas and R write them, each with its columns."""

import gzip
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

__all__ = ["CASES", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what a reader has to make of it."""

    name: str
    content: bytes
    columns: dict[str, list[Any]] | None
    """The values by column; None for a file that has to be refused."""
    ending: str = ".csv"


def _case(name: str, text: str, /, **columns: Any) -> Case:
    return Case(name, text.encode(), columns)


CASES = (
    _case(
        "line breaks in quotes",
        'id,note,amount\n1,"a\nb",20\n2,"c\n\nd",21\n3,e,22\n',
        id=[1, 2, 3],
        note=["a\nb", "c\n\nd", "e"],
        amount=[20, 21, 22],
    ),
    _case(
        "doubled quotes",
        'id,what,price\n1,"12"" pipe, steel",1.5\n2,"an ""odd"" one",2.5\n',
        id=[1, 2],
        what=['12" pipe, steel', 'an "odd" one'],
        price=[1.5, 2.5],
    ),
    _case(
        "quotes amid fields",
        'id,size\n1,5" pipe\n2,6 inch\n',
        id=[1, 2],
        size=['5" pipe', "6 inch"],
    ),
    _case(
        "backslashes before quotes",
        'id,path\n1,"C:\\new\\"\n2,"\\"\n',
        id=[1, 2],
        path=["C:\\new\\", "\\"],
    ),
    _case(
        "semicolons and decimal commas",
        "id;name;price\n1;a;1,5\n2;b;2,75\n3;c;3\n",
        id=[1, 2, 3],
        name=["a", "b", "c"],
        price=[1.5, 2.75, 3.0],
    ),
    _case("tabs", "id\tname\n1\ta,b\n2\tc,d\n", id=[1, 2], name=["a,b", "c,d"]),
    _case("pipes", "id|name\n1|a,b\n2|c;d\n", id=[1, 2], name=["a,b", "c;d"]),
    _case("a line sep=", "sep=;\nid;name\n1;a,b\n2;c\n", id=[1, 2], name=["a,b", "c"]),
    _case("one column of texts", "note\nhello, you\na; b\nc\n", note=["hello, you", "a; b", "c"]),
    _case("leading zeros", "zip,n\n00501,1\n10001,2\n", zip=["00501", "10001"], n=[1, 2]),
    _case(
        "identifiers of many digits",
        "id,n\n12345678901234567890,1\n98765432109876543210,2\n",
        id=["12345678901234567890", "98765432109876543210"],
        n=[1, 2],
    ),
    _case(
        "phone numbers",
        "phone,n\n+4930123456,1\n+4930654321,2\n",
        phone=["+4930123456", "+4930654321"],
        n=[1, 2],
    ),
    _case("placeholders", "n,t\n1,NA\nNA,x\n3,null\n", n=[1, None, 3], t=[None, "x", None]),
    _case("numbers after blanks", "a, b\n1, 2\n3, 4.5\n", **{"a": [1, 3], " b": [2.0, 4.5]}),
    _case(
        "a type that shows late",
        "id,v\n" + "".join(f"{number},{number}\n" for number in range(20_000)) + "20000,x\n",
        id=list(range(20_001)),
        v=[*map(str, range(20_000)), "x"],
    ),
    _case(
        "dates and moments",
        "d,m,z\n2024-02-29,2024-02-29 12:30:00,2024-02-29T12:30:00+02:00\n"
        "1999-12-31,2024-03-01 00:00:00.123456789,2024-03-01T00:00:00Z\n",
        d=[date(2024, 2, 29), date(1999, 12, 31)],
        m=[
            datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
            datetime(2024, 3, 1, 0, 0, 0, 123456, tzinfo=UTC),
        ],
        z=[datetime(2024, 2, 29, 10, 30, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)],
    ),
    _case("no such date", "d\n2024-02-30\n2024-02-29\n", d=["2024-02-30", "2024-02-29"]),
    _case("truth", "b,n\ntrue,1\nFALSE,2\n", b=[True, False], n=[1, 2]),
    _case(
        "empty and repeated names in the header",
        "id,,id,name,\n1,2,3,a,x\n4,5,6,b,y\n",
        id=[1, 4],
        column_2=[2, 5],
        id_2=[3, 6],
        name=["a", "b"],
        column_5=["x", "y"],
    ),
    _case("names in quotes", '"id","first, last"\n1,"x, y"\n', id=[1], **{"first, last": ["x, y"]}),
    _case("numbers for names", "2019,2020\n1,2\n", **{"2019": [1], "2020": [2]}),
    _case(
        "a separator at each end",
        "id,name\n1,a,\n2,b,\n",
        id=[1, 2],
        name=["a", "b"],
        column_3=[None, None],
    ),
    _case("rows of other lengths", "id,name\n1,a\n2\n3,c,d\n4,e\n", id=[1, 4], name=["a", "e"]),
    _case("empty lines", "id,name\n\n1,a\n\n2,b\n\n", id=[1, 2], name=["a", "b"]),
    _case("CRLF", 'id,name\r\n1,a\r\n2,"b\r\nc"\r\n', id=[1, 2], name=["a", "b\r\nc"]),
    _case("no line break at the end", "id,name\n1,a\n2,b", id=[1, 2], name=["a", "b"]),
    _case("a header alone", "id,name\n", id=[], name=[]),
    _case(
        "a long field", f'id,t\n1,"{"x" * 3_000_000}"\n2,b\n', id=[1, 2], t=["x" * 3_000_000, "b"]
    ),
    Case("UTF-8 with a mark", "\ufeffid,name\n1,ä\n".encode(), {"id": [1], "name": ["ä"]}),
    Case("gzip", gzip.compress(b"id,name\n1,a\n"), {"id": [1], "name": ["a"]}, ".csv.gz"),
    Case("a gzip that is cut", gzip.compress(b"id,name\n1,a\n" * 999)[:-20], None, ".csv.gz"),
    Case("Latin-1", "id,name\n1,ä\n".encode("latin-1"), None),
    Case("UTF-16", "id,name\n1,a\n".encode("utf-16"), None),
    Case("a quote that is never closed", b'id,name\n1,"a\n2,b\n', None),
    Case("nothing", b"", None),
)
