"""The words that can follow at a place, and the functions that ADQL 2.1 has."""

from portal.adql.completion.place import Expected
from portal.adql.completion.place import Place
from portal.adql.metadata import FunctionInfo

_JOINS = (
    "JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "INNER JOIN",
    "CROSS JOIN",
    "NATURAL JOIN",
)
_LATER = ("GROUP BY", "HAVING", "ORDER BY", "OFFSET", "UNION", "EXCEPT", "INTERSECT")
_TESTS = ("AND", "OR", "BETWEEN", "LIKE", "IN (", "IS NULL", "IS NOT NULL", "NOT", "ILIKE")
_CASE = ("WHEN", "THEN", "ELSE", "END")
TYPES = (
    "INTEGER", "SMALLINT", "BIGINT", "REAL", "DOUBLE PRECISION", "CHAR", "VARCHAR", "TIMESTAMP",
)  # fmt: skip
_AFTER_VALUE = {
    "SELECT": ("FROM", "AS", *_CASE),
    "WHERE": (*_TESTS, *_LATER, *_CASE),
    "HAVING": (*_TESTS, "ORDER BY", "OFFSET", *_CASE),
    "ON": (*_TESTS, *_JOINS, "WHERE", *_LATER, *_CASE),
    "BY": ("ASC", "DESC", "HAVING", "ORDER BY", "OFFSET", *_CASE),
}
_AFTER_WORD = {
    "IS": ("NULL", "NOT NULL"),
    "GROUP": ("BY",),
    "ORDER": ("BY",),
    "NATURAL": ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"),
    "CROSS": ("JOIN",),
    "INNER": ("JOIN",),
    "OUTER": ("JOIN",),
    "LEFT": ("JOIN", "OUTER JOIN"),
    "RIGHT": ("JOIN", "OUTER JOIN"),
    "FULL": ("JOIN", "OUTER JOIN"),
}


def words_at(place: Place) -> tuple[str, ...]:
    """Return the words of ADQL that can follow, the likely ones first."""
    if place.qualifier or place.is_quoted:
        return ()
    subquery = ("SELECT",) if place.opens_query else ()
    match place.expected:
        case Expected.START:
            words: tuple[str, ...] = ("SELECT",) if place.before == "(" else ("SELECT", "WITH")
        case Expected.TABLE:
            words = subquery
        case Expected.TYPE:
            words = TYPES
        case Expected.AFTER_TABLE | Expected.AFTER_VALUE:
            words = _AFTER_WORD.get(place.before) or _after(place)
        case Expected.VALUE:
            words = (*subquery, *_before_value(place))
        case _:
            words = ()
    return words


def _after(place: Place) -> tuple[str, ...]:
    if place.expected is Expected.AFTER_VALUE:
        return _AFTER_VALUE.get(place.clause, (*_TESTS, "AS", *_CASE))
    on = ("ON", "USING (") if place.clause == "JOIN" else ()
    return (*on, "WHERE", *_JOINS, "AS", *_LATER)


def _before_value(place: Place) -> tuple[str, ...]:
    head = ("DISTINCT", "TOP", "*", "ALL") if place.before == "SELECT" else ()
    return (*head, "NOT", "EXISTS (", "CASE", "NULL")


def _function(signature: str, description: str) -> FunctionInfo:
    return FunctionInfo(
        name=signature.partition("(")[0], signature=signature, description=description
    )


# ADQL 2.1, sections 2.3 (mathematics), 4.2 (geometry) and 4.3 to 4.6 (optional ones); the
# aggregates and CAST are SQL-92's.
FUNCTIONS = tuple(
    _function(signature, description)
    for signature, description in (
        ("COUNT(x)", "How many rows; how many values that are not NULL"),
        ("MIN(x)", "The smallest value"),
        ("MAX(x)", "The largest value"),
        ("AVG(x)", "The mean of the values"),
        ("SUM(x)", "The sum of the values"),
        ("POINT(ra, dec)", "A position in degrees"),
        ("CIRCLE(point, radius)", "A cone on the sky; the radius is in degrees"),
        ("BOX(point, width, height)", "A box on the sky, in degrees (deprecated in ADQL 2.1)"),
        ("POLYGON(point, point, point, ...)", "A polygon on the sky with these corners"),
        ("CONTAINS(region, region)", "1 when the first region is inside the second, else 0"),
        ("INTERSECTS(region, region)", "1 when the two regions overlap, else 0"),
        ("DISTANCE(point, point)", "The distance of two positions in degrees"),
        ("AREA(region)", "The area of a region in square degrees"),
        ("CENTROID(region)", "The position of a region's centre"),
        ("COORD1(point)", "The first coordinate of a position in degrees"),
        ("COORD2(point)", "The second coordinate of a position in degrees"),
        ("COORDSYS(region)", "The coordinate system of a region (deprecated in ADQL 2.1)"),
        ("REGION('text')", "A region written as a text, in a form that the service knows"),
        ("ABS(x)", "The value without its sign"),
        ("CEILING(x)", "The next whole number above"),
        ("FLOOR(x)", "The next whole number below"),
        ("ROUND(x, places)", "Rounded to so many decimal places"),
        ("TRUNCATE(x, places)", "Cut to so many decimal places"),
        ("MOD(x, y)", "What remains when x is divided by y"),
        ("POWER(x, y)", "x to the power of y"),
        ("SQRT(x)", "The square root"),
        ("EXP(x)", "e to the power of x"),
        ("LOG(x)", "The natural logarithm"),
        ("LOG10(x)", "The logarithm to the base 10"),
        ("PI()", "The number pi"),
        ("RAND(seed)", "A random number from 0 to 1"),
        ("DEGREES(x)", "Radians to degrees"),
        ("RADIANS(x)", "Degrees to radians"),
        ("SIN(x)", "The sine of an angle in radians"),
        ("COS(x)", "The cosine of an angle in radians"),
        ("TAN(x)", "The tangent of an angle in radians"),
        ("COT(x)", "The cotangent of an angle in radians"),
        ("ASIN(x)", "The arc sine in radians"),
        ("ACOS(x)", "The arc cosine in radians"),
        ("ATAN(x)", "The arc tangent in radians"),
        ("ATAN2(y, x)", "The angle of a point from the x axis in radians"),
        ("LOWER(text)", "The text in lower case"),
        ("UPPER(text)", "The text in upper case"),
        ("COALESCE(x, y, ...)", "The first of the values that is not NULL"),
        ("CAST(x AS type)", "The value as another data type"),
        ("IN_UNIT(x, 'unit')", "The value in another unit"),
    )
)
