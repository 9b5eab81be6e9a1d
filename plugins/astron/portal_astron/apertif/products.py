"""The kinds of data that Apertif has, and one data product as the API describes it."""

import math
from typing import Any
from urllib.parse import quote
from urllib.parse import urljoin

from pydantic import BaseModel
from pydantic import Field
from pydantic import field_validator

from portal.plugins import Column

RAW_IMAGING = ("uncalibratedVisibility",)
PROCESSED_IMAGING = (
    "calibratedVisibility", "continuumMF", "continuumChunk", "imageCube", "beamCube",
    "polarisationImage", "polarisationCube", "continuumCube",
)  # fmt: skip
TIME_DOMAIN = ("pulsarTimingTimeSeries",)
# By collection and level; time-domain data have one kind, whatever the level.
SUBTYPES: dict[tuple[str, str], tuple[str, ...]] = {
    ("imaging", "raw"): RAW_IMAGING,
    ("imaging", "processed"): PROCESSED_IMAGING,
    ("imaging", "all"): (*RAW_IMAGING, *PROCESSED_IMAGING),
    ("timedomain", "raw"): TIME_DOMAIN,
    ("timedomain", "processed"): TIME_DOMAIN,
    ("timedomain", "all"): TIME_DOMAIN,
    ("all", "raw"): (*RAW_IMAGING, *TIME_DOMAIN),
    ("all", "processed"): PROCESSED_IMAGING,
}
PLACEHOLDER = "static"  # is in the address of pictures that stand for none


def _text(name: str, ucd: str, description: str) -> Column:
    return Column(
        name=name, datatype="unicodeChar", arraysize="*", ucd=ucd, description=description
    )


def _degrees(name: str, ucd: str, description: str) -> Column:
    return Column(name=name, datatype="double", unit="deg", ucd=ucd, description=description)


COLUMNS = (
    _text("obs_title", "meta.title;meta.main", "Name of the file"),
    _text("obs_id", "meta.id", "Data set that it is part of"),
    _text("obs_collection", "meta.id", "imaging or timedomain"),
    _text("release", "meta.version", "Data release"),
    _text("dataproduct_type", "meta.code.class", "visibility, image, cube or timeSeries"),
    _text("dataproduct_subtype", "meta.code.class", "Kind of data, finer"),
    Column(
        name="calib_level",
        datatype="int",
        ucd="meta.code;obs.calib",
        description="Level of calibration, as the archive counts it",
    ),
    _degrees("s_ra", "pos.eq.ra;meta.main", "Right ascension (ICRS)"),
    _degrees("s_dec", "pos.eq.dec;meta.main", "Declination (ICRS)"),
    _degrees("s_fov", "phys.angSize;instr.fov", "Field of view"),
    _text("access_url", "meta.ref.url;meta.file", "Where it can be downloaded"),
    _text("thumbnail", "meta.ref.url;meta.preview", "Small picture"),
    _text("obs_publisher_did", "meta.ref.uri;meta.curation", "Persistent identifier"),
    _text("activity", "meta.id.parent", "What it was made by"),
    _text("storage_ref", "meta.id", "Where it is in the storage"),
)


class Product(BaseModel):
    """One data product, by the names of the API."""

    name: str
    pid: str | None = Field(None, alias="PID")
    type: str | None = Field(None, alias="dataProductType")
    subtype: str = Field(alias="dataProductSubType")
    activities: list[str] = Field([], alias="generatedByActivity")
    dataset: str | None = Field(None, alias="datasetID")
    ra: float | None = Field(None, alias="RA")
    dec: float | None = None
    fov: float | None = None
    release: str | None = Field(None, alias="derived_release_id")
    level: int | None = Field(None, alias="calibrationLevel")
    thumbnail: str | None = None
    storage_ref: str | None = Field(None, alias="storageRef")

    @field_validator("ra", "dec", "fov", mode="before")
    @classmethod
    def _number_or_none(cls, value: Any) -> float | None:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None
        return number if math.isfinite(number) else None

    @field_validator("level", mode="before")
    @classmethod
    def _level_or_none(cls, value: Any) -> int | None:
        return int(value) if str(value).isdecimal() else None

    def row(self, *, api_url: str, webdav_url: str) -> dict[str, Any]:
        """Return the product as a row of a result."""
        return {
            "obs_title": self.name,
            "obs_id": self.dataset,
            "obs_collection": "timedomain" if self.subtype in TIME_DOMAIN else "imaging",
            "release": self.release,
            "dataproduct_type": self.type,
            "dataproduct_subtype": self.subtype,
            "calib_level": self.level,
            "s_ra": self.ra,
            "s_dec": self.dec,
            "s_fov": self.fov,
            "access_url": self._address(webdav_url),
            "thumbnail": self._picture(api_url),
            "obs_publisher_did": self.pid,
            "activity": self.activities[0] if self.activities else None,
            "storage_ref": self.storage_ref,
        }

    def _address(self, webdav_url: str) -> str | None:
        """Return where the file is; without a release nobody can download it."""
        if not self.release or not self.storage_ref:
            return None
        path = f"{self.release}/{self.storage_ref}"
        return f"{webdav_url.rstrip('/')}/{quote(path, safe='/:,')}"

    def _picture(self, api_url: str) -> str | None:
        if not self.thumbnail or PLACEHOLDER in self.thumbnail:
            return None
        return urljoin(api_url, self.thumbnail)
