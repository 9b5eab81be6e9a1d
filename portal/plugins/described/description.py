"""What a block `[[archives]]` may say."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field
from pydantic import model_validator

from portal.plugins.described.values import Coverage
from portal.plugins.described.values import Described
from portal.plugins.described.values import FieldName
from portal.plugins.described.values import Id
from portal.plugins.described.values import Line
from portal.plugins.described.values import Scalar
from portal.plugins.described.values import Text
from portal.plugins.described.values import WebAddress


class ChoiceDescription(Described):
    """One thing that a field offers, or its value alone; one that is `any` asks for nothing."""

    value: Scalar
    title: Line | None = None
    description: Text = ""
    any: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_value(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, str | int | float) else given

    @property
    def text(self) -> str:
        """The value as a form sends it."""
        return str(self.value)


class FieldDescription(Described):
    """One field of a form; protocols add what becomes of its value."""

    name: FieldName
    title: Line | None = None
    type: str = "text"
    description: Text = ""
    unit: Line | None = None
    ucd: Line | None = None
    placeholder: Line | None = None
    default: Any = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[ChoiceDescription] = Field([])
    visible_if: dict[str, list[Any]] = Field({})


class ExampleDescription(Described):
    """A filled-in form."""

    title: Line
    parameters: dict[str, Any]
    description: Text = ""


class ItemDescription(Described):
    """The columns of a result that say what an item of a basket is, under ObsCore's names."""

    title: Line | None = None
    publisher_did: Line | None = None
    obs_id: Line | None = None
    obs_collection: Line | None = None
    dataproduct_type: Line | None = None
    target_name: Line | None = None
    s_ra: Line | None = None
    s_dec: Line | None = None
    access_url: Line | None = None
    access_format: Line | None = None
    access_estsize: Line | None = None
    thumbnail: Line | None = None


class QueryDescription(Described):
    """What every query says; protocols add what theirs need."""

    id: Id
    title: Line
    service: str
    access_url: WebAddress
    description: Text = ""
    documentation_url: WebAddress | None = None
    fields: Sequence[FieldDescription] = Field([], max_length=100)
    examples: list[ExampleDescription] = Field([], max_length=50)
    items: ItemDescription = ItemDescription()


class DatasetDescription(Described):
    """A data set: the form of a query, filled in so that it asks for nothing else."""

    id: Id
    title: Line
    query: Id
    parameters: dict[str, Any] = Field({})
    description: Text = ""
    category: Line | None = None
    level: Line | None = None
    collection: Line | None = None
    coverage: Coverage | None = None


class LinkDescription(Described):
    """A page elsewhere."""

    title: Line
    url: WebAddress


class ArchiveDescription(Described):
    """An archive; its queries are read by the protocols that they name."""

    id: Id
    title: Line
    description: Text
    institute: Line | None = None
    instrument: Line | None = None
    documentation_url: WebAddress | None = None
    license: Line | None = None
    license_url: WebAddress | None = None
    citation: Text = ""
    wavebands: list[Line] = Field([])
    retrieval: Text = ""
    order: int = Field(100, ge=-1_000_000, le=1_000_000)
    visible: bool = True
    at_once: int | None = Field(None, ge=1, le=1_000)
    coverage: Coverage | None = None
    links: list[LinkDescription] = Field([])
    queries: list[Any] = Field(max_length=100)
    datasets: list[DatasetDescription] = Field([], max_length=1_000)
