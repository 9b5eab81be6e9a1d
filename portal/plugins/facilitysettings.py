"""What operators say about facilities, and the tokens for them."""

from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ByteSize
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic import SecretStr

from portal.parameters import ServiceUrl


class FacilitySettings(BaseModel):
    """One block `[[plugins.<name>.facilities]]`.

    `memory`, `cores` and `storage` are what a session there has at most, where that is known:
    what needs more is refused with that reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    title: str = Field(min_length=1, max_length=100)
    url: ServiceUrl
    description: str = ""
    documentation_url: ServiceUrl | None = None
    order: int = 100
    memory: ByteSize | None = None
    cores: float | None = Field(None, gt=0)
    storage: ByteSize | None = None

    @property
    def root(self) -> str:
        """Return the address with a slash at its end."""
        return f"{self.url.rstrip('/')}/"


class SecretSettings(BaseModel):
    """A token in the settings, or in a file that only the portal may read."""

    token: SecretStr | None = None
    token_file: Path | None = None

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("give a token or a token_file, not both")
        self.read_token()
        return self

    @property
    def has_token(self) -> bool:
        """Say whether there is one, without reading it."""
        return self.token is not None or self.token_file is not None

    def read_token(self) -> str | None:
        """Return the token; a file is read anew each time. Raises ValueError when it cannot be."""
        if self.token_file is None:
            return self.token.get_secret_value() if self.token else None
        try:
            return self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise ValueError(f"the token_file {self.token_file} cannot be read") from error


class TokenSettings(SecretSettings, FacilitySettings):
    """A facility that may have a token."""


T = TypeVar("T", bound=TokenSettings)


def with_tokens(facilities: Iterable[T], tokens: Mapping[str, SecretStr]) -> tuple[T, ...]:
    """Return the facilities with the tokens that the environment has for them, by their ids.

    A variable cannot have a hyphen in its name: an underscore stands for it. Raises ValueError
    for a token of no facility.
    """
    left = {name.replace("_", "-"): token for name, token in tokens.items()}
    found = tuple(
        type(one).model_validate({**dict(one), "token": left.pop(one.id)})
        if one.id in left
        else one
        for one in facilities
    )
    if left:
        raise ValueError(f"there is no facility for the tokens of {', '.join(left)}")
    return found
