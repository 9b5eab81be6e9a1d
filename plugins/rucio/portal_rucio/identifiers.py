"""Data identifiers as people write them: scope:name."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field


def read_did(text: str) -> dict[str, str]:
    """Return scope and name, as Rucio takes them; raises ValueError for what is none."""
    scope, colon, name = text.partition(":")
    if not (scope and colon and name):
        raise ValueError(f"{text!r} is no data identifier: write its scope and name as scope:name")
    return {"scope": scope, "name": name}


def _check(text: str) -> str:
    read_did(text)
    return text


DidText = Annotated[str, Field(max_length=500), AfterValidator(_check)]
