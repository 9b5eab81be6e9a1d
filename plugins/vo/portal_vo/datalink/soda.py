"""Cut a part out of a dataset: SODA 1.0, and other services that a document describes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from pydantic import field_validator

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceUrl
from portal.plugins import UsageError
from portal_vo.datalink import dali
from portal_vo.files import beginning
from portal_vo.files import CHUNK
from portal_vo.files import FITS
from portal_vo.files import get
from portal_vo.files import GZIP
from portal_vo.files import MEDIA_TYPES
from portal_vo.files import PAGE
from portal_vo.files import PNG
from portal_vo.files import save
from portal_vo.files import sniff
from portal_vo.files import TEXT
from portal_vo.files import unpack
from portal_vo.files import VOTABLE
from portal_vo.preview.look import Look
from portal_vo.words import blame
from portal_vo.words import plain_text

NAME = "cutout"
NO_CONTENT = 204
OCTETS = "application/octet-stream"
FILTERS = {
    "circle": dali.check_circle,
    "polygon": dali.check_polygon,
    "pos": dali.check_pos,
    "band": dali.check_band,
    "time": dali.check_time,
}
# How a text that is an error begins (DALI 1.1, section 4.2.2.1; SODA 1.0, section 4.4).
ERRORS = (
    "error", "usageerror", "authenticationerror", "authorizationerror", "serviceunavailable",
    "multivaluedparamnotsupported", "defaultfault",
)  # fmt: skip
COLUMNS = (
    Column(name="ID", arraysize="*", ucd="meta.id;meta.main", description="What was cut"),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url", description="What was asked"),
    Column(name="content_type", arraysize="*", ucd="meta.code.mime", description="Media type"),
    Column(
        name="content_length", datatype="long", unit="byte", ucd="phys.size;meta.file",
        description="Size",
    ),
    Column(name="checksum", arraysize="*", description="SHA-256 of the file"),
)  # fmt: skip


class SodaParameters(QueryParameters):
    """Of what, and which part."""

    access_url: ServiceUrl = parameter(
        title="Service", description="Address of the service that cuts (SODA)."
    )
    id: str | None = parameter(
        None, title="Identifier", description="Of the dataset.", max_length=2_000
    )
    offers: str | None = parameter(
        None,
        title="What the service offers",
        description="For this dataset, in its own words. To be read: it is not sent.",
        widget="textarea",
        max_length=20_000,
    )
    circle: str | None = parameter(
        None,
        title="Circle",
        description="Right ascension, declination and radius (ICRS); the radius may end in "
        "arcmin or arcsec.",
        unit="deg",
        placeholder="180.0 40.0 0.1",
    )
    polygon: str | None = parameter(
        None, title="Polygon", description="Corners: ra dec ra dec ra dec (ICRS).", unit="deg"
    )
    pos: str | None = parameter(
        None,
        title="Region",
        description="CIRCLE, RANGE or POLYGON with numbers, where a service wants POS.",
        placeholder="RANGE 179.9 180.1 39.9 40.1",
    )
    band: str | None = parameter(
        None,
        title="Wavelengths",
        description="One or two, in m; or with a unit, such as 1.3 1.4 GHz.",
        placeholder="0.21 0.22",
    )
    time: str | None = parameter(None, title="Time", description="One or two days.", unit="MJD")
    pol: str | None = parameter(
        None, title="Polarization states", description="Such as I Q U V.", max_length=100
    )
    further: str | None = parameter(
        None,
        title="Further parameters",
        description="One NAME=value on each line, as the service declares them.",
        widget="textarea",
        max_length=20_000,
    )

    @field_validator(*FILTERS, "pol", "further")
    @classmethod
    def _is_readable(cls, value: str | None, info: Any) -> str | None:
        if value is None:
            return None
        if info.field_name == "pol":
            dali.check_pol(value)
        elif info.field_name == "further":
            list(further_pairs(value))
        else:
            FILTERS[info.field_name](value)
        return value


class SodaQuery(Query):
    """Cut a part out of a dataset."""

    id = "query.soda"
    title = "Cut-out"
    description = "Have a part of a dataset cut out by the service that holds it (SODA)."
    Parameters = SodaParameters

    def __init__(self, max_preview_bytes: int) -> None:
        """Draw no image that is larger than that."""
        self._max_preview_bytes = max_preview_bytes

    def text(self, parameters: SodaParameters) -> str:
        """Return the address, and what is asked of it."""
        return "\n".join(
            [parameters.access_url, *(f"{name}={value}" for name, value in asked_of(parameters))]
        )

    def job_title(self, parameters: SodaParameters) -> str:
        """Return the dataset and the part."""
        pairs = [f"{name} {value}" for name, value in asked_of(parameters) if name != "ID"]
        of = " ".join((parameters.id or parameters.access_url).split())
        return " ".join(f"{self.title}: {of}, {', '.join(pairs) or 'all of it'}".split())

    def run(self, parameters: SodaParameters, context: JobContext) -> ResultTable:
        """Ask the service, and keep what it sends beside a row about it."""
        context.report(None, "asking for the cut-out")
        response = get(context, parameters.access_url, asked_of(parameters))
        if response.status_code == NO_CONTENT:
            raise UsageError("there is nothing in this part: the dataset does not reach it")
        path = context.data_dir / NAME
        size = save(response, path, context)
        if not size:
            raise ServiceError("the service sent an empty file")
        kind = sniff(path)
        _refuse_error(path, kind)
        if kind in (FITS, GZIP):
            self._draw(path, context)
        media_type = MEDIA_TYPES.get(kind) or _declared(response)
        row = (parameters.id, _asked_url(response), media_type, size, _checksum(path))
        title = f"Cut-out of {parameters.id or parameters.access_url}"
        context.attach(NAME, path, media_type=media_type, title=title)
        return ResultTable.from_rows(COLUMNS, [row])

    def _draw(self, path: Path, context: JobContext) -> None:
        """Show an image; what cannot be shown is no reason to lose it."""
        if path.stat().st_size > self._max_preview_bytes:
            context.log("The cut-out is too large to be shown here")
            return
        from portal_vo.preview.picture import look_at  # astropy takes long to import

        try:
            unpacked = unpack(path, context, max_bytes=self._max_preview_bytes)
            shown, _ = look_at(unpacked, Look(), context)
            context.log(shown or "There is no image in the cut-out")
        except (UsageError, ServiceError) as error:
            context.log(f"The cut-out cannot be shown: {error.message}")


def asked_of(parameters: SodaParameters) -> list[tuple[str, str]]:
    """Return the parameters that the service gets, in the units of SODA."""
    pairs = [("ID", parameters.id)] if parameters.id else []
    for name, check in FILTERS.items():
        value = getattr(parameters, name)
        if value is not None:
            pairs.append((name.upper(), check(value)))
    pairs += [("POL", one) for one in dali.check_pol(parameters.pol)] if parameters.pol else []
    return [*pairs, *further_pairs(parameters.further or "")]


def further_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Go through lines of NAME=value; raises ValueError for one that is none."""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ValueError(f"write NAME=value, not {line[:60]}")
        if value.strip():
            yield name.strip(), value.strip()


def _refuse_error(path: Path, kind: str) -> None:
    """Raise what the service says is wrong: it may say so with the status 200."""
    if kind == VOTABLE:
        with path.open("rb") as file:
            try:
                ResultTable.from_votable(file)
            except ServiceError as error:
                raise blame(error.message) from error
    elif kind == PAGE:
        words = plain_text(beginning(path))
        raise ServiceError(f"the service sent a web page and no file; it says: {words}")
    elif kind == TEXT:
        words = plain_text(beginning(path))
        if words.casefold().startswith(ERRORS):
            raise blame(words) if "usage" not in words[:10].casefold() else UsageError(words)


def _declared(response: requests.Response) -> str:
    """Return what the service calls a file that nobody here knows; a PNG would be known."""
    declared = response.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
    return OCTETS if declared == MEDIA_TYPES[PNG] else declared or OCTETS


def _asked_url(response: requests.Response) -> str:
    first = response.history[0] if response.history else response
    return first.url


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            digest.update(data)
    return digest.hexdigest()
