"""Conditions on metadata, as people write them and as Rucio reads them."""

import re

CONDITION = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,99})\s*(>=|<=|!=|=|>|<)(.+)", re.DOTALL)
OPERATORS = {"=": "", "!=": ".ne", ">": ".gt", ">=": ".gte", "<": ".lt", "<=": ".lte"}


def read_filters(name: str, conditions: list[str]) -> str:
    """Return Rucio's `filters`: a list of alternatives as a Python literal, here only one.

    `repr` of texts quotes all that could end them. Raises ValueError.
    """
    filters = {"name": name}
    for condition in conditions:
        found = CONDITION.fullmatch(condition.strip())
        if found is None:
            raise ValueError(
                f"{condition!r} is no condition: write a key, one of = != > >= < <=, and a value"
            )
        key, operator, value = found.groups()
        if key == "name" or key + OPERATORS[operator] in filters:
            raise ValueError(f"{key} is asked for twice")
        filters[key + OPERATORS[operator]] = value.strip()
    return repr([filters])


def check_conditions(conditions: list[str]) -> list[str]:
    """Refuse, at the form, what is no condition."""
    read_filters("", conditions)
    return conditions
