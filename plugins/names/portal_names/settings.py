"""What an operator can set in `[plugins.names]`."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class NamesSettings(BaseModel):
    """Settings of the plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sesame: bool = Field(
        default=True, description="Ask Sesame of the CDS for names that the lists do not have"
    )
    sesame_url: str = "https://cds.unistra.fr/cgi-bin/nph-sesame"
    sesame_mirror_url: str | None = Field(
        "https://vizier.cfa.harvard.edu/viz-bin/nph-sesame",
        description="Asked when the other does not answer",
    )
    sesame_seconds: float = Field(4.0, gt=0, le=60, description="Longest silence of either")
    keep_days: float = Field(30, gt=0, description="How long an answer of Sesame is used again")
    keep_unknown_hours: float = Field(
        12, ge=0, description="The same for the answer that it does not know a name"
    )
