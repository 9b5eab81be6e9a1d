"""What an operator can set in `[plugins.rosetta]`."""

from pydantic import BaseModel
from pydantic import ConfigDict

from portal.plugins import FacilitySettings


class RosettaSettings(BaseModel):
    """Settings of the plugin: it knows no Rosetta by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facilities: tuple[FacilitySettings, ...] = ()
