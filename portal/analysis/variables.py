"""Variables of a notebook as people write them: one in each line, `name = value`."""

import json
import keyword
from collections.abc import Iterable

from portal.plugins.workflows import Scalar

MOST = 100


def read_variables(text: str) -> dict[str, Scalar]:
    """Return the variables by name; what is no JSON is a text.

    Raises ValueError, in words for the user, for a line that is something else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise ValueError(f"there can be {MOST} at most")
    return dict(map(_read, lines))


def write_variables(variables: Iterable[tuple[str, Scalar]]) -> str:
    """Write variables as `read_variables` reads them."""
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in variables)


def is_variable(name: str) -> bool:
    """Say whether Python takes a name for a variable."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def _read(line: str) -> tuple[str, Scalar]:
    name, sign, text = (part.strip() for part in line.partition("="))
    if not sign or not is_variable(name):
        raise ValueError(f"write it as name = value: {line[:60]}")
    try:
        value = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return name, text
    if isinstance(value, list | dict):
        raise ValueError(f"{name} has to be a number, a text, true or false")  # noqa: TRY004
    return name, value
