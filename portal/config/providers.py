"""Where people sign in, as operators configure it."""

from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic import SecretStr

from portal.config.values import LOOPBACK
from portal.config.values import Words


class IdentityProvider(BaseModel):
    """Where people sign in (OpenID Connect): one block [[identity_providers]] of the file.

    `issuer` is exactly what the provider says of itself, with its slash at the end if it has
    one. Who is in one of the groups has the role; `audiences` are accepted in bearer tokens
    beside the client's own id.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_]{1,32}$")
    title: str = Field(min_length=1, max_length=100)
    issuer: str
    discovery_url: str | None = None
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    scopes: Words = ("openid", "profile", "email")
    archive_team_groups: Words = ()
    admin_groups: Words = ()
    audiences: Words = ()

    @field_validator("issuer", "discovery_url")
    @classmethod
    def _protected(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://none")
        is_own = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.netloc or not (parts.scheme == "https" or is_own):
            raise ValueError("must be an https:// address")
        return url

    @field_validator("scopes")
    @classmethod
    def _with_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return scopes if "openid" in scopes else ("openid", *scopes)

    @property
    def metadata_url(self) -> str:
        """The address of the provider's description of itself (OpenID Connect Discovery)."""
        return self.discovery_url or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
