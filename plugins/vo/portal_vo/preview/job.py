"""Look at a FITS file: its headers, and a picture of one of its images."""

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal.plugins import UsageError
from portal_vo.files import beginning
from portal_vo.files import FITS
from portal_vo.files import get
from portal_vo.files import PAGE
from portal_vo.files import save
from portal_vo.files import sniff
from portal_vo.files import TEXT
from portal_vo.files import unpack
from portal_vo.files import VOTABLE
from portal_vo.preview.look import Interval
from portal_vo.preview.look import Look
from portal_vo.preview.look import Stretch
from portal_vo.words import plain_text

COLUMNS = (
    Column(name="hdu", datatype="int", description="Number of the HDU, 0 is the first"),
    Column(name="extension", arraysize="*", description="What the HDU is, and its name"),
    Column(name="keyword", arraysize="*", description="Keyword", ucd="meta.id"),
    Column(name="value", arraysize="*", description="Value"),
    Column(name="comment", arraysize="*", description="What it means", ucd="meta.note"),
)
STRETCHES = (
    Choice(value="asinh", title="Asinh: faint and bright parts together"),
    Choice(value="linear", title="Linear"),
    Choice(value="log", title="Logarithmic"),
    Choice(value="sqrt", title="Square root"),
)
INTERVALS = (
    Choice(value="zscale", title="Around the background (zscale)"),
    Choice(value="percentile", title="All but the highest and lowest quarter per cent"),
    Choice(value="minmax", title="From the lowest to the highest value"),
)


class PreviewParameters(QueryParameters):
    """Which file, and how to look at it."""

    access_url: ServiceUrl = parameter(
        title="File",
        description="Address of a FITS file; it may be packed with gzip.",
        placeholder="https://archive.example.org/image.fits",
    )
    hdu: str | None = parameter(
        None,
        title="HDU",
        description="Number, from 0, or name of the extension; without one, the first image.",
        max_length=80,
    )
    plane: int | None = parameter(
        None, title="Plane of a cube", description="From 1; without one, the middle.", ge=1
    )
    stretch: Stretch = parameter("asinh", title="Brightness")
    interval: Interval = parameter("zscale", title="Values")


class PreviewQuery(Query):
    """Look at a FITS file."""

    id = "query.preview"
    title = "Look at a FITS file"
    description = "Fetch a FITS file, show one of its images, and list all of its headers."
    Parameters = PreviewParameters

    def __init__(self, max_bytes: int) -> None:
        """Fetch no file that is larger than that, packed or unpacked."""
        self._max_bytes = max_bytes

    def text(self, parameters: PreviewParameters) -> str:
        """Return the address."""
        return parameters.access_url

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the ways to look in words."""
        return {"stretch": STRETCHES, "interval": INTERVALS}.get(field_name, ())

    def run(self, parameters: PreviewParameters, context: JobContext) -> ResultTable:
        """Fetch the file, draw it, and return its headers."""
        response = get(context, parameters.access_url)
        fetched = context.data_dir / "fetched"
        save(response, fetched, context, max_bytes=self._max_bytes)
        path = unpack(fetched, context, max_bytes=self._max_bytes)
        if (kind := sniff(path)) != FITS:
            raise UsageError(_no_fits(kind, plain_text(beginning(path))))
        context.report(None, "reading the file")
        look = Look(
            hdu=parameters.hdu,
            plane=parameters.plane,
            stretch=parameters.stretch,
            interval=parameters.interval,
        )
        from portal_vo.preview.picture import look_at  # astropy takes long to import

        shown, rows = look_at(path, look, context)
        context.log(shown or "There is no image in this file: only its headers can be shown")
        return ResultTable.from_rows(COLUMNS, rows)


def _no_fits(kind: str, words: str) -> str:
    if kind == VOTABLE:
        return "this is no FITS file but a VOTable: open it as a result instead"
    if kind in (PAGE, TEXT):
        what = "a web page" if kind == PAGE else "a text"
        return f"this is no FITS file but {what}; it says: {words}"
    return "this is no FITS file"
