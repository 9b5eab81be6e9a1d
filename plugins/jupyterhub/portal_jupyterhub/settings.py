"""What an operator can set in `[plugins.jupyterhub]`."""

from typing import Any
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic import SecretStr

from portal.plugins import TokenSettings
from portal.plugins import with_tokens


class ProfileSettings(BaseModel):
    """One choice of what a session has; `user_options` are what the hub's spawner makes it of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    user_options: dict[str, Any] = {}


class HubSettings(TokenSettings):
    """One JupyterHub.

    The `token` is that of a service of the hub which may manage users and servers: with it the
    portal makes a user for each of its own. Nobody can log in as these, so that one enters by a
    token in the address, for which the hub has to be set up: `token_in_url` says that it is.
    Without, people store a token of their own, and sessions run as themselves.
    """

    token_in_url: bool = False
    profiles: tuple[ProfileSettings, ...] = ()

    @model_validator(mode="after")
    def _enterable(self) -> Self:
        if self.has_token and not self.token_in_url:
            raise ValueError(
                "a token needs token_in_url = true: nobody could enter the sessions otherwise"
            )
        return self


class JupyterHubSettings(BaseModel):
    """Settings of the plugin; `tokens` are by the id of the facility, for the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facilities: tuple[HubSettings, ...] = ()
    tokens: dict[str, SecretStr] = {}

    @property
    def all(self) -> tuple[HubSettings, ...]:
        """Return every hub with its token. Raises ValueError for a token of none."""
        return with_tokens(self.facilities, self.tokens)
