"""What an operator can set in `[plugins.vo]`."""

import os

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

REGISTRY_VARIABLE = "IVOA_REGISTRY"  # what other VO software calls it, too


class VoSettings(BaseModel):
    """Settings of the plugin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    registry_url: str = Field(
        "https://reg.g-vo.org/tap",
        description="TAP service that holds the registry (RegTAP); IVOA_REGISTRY wins over it",
    )

    registry_mirror: bool = Field(
        default=True,
        description="keep a copy of the registry, so that it can be searched as one types",
    )
    registry_mirror_hours: int = Field(
        12, ge=1, le=24 * 30, description="how often the copy is brought up to date"
    )
    max_positions: int = Field(
        1_000, ge=1, description="Positions in a file that one job asks a service about"
    )

    max_file_bytes: int = Field(
        512_000_000,
        ge=1_000_000,
        description="largest file that is fetched to be looked at or opened, packed or unpacked",
    )

    @property
    def registry(self) -> str:
        """Return the registry to ask: the one in the environment, or the one that is set."""
        return os.environ.get(REGISTRY_VARIABLE) or self.registry_url
