"""A job type that declares a parameter of every kind."""

from enum import StrEnum
from typing import Literal

from portal.parameters import Adql
from portal.parameters import Example
from portal.parameters import parameter
from portal.parameters import Position
from portal.parameters import QueryParameters
from portal.parameters import ServiceUrl
from portal.uws.types import Description
from portal.uws.types import JobType


class Band(StrEnum):
    """Parts of the spectrum."""

    RADIO = "radio"
    X_RAY = "x-ray"


class EveryKind(QueryParameters):
    """What the type takes."""

    query: Adql = parameter(title="ADQL")
    ra: float = parameter(title="Right ascension", unit="deg", ucd="pos.eq.ra", ge=0, le=360)
    radius: float | None = parameter(None, title="Radius", unit="deg", description="At most 10°.")
    epoch: float = parameter(2000.0, title="Epoch", unit="yr")
    count: int | None = parameter(None, title="Count", ge=1)
    exact: bool = parameter(True, title="Exact")
    doubtful: bool | None = parameter(None, title="Doubtful")
    band: Band | None = parameter(None, title="Band")
    how: Literal["up", "down"] = parameter("up", title="How")
    corner: tuple[float, float] | None = parameter(None, title="Corner", unit="deg")
    numbers: list[int] | None = parameter(None, title="Numbers")
    words: list[str] | None = parameter(None, title="Words")
    place: Position | None = parameter(None, title="Place")
    service: ServiceUrl | None = parameter(None, title="Service")


EVERY_KIND = JobType(
    name="test.kinds",
    title="Every kind <of> parameter & more",
    description="Takes what can be taken.",
    parameters=EveryKind,
    describe=lambda parameters: Description(title="Kinds", text=repr(parameters)),
    version="2",
    aliases=("Test.Everything",),
    examples=(Example(title="One", parameters={"query": "SELECT 1", "RA": "10"}),),
    documentation="https://example.org/kinds",
)
