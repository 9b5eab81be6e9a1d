"""What operators can set: `[plugins.ossr]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class OssrSettings(BaseModel):
    """Which community of which Zenodo is copied, how often (hours), and how gently.

    `pause` are the seconds between two requests: Zenodo takes 30 searches a minute.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("https://zenodo.org", pattern=r"^https?://[^\s?#]+$")
    community: str = Field("escape2020", pattern=r"^[A-Za-z0-9_-]{1,100}$")
    every: float = Field(24, gt=0)
    pause: float = Field(2.0, ge=0)

    @property
    def site(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def page(self) -> str:
        """The page of the community, for people."""
        return f"{self.site}/communities/{self.community}"
