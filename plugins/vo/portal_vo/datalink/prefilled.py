"""The form of a cut-out, filled in with what the service declares for a dataset."""

from collections.abc import Iterator
from collections.abc import Sequence

from portal.plugins import QueryLink
from portal_vo.datalink import dali
from portal_vo.datalink.descriptors import Input

STANDARD = frozenset({"CIRCLE", "POLYGON", "POS", "BAND", "TIME", "POL"})
MOST_OPTIONS = 12
MOST_TEXT = 800  # servers take addresses of 4,000 characters, and some count threefold


def cutout_link(access_url: str, inputs: Sequence[Input]) -> QueryLink:
    """Return the form: identifier and ranges filled in, and in words what else can be asked."""
    parameters: dict[str, str | list[str]] = {"access_url": access_url}
    ids = [one.value for one in inputs if one.name.upper() == "ID" and one.value]
    if ids:
        parameters["id"] = ids[0]
    parameters |= _ranges(inputs)
    further = [
        f"{one.name}={one.value}"
        for one in inputs
        if one.name.upper() not in STANDARD | {"ID"} and one.value
    ]
    if further:
        parameters["further"] = _shown(further)
    offers = [describe(one) for one in inputs if one.name.upper() != "ID"]
    if offers:
        parameters["offers"] = _shown(offers)
    return QueryLink(query_id="query.soda", parameters=parameters)


def describe(one: Input) -> str:
    """Return what a service says of a parameter, in a line: its range and what it means."""
    low, high = _shortened(one.minimum), _shortened(one.maximum)
    if low and high:
        values = f"{low} to {high}"
    elif high:
        values = f"within {high}" if one.xtype else f"up to {high}"
    else:
        values = f"from {low}" if low else ""
    if one.options:
        more = ", ..." if len(one.options) > MOST_OPTIONS else ""
        values = f"one of {', '.join(one.options[:MOST_OPTIONS])}{more}"
    line = " ".join(filter(None, (one.name, values, one.unit)))
    is_known = one.name.upper() in STANDARD  # and has a field of its own, with its own words
    return line if is_known or not one.description else f"{line}: {one.description}"


def _shown(lines: Sequence[str]) -> str:
    """Return as many lines as fit into an address."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(line) > MOST_TEXT:
            break
        kept.append(line)
    return "\n".join(kept)


def _shortened(numbers: str) -> str:
    """Return numbers with no more digits than somebody reads; anything else as it is."""
    try:
        return " ".join(f"{float(one):.9g}" for one in numbers.split())
    except ValueError:
        return numbers


def _ranges(inputs: Sequence[Input]) -> dict[str, str]:
    """Return the fields to fill in: the circle around the data, and its intervals."""
    return dict(_known_ranges(inputs))


def _known_ranges(inputs: Sequence[Input]) -> Iterator[tuple[str, str]]:
    for one in inputs:
        name = one.name.casefold()
        if name == "circle" and one.maximum and _is(dali.check_circle, one.maximum):
            yield name, one.maximum
        if name in ("band", "time"):
            both = one.maximum if " " in one.maximum.strip() else f"{one.minimum} {one.maximum}"
            check = dali.check_band if name == "band" else dali.check_time
            if _is(check, both):
                yield name, both.strip()


def _is(check: object, text: str) -> bool:
    try:
        check(text)  # type: ignore[operator]
    except ValueError:
        return False
    return True
