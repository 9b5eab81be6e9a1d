"""Values of a document that somebody sent, read one by one; what is wrong is named by its place."""

from collections.abc import Iterator
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from portal.problems import UsageError

LONGEST_TEXT = 2_000
MOST_CHARACTERS_OF_A_NUMBER = 30


class FieldError(UsageError):
    """One value of a document cannot be used; `place` says which."""

    title = "A value cannot be used"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, place: str, words: str) -> None:
        self.place = place
        self.words = words
        super().__init__(f"{place}: {words}" if place else words)

    def problem(self) -> dict[str, Any]:
        """Return the error as a problem document, with the place of the value."""
        return super().problem() | {"errors": [{"name": self.place, "detail": self.words}]}


class Fields:
    """The values of one mapping inside a document; `place` is where in it that stands.

    Whatever is absent, null or empty is None. Each method raises FieldError for a value of
    another kind.
    """

    def __init__(self, values: Mapping[str, Any], place: str = "") -> None:
        self._values = values
        self._place = place

    def place(self, name: str) -> str:
        """Return the place of a value, as errors name it."""
        return f"{self._place}.{name}" if self._place else name

    def error(self, name: str, words: str) -> FieldError:
        """Return the error of a value."""
        return FieldError(self.place(name), words)

    def text(self, name: str, *, most: int = LONGEST_TEXT) -> str | None:
        """Return a text."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.error(name, "This has to be a text; put it in quotes.")
        if len(value) > most:
            raise self.error(name, f"This is longer than {most} characters.")
        return value.strip() or None

    def amount(self, name: str) -> float | None:
        """Return a positive number, which may come as a text."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        number = _number(value)
        if number is None or not 0 < number < float("inf"):
            raise self.error(name, "This has to be a positive number.")
        return number

    def inner(self, name: str) -> "Fields":
        """Return a mapping inside this one; an absent one has no values."""
        value = self._values.get(name)
        if value is None or value == "":
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(name, "This has to be an object.")
        return Fields(value, self.place(name))

    def parts(self, name: str) -> "list[Fields]":
        """Return the mappings of a list; one that stands alone counts as a list of one."""
        value = self._values.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, Mapping):
            return [Fields(value, self.place(name))]
        if not isinstance(value, list):
            raise self.error(name, "This has to be a list of objects.")
        return list(self._each(name, value))

    def _each(self, name: str, values: list[Any]) -> "Iterator[Fields]":
        for position, value in enumerate(values):
            place = f"{self.place(name)}[{position}]"
            if not isinstance(value, Mapping):
                raise FieldError(place, "This has to be an object.")
            yield Fields(value, place)

    def __bool__(self) -> bool:
        """Say whether there is any value."""
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        """Say whether a value is there, even an empty one."""
        return name in self._values


def _number(value: object) -> float | None:
    """Return a number; True is none, and neither is a text longer than numbers are."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > MOST_CHARACTERS_OF_A_NUMBER:
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
