"""What an operator can set in `[plugins.binderhub]`."""

from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.plugins import FacilitySettings
from portal.plugins import Staging

MYBINDER = "https://mybinder.org/"


class BinderSettings(FacilitySettings):
    """One BinderHub.

    `mode` is "redirect" where browsers are sent there, and "launch" where the portal starts
    sessions itself: most BinderHubs let one address start a few in an hour only, and the
    portal is one address. With `login`, users have to store a token of the hub's.

    `stage` is when a basket's files are fetched. At the "start" of a session the repository
    stays as it is, and so does its image, which every launch after the first finds built. With
    the "build" each launch has an image of its own: for sessions that the portal cannot reach.
    """

    mode: Literal["redirect", "launch"] = "redirect"
    stage: Literal["build", "start"] = "start"
    login: bool = False

    @property
    def staging(self) -> Staging:
        """Return how files come along: nothing is put into sessions that a browser starts."""
        is_at_start = self.mode == "launch" and self.stage == "start"
        return Staging.SESSION if is_at_start else Staging.REPOSITORY


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
