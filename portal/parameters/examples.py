"""Filled-in forms that say by example what a job type takes."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.parameters.errors import InvalidParametersError
from portal.parameters.forms import read_form
from portal.parameters.models import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A filled-in form that a user can start from; `parameters` as they stand in a URL."""

    title: str
    parameters: Mapping[str, str]
    description: str = ""


def example_values(
    model: type[Parameters], examples: Iterable[Example]
) -> Iterator[tuple[Example, dict[str, Any]]]:
    """Go through the examples with their values as JSON has them.

    One that leaves something to fill in is for forms only, and is left out.
    """
    for example in examples:
        try:
            parameters = read_form(model, example.parameters.items())
        except InvalidParametersError:
            continue
        yield example, parameters.model_dump(mode="json", exclude_unset=True)
