"""What resources of the registry can be searched by: the same for the mirror and the registry."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal

from pydantic import field_validator
from pydantic import ValidationInfo

from portal.plugins import Choice
from portal.plugins import parameter
from portal.plugins import Parameters
from portal.plugins import Position
from portal.plugins import read_spectrum
from portal.plugins import read_times
from portal_vo.sky.regions import read_region
from portal_vo.standards import SERVICE_TYPES
from portal_vo.terms import split_terms
from portal_vo.terms import WAVEBANDS

WIDEST = 90
DATA_MODELS = {
    "obscore": "Observations (ObsCore)",
    "epntap": "Solar system data (EPN-TAP)",
    "regtap": "The registry itself (RegTAP)",
}
ServiceKey = Literal["tap", "scs", "sia", "sia1", "sia2", "ssa", "slap", "datalink", "soda", "hips"]
Waveband = Literal[
    "radio", "millimeter", "infrared", "optical", "uv", "euv", "x-ray", "gamma-ray", "neutrino"
]


READERS: Mapping[str, Callable[[str], object]] = {
    "region": read_region,
    "time": read_times,
    "spectrum": read_spectrum,
}


class RegistryConstraints(Parameters):
    """All of what is given must fit; of several types, or wavebands, one of them."""

    keywords: str = parameter(
        "",
        title="Keywords",
        description='All of them must occur; put a phrase in "quotation marks".',
        widget="search",
        placeholder='pulsar "data release"',
        max_length=500,
    )
    service_type: list[ServiceKey] = parameter([], title="Type of service", max_length=10)
    waveband: list[Waveband] = parameter([], title="Waveband", max_length=9)
    author: str = parameter(
        "",
        title="Author",
        description="Part of the name of a creator; % stands for anything.",
        max_length=200,
    )
    subject: str = parameter(
        "",
        title="Subject",
        description="A term of the Unified Astronomy Thesaurus, such as x-ray-transient-sources.",
        max_length=200,
    )
    ucd: str = parameter(
        "",
        title="Has a column like",
        description="A UCD; % stands for anything: phot.mag;em.ir.%",
        placeholder="src.redshift",
        max_length=200,
    )
    datamodel: Literal["obscore", "epntap", "regtap"] | None = parameter(None, title="Data model")
    ivoid: str = parameter(
        "", title="Identifier", placeholder="ivo://org.gavo.dc/tap", max_length=1_000
    )
    position: Position | None = parameter(
        None,
        title="Covers the position",
        description="Right ascension and declination; services that do not tell are left out.",
        placeholder="187.70 12.39",
    )
    radius: float | None = parameter(
        None, title="and all around it", unit="deg", gt=0, le=WIDEST, ucd="phys.angSize"
    )
    region: str = parameter(
        "",
        title="Has data in the region",
        description=(
            "CIRCLE, POLYGON, RANGE or BOX in degrees (ICRS), or a MOC as text; "
            "services that do not tell are left out."
        ),
        placeholder="POLYGON 179 39 181 39 180 41",
        widget="coverage",
        max_length=20_000,
    )
    time: str = parameter(
        "",
        title="Has data of the time",
        description="A date or MJD, or two for a period.",
        placeholder="2019-07-01 2019-12-31",
        max_length=100,
    )
    spectrum: str = parameter(
        "",
        title="Has data of the spectral range",
        description="A wavelength, frequency or energy with its unit, or two.",
        placeholder="1.2 to 1.6 GHz",
        max_length=100,
    )

    @field_validator("service_type", "waveband", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [value]
        return [] if value is None else value

    @field_validator(*READERS)
    @classmethod
    def _can_be_read(cls, value: str, info: ValidationInfo) -> str:
        if value:
            READERS[str(info.field_name)](value)
        return value

    @field_validator("ivoid")
    @classmethod
    def _is_identifier(cls, value: str) -> str:
        if value and not value.casefold().startswith("ivo://"):
            raise ValueError("an identifier starts with ivo://")
        return value


def is_empty(constraints: RegistryConstraints) -> bool:
    """Say whether nothing at all is asked for; a radius alone is nothing."""
    words = split_terms(constraints.keywords)
    others = (getattr(constraints, name) for name in NAMES - {"keywords", "radius"})
    return not (words or any(others))


def constraint_choices(field_name: str) -> Sequence[Choice]:
    """Return types, wavebands and data models in words."""
    if field_name == "service_type":
        return [Choice(value=one.key, title=one.title) for one in SERVICE_TYPES]
    if field_name == "waveband":
        return [Choice(value=value, title=title) for value, title in WAVEBANDS.items()]
    if field_name == "datamodel":
        return [Choice(value=value, title=title) for value, title in DATA_MODELS.items()]
    return ()


def asked_values(constraints: RegistryConstraints) -> dict[str, str | list[str]]:
    """Return what is asked as the strings of a form, for links; defaults are left out."""
    values: dict[str, str | list[str]] = {}
    for name in RegistryConstraints.model_fields:
        value = getattr(constraints, name)
        if value:
            values[name] = [str(one) for one in value] if isinstance(value, list) else str(value)
    return values


def like_pattern(author: str) -> str:
    """Return the pattern of a part of a name; one with a % is a pattern already."""
    return author if "%" in author else f"%{author}%"


NAMES = frozenset(RegistryConstraints.model_fields)
