"""Simple Image Access 2.0: images and data cubes by position, band, time and more."""

from typing import Literal
from typing import Self

from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Example
from portal.plugins import parameter
from portal.plugins import parse_region
from portal.plugins import Position
from portal.plugins import read_band
from portal.plugins import read_time
from portal.plugins import Region
from portal.plugins import ServiceUrl
from portal.plugins import Upload
from portal_vo.positional.addresses import Pairs
from portal_vo.positional.items import ImageItems
from portal_vo.positional.parameters import access_url_field
from portal_vo.positional.parameters import band_field
from portal_vo.positional.parameters import band_unit_field
from portal_vo.positional.parameters import check_band
from portal_vo.positional.parameters import check_radius
from portal_vo.positional.parameters import Extra
from portal_vo.positional.parameters import extra_field
from portal_vo.positional.parameters import Interval
from portal_vo.positional.parameters import interval_field
from portal_vo.positional.parameters import position_field
from portal_vo.positional.parameters import PositionalParameters
from portal_vo.positional.parameters import positions_field
from portal_vo.positional.parameters import radius_field
from portal_vo.positional.parameters import Time
from portal_vo.positional.parameters import time_field
from portal_vo.positional.parameters import unit_field
from portal_vo.positional.parameters import Word
from portal_vo.positional.parameters import word_field
from portal_vo.positional.query import Where
from portal_vo.positional.values import AngleUnit
from portal_vo.positional.values import BandUnit
from portal_vo.positional.values import read_interval
from portal_vo.positional.values import to_degrees
from portal_vo.positional.values import write_interval
from portal_vo.positional.values import write_number

# ObsCore 1.1, section 3.3.1.
CALIBRATION = (
    Choice(value="0", title="0: raw, as the instrument writes it"),
    Choice(value="1", title="1: raw, in a standard format"),
    Choice(value="2", title="2: calibrated"),
    Choice(value="3", title="3: made of calibrated data"),
    Choice(value="4", title="4: analysed"),
)
# The parameters of SIA 2.0, section 2.1, that are intervals of numbers or words.
INTERVALS = {
    "field_of_view": "FOV",
    "spatial_resolution": "SPATRES",
    "spectral_power": "SPECRP",
    "exposure_time": "EXPTIME",
    "time_resolution": "TIMERES",
}
WORDS = {
    "identifier": "ID",
    "collection": "COLLECTION",
    "facility": "FACILITY",
    "instrument": "INSTRUMENT",
    "target": "TARGET",
    "format": "FORMAT",
}


class Sia2Parameters(PositionalParameters):
    """A service and what the data should be like (SIA 2.0, section 2.1)."""

    access_url: ServiceUrl = access_url_field("SIA 2", "https://archive.example.org/sia2/query")
    position: Position | None = position_field()
    radius: float = radius_field()
    radius_unit: AngleUnit = unit_field("Unit of the radius")
    region: Region | None = parameter(
        None,
        title="Or a region",
        description="CIRCLE, RANGE, POLYGON or BOX in degrees (ICRS)",
        placeholder="POLYGON 179 39 181 39 180 41",
    )
    positions: Upload | None = positions_field()
    band: Word | None = band_field("1.2 1.6 GHz")
    band_unit: BandUnit = band_unit_field()
    time: Time | None = time_field()
    polarisation: list[
        Literal["I", "Q", "U", "V", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX", "POLI", "POLA"]
    ] = parameter([], title="Polarisation", ucd="phys.polarization")
    product_type: Literal["image", "cube"] | None = parameter(None, title="Kind of data")
    calibration: list[Literal["0", "1", "2", "3", "4"]] = parameter([], title="Calibration")
    collection: Word | None = word_field("Collection")
    facility: Word | None = word_field("Facility", "The telescope or observatory")
    instrument: Word | None = word_field("Instrument")
    target: Word | None = word_field("Target", "As the archive calls it; no name is looked up")
    identifier: Word | None = word_field("Identifier", "obs_publisher_did of one dataset")
    format: Word | None = word_field("Format", "A media type", placeholder="application/fits")
    field_of_view: Interval | None = interval_field(
        "Field of view", "Width", unit="deg", ucd="phys.angSize;instr.fov"
    )
    spatial_resolution: Interval | None = interval_field(
        "Spatial resolution", "Sharpness", unit="arcsec", ucd="pos.angResolution"
    )
    spectral_power: Interval | None = interval_field(
        "Resolving power", "Wavelength over its resolution", ucd="spect.resolution"
    )
    exposure_time: Interval | None = interval_field(
        "Exposure time", "Of the whole", unit="s", ucd="time.duration;obs.exposure"
    )
    time_resolution: Interval | None = interval_field(
        "Time resolution", "Of a series", unit="s", ucd="time.resolution"
    )
    extra: Extra = extra_field()

    @model_validator(mode="after")
    def _is_a_question(self) -> Self:
        check_radius(self.radius, self.radius_unit)
        if self.band:
            check_band(self.band, self.band_unit)
        asked = (
            "position", "region", "positions", "band", "time", "polarisation", "product_type",
            "calibration", "extra", "maxrec", *INTERVALS, *WORDS,
        )  # fmt: skip
        if all(getattr(self, name) in (None, "", []) for name in asked):
            raise ValueError("give a position, or something else to choose by")
        return self


class Sia2Query(ImageItems):
    """Ask an image service of the second version."""

    id = "query.sia2"
    aliases = ("query.sia",)
    title = "Query images and cubes (SIA 2)"
    description = "Ask any Simple Image Access 2 service of the Virtual Observatory."
    documentation_url = "https://www.ivoa.net/documents/SIA/20151223/"
    Parameters = Sia2Parameters
    protocol = "SIA 2"
    examples = (
        Example(
            title="Images around M 101",
            parameters={"position": "M 101", "radius": "10", "radius_unit": "arcmin"},
        ),
        Example(
            title="Calibrated radio cubes of 2019",
            parameters={
                "band": "1.2 1.6 GHz",
                "time": "2019-01-01 2020-01-01",
                "product_type": "cube",
                "calibration": "2",
            },
        ),
    )

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the levels of calibration in words."""
        return CALIBRATION if field_name == "calibration" else ()

    def request(self, parameters: Sia2Parameters, where: Where | None) -> Pairs:
        """Return the parameters that were given, in the units of SIA 2.0."""
        pairs = [("POS", _region(parameters, where))]
        if parameters.band:
            band = read_band(parameters.band, parameters.band_unit)
            pairs.append(("BAND", write_interval(band)))
        if parameters.time:
            pairs.append(("TIME", write_interval(read_time(parameters.time))))
        pairs += [("POL", one) for one in parameters.polarisation]
        pairs.append(("DPTYPE", parameters.product_type or ""))
        pairs += [("CALIB", one) for one in parameters.calibration]
        for name, theirs in INTERVALS.items():
            if text := getattr(parameters, name):
                pairs.append((theirs, write_interval(read_interval(text))))
        pairs += [(theirs, getattr(parameters, name) or "") for name, theirs in WORDS.items()]
        return [(name, value) for name, value in pairs if value]


def _region(parameters: Sia2Parameters, where: Where | None) -> str:
    if parameters.region:
        return str(parse_region(parameters.region))
    if where is None:
        return ""
    radius = write_number(to_degrees(parameters.radius, parameters.radius_unit))
    return f"CIRCLE {where[0]} {where[1]} {radius}"
