"""What an operator can set in `[plugins.broker]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import SecretStr

from portal.plugins import FacilitySettings
from portal.plugins import SecretSettings


class BrokerSettings(SecretSettings, FacilitySettings):
    """One broker; `url` is below which its `requests` and `sessions` are.

    The `token` is used for everybody. Without, people store a token of their own.
    """


class ExecutionBrokerSettings(BaseModel):
    """Settings of the plugin; `tokens` are by the id of the facility, for the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facilities: tuple[BrokerSettings, ...] = ()
    tokens: dict[str, SecretStr] = {}

    @property
    def all(self) -> tuple[BrokerSettings, ...]:
        """Return every broker with its token. Raises ValueError for a token of none."""
        tokens = {name.replace("_", "-"): token for name, token in self.tokens.items()}
        found = tuple(
            BrokerSettings.model_validate({**dict(one), "token": tokens.pop(one.id)})
            if one.id in tokens
            else one
            for one in self.facilities
        )
        if tokens:
            raise ValueError(f"there is no facility for the tokens of {', '.join(tokens)}")
        return found
