"""What an operator can set in `[plugins.broker]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import SecretStr

from portal.plugins import TokenSettings
from portal.plugins import with_tokens


class BrokerSettings(TokenSettings):
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
        return with_tokens(self.facilities, self.tokens)
