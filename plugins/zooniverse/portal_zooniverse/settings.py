"""What an operator can set in `[plugins.zooniverse]`, and the addresses made of it."""

from collections.abc import Mapping
from urllib.parse import quote
from urllib.parse import urlencode

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

    def api_address(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address of a resource or listing; slashes, commas and braces stay legible."""
        address = f"{self.api_url.rstrip('/')}/{path}"
        return f"{address}?{urlencode(query, safe='/,{}')}" if query else address

    def project_page(self, slug: str) -> str:
        """Return the address of the page where volunteers meet a project."""
        return f"{self.site_url.rstrip('/')}/projects/{quote(slug)}"
