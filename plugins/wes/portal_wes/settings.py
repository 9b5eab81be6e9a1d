"""What an operator can set in `[plugins.wes]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import SecretStr

from portal.plugins import FacilitySettings
from portal.plugins import SecretSettings


class ServiceSettings(SecretSettings, FacilitySettings):
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
        tokens = {name.replace("_", "-"): token for name, token in self.tokens.items()}
        found = tuple(
            ServiceSettings.model_validate({**dict(one), "token": tokens.pop(one.id)})
            if one.id in tokens
            else one
            for one in self.facilities
        )
        if tokens:
            raise ValueError(f"there is no facility for the tokens of {', '.join(tokens)}")
        return found
