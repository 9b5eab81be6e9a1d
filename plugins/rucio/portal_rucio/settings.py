"""What an operator says about a data lake, and the addresses made of it."""

from collections.abc import Mapping
from typing import Self
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from portal.plugins import SecretSettings
from portal.plugins import ServiceUrl


class LakeSettings(SecretSettings):
    """One block `[[plugins.rucio.lakes]]`: a Rucio server.

    Whoever has stored no login of their own reads with the `token`, if there is one. Passwords
    go to `auth_url`; the account is the one that belongs to the login, unless `account` names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field("rucio", pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    title: str = Field(min_length=1, max_length=100)
    url: ServiceUrl
    auth_url: ServiceUrl | None = None
    account: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,50}$")
    description: str = ""
    documentation_url: ServiceUrl | None = None
    order: int = 70

    @model_validator(mode="after")
    def _secret_goes_by_https(self) -> Self:
        if (self.token or self.token_file) and not self.is_safe:
            raise ValueError("a token is sent by HTTPS only: url has to begin with https://")
        return self

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return all(urlsplit(one).scheme == "https" for one in (self.url, self.auth_address))

    @property
    def host(self) -> str:
        """Return the host for which people store their login."""
        return urlsplit(self.url).hostname or ""

    @property
    def auth_address(self) -> str:
        """Return where a password gets a token."""
        return f"{(self.auth_url or self.url).rstrip('/')}/auth/userpass"

    def address(self, *parts: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address of a resource; every part is one segment, whatever is in it."""
        path = "/".join(map(_segment, parts))
        address = f"{self.url.rstrip('/')}/{path}"
        return f"{address}?{urlencode(query)}" if query else address

    def query_id(self, kind: str) -> str:
        """Return the id of one of the lake's queries."""
        return f"query.{self.id}-{kind}"


class RucioSettings(BaseModel):
    """Settings of the plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lakes: tuple[LakeSettings, ...] = ()


def _segment(text: str) -> str:
    """Quote all that has a meaning in an address; a dot alone would be taken for a folder."""
    quoted = quote(text, safe="")
    return quoted.replace(".", "%2E") if set(quoted) <= {"."} else quoted
