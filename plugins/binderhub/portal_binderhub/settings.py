"""What an operator can set in `[plugins.binderhub]`."""

from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.plugins import FacilitySettings

MYBINDER = "https://mybinder.org/"


class BinderSettings(FacilitySettings):
    """One BinderHub.

    `mode` is "redirect" where browsers are sent there, and "launch" where the portal starts
    sessions itself: most BinderHubs let one address start a few in an hour only, and the
    portal is one address. With `login`, users have to store a token of the hub's.
    """

    mode: Literal["redirect", "launch"] = "redirect"
    login: bool = False


class BinderHubSettings(BaseModel):
    """Settings of the plugin: MyBinder, and what the operator names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mybinder: bool = Field(default=True, description="Offer mybinder.org, to which one is sent")
    facilities: tuple[BinderSettings, ...] = ()

    @property
    def all(self) -> tuple[BinderSettings, ...]:
        """Return every BinderHub."""
        return (*((MY_BINDER,) if self.mybinder else ()), *self.facilities)


MY_BINDER = BinderSettings(
    id="mybinder",
    title="MyBinder",
    url=MYBINDER,
    description=(
        "Public and free of charge, without a login. Sessions have little memory, and end after "
        "ten minutes without work."
    ),
    documentation_url="https://mybinder.readthedocs.io/",
    memory="2 GB",
    order=200,
)
