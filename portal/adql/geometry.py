"""ADQL's geometry as arithmetic on ICRS right ascension and declination, in degrees.

Separations are haversines: accurate for small angles, at the poles and across 0 degrees.
"""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from portal.adql.errors import error_at_node
from portal.adql.functions import check_count

PREDICATES = frozenset({"CONTAINS", "INTERSECTS"})
MEASURES = frozenset({"DISTANCE", "AREA", "COORD1", "COORD2"})
SHAPES = frozenset({"POINT", "CIRCLE", "CENTROID"})
FRAMES = frozenset({"", "ICRS", "UNKNOWNFRAME"})
WHOLE_SKY = "41252.96124941928"  # square degrees
ROUNDING = "1e-9"  # degrees: a band of declination may be too wide, never too narrow

Write = Callable[[exp.Expr], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Two SQL expressions, in degrees, each in parentheses."""

    ra: str
    dec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A cone: its axis, and its half opening angle in degrees."""

    centre: Point
    radius: str


def write_predicate(call: exp.Anonymous, write: Write) -> str:
    """Return CONTAINS or INTERSECTS as a condition; `write` turns an operand into SQL."""
    check_count(call, 2, 2)
    first, second = (_read_shape(argument, write) for argument in call.expressions)
    contains = call.name.upper() == "CONTAINS"
    if isinstance(first, Circle) and isinstance(second, Point) and not contains:
        first, second = second, first
    if isinstance(second, Point):
        raise error_at_node("CONTAINS and INTERSECTS need a CIRCLE to look into", call)
    if isinstance(first, Point):
        return _inside(first, second)
    distance = _distance(first.centre, second.centre)
    if contains:
        return f"({distance} + {first.radius} <= {second.radius})"
    return f"({distance} <= {first.radius} + {second.radius})"


def write_measure(call: exp.Anonymous, write: Write) -> str:
    """Return DISTANCE, AREA, COORD1 or COORD2 as an arithmetic expression."""
    name = call.name.upper()
    if name == "DISTANCE":
        return _distance(*_read_two_points(call, write))
    check_count(call, 1, 1)
    shape = _read_shape(call.expressions[0], write)
    if name == "AREA":
        radius = shape.radius if isinstance(shape, Circle) else "0"
        return f"({WHOLE_SKY} * pow(sin(radians(least({radius}, 180)) / 2), 2))"
    if isinstance(shape, Circle):
        raise error_at_node(f"{name} takes a POINT", call)
    return shape.ra if name == "COORD1" else shape.dec


def _read_two_points(call: exp.Anonymous, write: Write) -> tuple[Point, Point]:
    arguments = call.expressions
    if len(arguments) == 4:  # noqa: PLR2004 - the two pairs of numbers of ADQL 2.1
        ra1, dec1, ra2, dec2 = (f"({write(one)})" for one in arguments)
        return Point(ra=ra1, dec=dec1), Point(ra=ra2, dec=dec2)
    check_count(call, 2, 2)
    first, second = (_read_shape(one, write) for one in arguments)
    if isinstance(first, Circle) or isinstance(second, Circle):
        raise error_at_node("DISTANCE takes two POINTs", call)
    return first, second


def _read_shape(node: exp.Expr, write: Write) -> Point | Circle:
    name = node.name.upper() if isinstance(node, exp.Anonymous) else ""
    if name == "CENTROID":
        check_count(node, 1, 1)
        shape = _read_shape(node.expressions[0], write)
        return shape.centre if isinstance(shape, Circle) else shape
    if name == "POINT":
        return _read_point(node, _without_frame(node), write)
    if name == "CIRCLE":
        return _read_circle(node, _without_frame(node), write)
    raise error_at_node("Only a POINT or a CIRCLE is supported here", node)


def _read_point(node: exp.Expr, arguments: Sequence[exp.Expr], write: Write) -> Point:
    if len(arguments) != 2:  # noqa: PLR2004 - a pair
        raise error_at_node("A POINT has a right ascension and a declination", node)
    ra, dec = (f"({write(one)})" for one in arguments)
    return Point(ra=ra, dec=dec)


def _read_circle(node: exp.Expr, arguments: Sequence[exp.Expr], write: Write) -> Circle:
    *centre, radius = arguments or [node]
    if len(centre) == 1:
        point = _read_shape(centre[0], write)
        if isinstance(point, Circle):
            raise error_at_node("The centre of a CIRCLE is a POINT", node)
    else:
        point = _read_point(node, centre, write)
    return Circle(centre=point, radius=f"({write(radius)})")


def _without_frame(call: exp.Expr) -> Sequence[exp.Expr]:
    """Leave out the coordinate system that ADQL 2.0 puts first; only ICRS is understood."""
    arguments: list[exp.Expr] = call.expressions
    frame = arguments[0] if arguments else None
    if not isinstance(frame, exp.Literal) or not frame.is_string:
        return arguments
    if frame.name.upper().split(" ")[0] not in FRAMES:
        raise error_at_node(f"Positions here are ICRS; {frame.name} is not supported", call)
    return arguments[1:]


def _inside(point: Point, circle: Circle) -> str:
    """Write the cone with a band of declination first: an engine skips blocks by it."""
    centre, radius = circle.centre, circle.radius
    band = (
        f"{point.dec} BETWEEN {centre.dec} - {radius} - {ROUNDING} "
        f"AND {centre.dec} + {radius} + {ROUNDING}"
    )
    limit = f"pow(sin(radians(least({radius}, 180)) / 2), 2)"
    return f"({band} AND {_haversine(point, centre)} <= {limit})"


def _distance(first: Point, second: Point) -> str:
    return f"degrees(2 * asin(sqrt(least({_haversine(first, second)}, 1))))"


def _haversine(first: Point, second: Point) -> str:
    return (
        f"(pow(sin(radians({second.dec} - {first.dec}) / 2), 2)"
        f" + cos(radians({first.dec})) * cos(radians({second.dec}))"
        f" * pow(sin(radians({second.ra} - {first.ra}) / 2), 2))"
    )
