"""Services that are asked by position, in a thread; a test writes what they answer."""

from dataclasses import dataclass
from dataclasses import field

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

TABLE = """\
<?xml version="1.0"?>
<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
{before}<TABLE>{fields}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE>{after}
</RESOURCE></VOTABLE>"""
FIELDS = (
    '<FIELD name="id" datatype="char" arraysize="*" ucd="meta.id;meta.main"/>',
    '<FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main"/>',
    '<FIELD name="dec" datatype="double" unit="deg" ucd="pos.eq.dec;meta.main"/>',
)
OVERFLOW = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'
OK = '<INFO name="QUERY_STATUS" value="OK"/>'


def votable(rows, fields=FIELDS, *, before=OK, after=""):
    """Return a VOTable; a cell that is None is empty."""
    cells = "".join(
        "<TR>" + "".join(f"<TD>{'' if one is None else one}</TD>" for one in row) + "</TR>"
        for row in rows
    )
    return TABLE.format(before=before, fields="".join(fields), rows=cells, after=after)


def scs_error(message):
    """Return an error as Simple Cone Search has it (SCS 1.03, section 2.3)."""
    return f'<VOTABLE version="1.3"><INFO ID="Error" name="Error" value="{message}"/></VOTABLE>'


def dali_error(message):
    """Return an error as DALI has it (DALI 1.1, section 4.4)."""
    return (
        '<VOTABLE version="1.3"><RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="ERROR">{message}</INFO></RESOURCE></VOTABLE>'
    )


@dataclass
class PositionalService:
    """A service at `url` with parameters of its own; `answer` gets what it was asked."""

    server: Loopback
    path: str = "/q"
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self.server.routes[self.path] = self.reply

    @property
    def url(self):
        return f"{self.server.url}{self.path}?cat=a&"

    def answer(self, form):
        return votable([("x", form.get("RA", 1), form.get("DEC", 2))])

    def reply(self, exchange: Exchange):
        self.asked.append(exchange.form)
        exchange.answer(self.answer(exchange.form))
