"""What an operator can set in `[plugins.zooniverse]`, and the addresses made of it."""

from collections.abc import Mapping
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.plugins import ServiceUrl


class ZooniverseSettings(BaseModel):
    """Settings of the plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_url: ServiceUrl = Field(
        "https://www.zooniverse.org/api",
        description="Where Panoptes, the Zooniverse's API, answers",
    )
    site_url: ServiceUrl = Field(
        "https://www.zooniverse.org", description="Where the pages of projects are"
    )
    client_id: str = Field(
        "f79cf5ea821bb161d8cbb52d061ab9a2321d7cb169007003af66b43f7b79ce2a",
        description=(
            "The application that asks for tokens. It is no secret: this one is in the API's "
            "documentation, for the clients of its users"
        ),
    )

    @property
    def token_url(self) -> str:
        """Return where a token is got for a password: beside the API."""
        parts = urlsplit(self.api_url)
        return f"{parts.scheme}://{parts.netloc}/oauth/token"

    def api_address(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address of a resource or listing; slashes, commas and braces stay legible."""
        address = f"{self.api_url.rstrip('/')}/{path}"
        return f"{address}?{urlencode(query, safe='/,{}')}" if query else address

    def project_page(self, slug: str) -> str:
        """Return the address of the page where volunteers meet a project."""
        return f"{self.site_url.rstrip('/')}/projects/{quote(slug)}"
