"""What an archive holds, in the portions in which people ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set of an archive: a collection, a survey, a release.

    `query_id` and `parameters` are the form that asks for it and nothing else, as in a
    `QueryLink`. `category` is the kind of data ("images"), `level` their processing
    ("raw", "processed", or ObsCore's calib_level), `collection` ObsCore's obs_collection.
    `coverage` is where there are any: a MOC as text ("4/12-15 6/31", MOC 2.0, section 4.3.2);
    None when that is not known.
    """

    id: str
    title: str
    query_id: str
    parameters: Mapping[str, str | list[str]] = field(default_factory=dict)
    description: str = ""
    category: str = ""
    level: str = ""
    collection: str = ""
    coverage: str | None = None
