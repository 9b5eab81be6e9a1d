"""Values that settings have: lists of words, blocks of the file, names of this computer."""

from typing import Annotated
from typing import Any

from pydantic import BeforeValidator
from pydantic import ValidationInfo
from pydantic_settings import NoDecode

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def _split(value: Any) -> Any:
    """Read "a, b" of an environment variable as a list; a TOML list stays as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _blocks(value: Any, info: ValidationInfo) -> Any:
    """Take whatever the file has: what is wrong with a block is no reason not to start."""
    if isinstance(value, str):
        name = info.field_name or ""
        raise ValueError(f"is for blocks [[{name}]] in the file; {name[:-1]}_files names files")  # noqa: TRY004
    return value if isinstance(value, list | tuple) else (value,)


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Blocks = Annotated[tuple[Any, ...], NoDecode, BeforeValidator(_blocks)]
