"""Simple Spectral Access 1.1: spectra by position, band, time and more."""

import math
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from typing import Literal
from typing import Self

from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Example
from portal.plugins import MJD_OF_EPOCH
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import read_band
from portal.plugins import read_time
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
from portal_vo.positional.values import write_number

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALIBRATIONS = (
    Choice(value="any", title="Any"),
    Choice(value="absolute", title="Absolute"),
    Choice(value="relative", title="Relative"),
    Choice(value="normalized", title="Normalised"),
)
# The recommended and optional parameters of SSA 1.1, sections 4.1.1 and 4.1.2.
INTERVALS = {
    "spectral_power": "SPECRP",
    "spatial_resolution": "SPATRES",
    "time_resolution": "TIMERES",
    "signal_to_noise": "SNR",
    "redshift": "REDSHIFT",
}
WORDS = {
    "target": "TARGETNAME",
    "target_class": "TARGETCLASS",
    "collection": "COLLECTION",
    "identifier": "PUBDID",
    "format": "FORMAT",
    "flux_calibration": "FLUXCALIB",
    "wavelength_calibration": "WAVECALIB",
}


class SsaParameters(PositionalParameters):
    """A service and what the spectra should be like (SSA 1.1, section 4.1)."""

    access_url: ServiceUrl = access_url_field("SSA", "https://archive.example.org/ssa?")
    position: Position | None = position_field()
    radius: float = radius_field()
    radius_unit: AngleUnit = unit_field("Unit of the radius")
    positions: Upload | None = positions_field()
    band: Word | None = band_field("400 700 nm")
    band_unit: BandUnit = band_unit_field()
    time: Time | None = time_field()
    format: Word | None = word_field(
        "Format", "all, compliant, native, graphic, votable, fits, xml, metadata or media types"
    )
    aperture: float | None = parameter(
        None, title="Aperture", description="Diameter", unit="deg", ucd="phys.angSize", gt=0
    )
    collection: Word | None = word_field("Collection")
    target: Word | None = word_field("Target", "As the archive calls it; no name is looked up")
    target_class: Word | None = word_field("Class of target", placeholder="star")
    identifier: Word | None = word_field("Identifier", "Publisher's identifier of one spectrum")
    flux_calibration: Literal["any", "absolute", "relative", "normalized"] | None = parameter(
        None, title="Calibration of the flux"
    )
    wavelength_calibration: Literal["any", "absolute", "relative"] | None = parameter(
        None, title="Calibration of the wavelength"
    )
    spectral_power: Interval | None = interval_field(
        "Resolving power", "Wavelength over its resolution", ucd="spect.resolution"
    )
    spatial_resolution: Interval | None = interval_field(
        "Spatial resolution", "Sharpness", unit="deg", ucd="pos.angResolution"
    )
    time_resolution: Interval | None = interval_field(
        "Time resolution", "Of a series", unit="s", ucd="time.resolution"
    )
    signal_to_noise: Interval | None = interval_field(
        "Signal to noise", "Of the spectrum", ucd="stat.snr"
    )
    redshift: Interval | None = interval_field("Redshift", "Of the target", ucd="src.redshift")
    extra: Extra = extra_field()

    @model_validator(mode="after")
    def _is_a_question(self) -> Self:
        check_radius(self.radius, self.radius_unit)
        if self.band:
            check_band(self.band, self.band_unit)
        asked = (
            "position", "positions", "band", "time", "aperture", "extra", "maxrec",
            *INTERVALS, *WORDS,
        )  # fmt: skip
        if all(getattr(self, name) in (None, "") for name in asked):
            raise ValueError("give a position, or something else to choose by")
        return self


class SsaQuery(ImageItems):
    """Ask a spectrum service."""

    id = "query.ssa"
    title = "Query spectra (SSA)"
    description = "Ask any Simple Spectral Access service of the Virtual Observatory."
    documentation_url = "https://www.ivoa.net/documents/SSA/"
    Parameters = SsaParameters
    protocol = "SSA"
    product_type = "spectrum"
    examples = (
        Example(
            title="Optical spectra of 3C 273",
            parameters={
                "position": "3C 273",
                "radius": "1",
                "radius_unit": "arcmin",
                "band": "400 700 nm",
            },
        ),
    )

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the calibrations in words."""
        if field_name == "flux_calibration":
            return CALIBRATIONS
        return CALIBRATIONS[:-1] if field_name == "wavelength_calibration" else ()

    def request(self, parameters: SsaParameters, where: Where | None) -> Pairs:
        """Return REQUEST and the parameters that were given; SIZE is a diameter."""
        pairs = [("REQUEST", "queryData")]
        if where is not None:
            size = 2 * to_degrees(parameters.radius, parameters.radius_unit)
            pairs += [("POS", ",".join(where)), ("SIZE", write_number(size))]
        if parameters.band:
            pairs.append(("BAND", _range(read_band(parameters.band, parameters.band_unit))))
        if parameters.time:
            start, end = read_time(parameters.time)
            pairs.append(("TIME", "/".join([iso_time(start), iso_time(end)])))
        if parameters.aperture is not None:
            pairs.append(("APERTURE", write_number(parameters.aperture)))
        for name, theirs in INTERVALS.items():
            if text := getattr(parameters, name):
                pairs.append((theirs, _range(read_interval(text))))
        pairs += [(theirs, getattr(parameters, name) or "") for name, theirs in WORDS.items()]
        return [(name, value) for name, value in pairs if value]


def _range(interval: tuple[float, float]) -> str:
    """Return a range as SSA writes it (SSA 1.1, section 8.7.2): an open end is empty."""
    low, high = interval
    if low == high:
        return write_number(low)
    return "/".join("" if math.isinf(one) else write_number(one) for one in (low, high))


def iso_time(mjd: float) -> str:
    """Return an MJD as ISO 8601 in UTC; empty for an open end."""
    if math.isinf(mjd):
        return ""
    try:
        moment = UNIX_EPOCH + timedelta(days=mjd - MJD_OF_EPOCH)
    except OverflowError:
        return ""
    return moment.replace(tzinfo=None, microsecond=0).isoformat()
