"""What an operator can set in `[plugins.astron]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.plugins import ServiceUrl


class AstronSettings(BaseModel):
    """Settings of the plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alta_url: ServiceUrl = Field(
        "https://alta.astron.nl/altapi", description="Where ALTA, the archive of Apertif, answers"
    )
    webdav_url: ServiceUrl = Field(
        "https://alta.astron.nl/webdav", description="Where its data can be downloaded"
    )
