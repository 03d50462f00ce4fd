"""Check functions of shapes and coordinates."""

from worker.checks.catalogue.check_function import CheckFunction
from worker.checks.readable_values import shown
from worker.checks.sentence import about, at_least, at_most, between

__all__ = ["FUNCTIONS"]

_SHAPE = ("column", "convert_column")
_AREA = ("column", "value", "srid", "geodesic", "convert_column")
_POINTS = ("column", "value", "convert_column")
_OTHER = ("column", "reference_geometry", "convert_column", "convert_reference_geometry")
_GRID = (
    *("column", "reference_geometry", "precise", "resolution"),
    *("convert_column", "convert_reference_geometry"),
)


def _type(function: str, noun: str) -> CheckFunction:
    words = f"is a {noun}"
    return CheckFunction(
        function,
        "conformity",
        words,
        _SHAPE,
        generated=True,
        description=f"Every geometry must be a {function.removeprefix('is_')}.",
        rule=lambda column, _: about(column, words),
    )


def _coordinate(axis: str) -> CheckFunction:
    of = f"{axis} of "
    return CheckFunction(
        f"has_{axis}_coordinate_between",
        "conformity",
        "in range",
        ("column", "min_value", "max_value", "convert_column"),
        generated=True,
        description=f"Every {axis} coordinate must lie between two bounds.",
        rule=lambda column, a: between(
            column, shown(a.get("min_value")), shown(a.get("max_value")), of=of
        ),
        of=of,
        low="min_value",
        high="max_value",
    )


def _at_least(function: str, measure: str, of: str, arguments: tuple[str, ...]) -> CheckFunction:
    return CheckFunction(
        function,
        "conformity",
        "at least a limit",
        arguments,
        generated=True,
        description=f"The {measure} of every geometry must not be less than a bound.",
        rule=lambda column, a: at_least(column, shown(a.get("value")), of=of),
        of=of,
        low="value",
    )


def _at_most(function: str, measure: str, of: str, arguments: tuple[str, ...]) -> CheckFunction:
    return CheckFunction(
        function,
        "conformity",
        "at most a limit",
        arguments,
        generated=True,
        description=f"The {measure} of every geometry must not be greater than a bound.",
        rule=lambda column, a: at_most(column, shown(a.get("value")), of=of),
        of=of,
        high="value",
    )


def _beside(function: str, words: str, arguments: tuple[str, ...] = _OTHER) -> CheckFunction:
    """Return a function that compares a shape with another one: a column is no text to it."""
    return CheckFunction(function, "accuracy", words, arguments, defaults={"convert_column": False})


FUNCTIONS = (
    _type("is_point", "point"),
    _type("is_linestring", "line string"),
    _type("is_polygon", "polygon"),
    _type("is_multipoint", "multipoint"),
    _type("is_multilinestring", "multi-line string"),
    _type("is_multipolygon", "multipolygon"),
    _type("is_geometrycollection", "geometry collection"),
    _coordinate("x"),
    _coordinate("y"),
    _at_least("is_area_not_less_than", "area", "area of ", _AREA),
    _at_most("is_area_not_greater_than", "area", "area of ", _AREA),
    _at_least("is_num_points_not_less_than", "num points", "points of ", _POINTS),
    _at_most("is_num_points_not_greater_than", "num points", "points of ", _POINTS),
    CheckFunction(
        "is_non_empty_geometry",
        "completeness",
        "has points",
        _SHAPE,
        generated=True,
        description="No geometry may be empty.",
        rule=lambda column, _: about(column, "has at least one point"),
    ),
    CheckFunction(
        "is_ogc_valid",
        "conformity",
        "valid by OGC's rules",
        _SHAPE,
        generated=True,
        description="Every geometry must be valid by OGC's rules.",
        rule=lambda column, _: about(column, "is valid by OGC's rules"),
    ),
    CheckFunction(
        "is_not_null_island",
        "accuracy",
        "away from the origin",
        _SHAPE,
        generated=True,
        description="No geometry may lie at the origin of coordinates.",
        rule=lambda column, _: about(column, "is away from the origin (0, 0)"),
    ),
    CheckFunction(
        "is_latitude",
        "accuracy",
        "is a latitude",
        estimated=True,
        description="Every value must be a latitude.",
        rule=lambda column, _: about(column, "is a latitude", " (from -90 to 90)"),
    ),
    CheckFunction(
        "is_longitude",
        "accuracy",
        "is a longitude",
        estimated=True,
        description="Every value must be a longitude.",
        rule=lambda column, _: about(column, "is a longitude", " (from -180 to 180)"),
    ),
    CheckFunction("is_geometry", "accuracy", "is a geometry"),
    CheckFunction("is_geography", "accuracy", "is a geography"),
    CheckFunction(
        "has_dimension",
        "accuracy",
        "has a set dimension",
        ("column", "dimension", "convert_column"),
    ),
    CheckFunction("is_area_equal_to", "accuracy", "area equals a value", _AREA),
    CheckFunction("is_area_not_equal_to", "accuracy", "area differs from a value", _AREA),
    CheckFunction("is_num_points_equal_to", "accuracy", "points equal a value", _POINTS),
    CheckFunction("is_num_points_not_equal_to", "accuracy", "points differ from a value", _POINTS),
    CheckFunction(
        "are_polygons_mutually_disjoint",
        "uniqueness",
        "has no overlaps",
        ("column", "row_filter"),
    ),
    _beside("is_geo_contains", "contains a shape"),
    _beside("is_geo_covers", "covers a shape", _GRID),
    _beside("is_geo_intersects", "intersects a shape", _GRID),
    _beside("is_geo_touches", "touches a shape"),
    _beside("is_geo_within", "lies within a shape"),
    _beside(
        "is_geo_within_distance",
        "lies near a shape",
        (
            *("column", "reference_geometry", "distance"),
            *("convert_column", "convert_reference_geometry"),
        ),
    ),
)
