"""What an operator can set in `[plugins.wes]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import SecretStr

from portal.plugins import TokenSettings
from portal.plugins import with_tokens


class ServiceSettings(TokenSettings):
    """One service; `url` is what stands before `/ga4gh/wes/v1`.

    The `token` is used for whoever has not stored one of his own.
    """


class WesSettings(BaseModel):
    """Settings of the plugin; `tokens` are by the id of the facility, for the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facilities: tuple[ServiceSettings, ...] = ()
    tokens: dict[str, SecretStr] = {}

    @property
    def all(self) -> tuple[ServiceSettings, ...]:
        """Return every service with its token. Raises ValueError for a token of none."""
        return with_tokens(self.facilities, self.tokens)
