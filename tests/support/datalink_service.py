"""A service of links and cut-outs, by hand: DataLink 1.1 and SODA 1.0 as archives write them."""

from dataclasses import dataclass

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

FIELDS = (
    ("ID", "char"), ("access_url", "char"), ("service_def", "char"), ("error_message", "char"),
    ("description", "char"), ("semantics", "char"), ("content_type", "char"),
    ("content_length", "long"),
)  # fmt: skip
DATALINK = "application/x-votable+xml;content=datalink"


def links(*rows, after=""):
    """Return a document; each row is a dict by the names of the columns."""
    fields = "".join(
        f'<FIELD name="{name}" ID="col_{name}" datatype="{kind}"'
        f"{'' if kind == 'long' else ' arraysize=' + chr(34) + '*' + chr(34)}/>"
        for name, kind in FIELDS
    )
    cells = "".join(
        "<TR>" + "".join(f"<TD>{row.get(name, '')}</TD>" for name, _ in FIELDS) + "</TR>"
        for row in rows
    )
    return (
        '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="OK"/><TABLE>{fields}'
        f"<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE></RESOURCE>{after}</VOTABLE>"
    )


def error(words):
    """Return a document that reports an error (DALI 1.1, section 4.4.1)."""
    said = f'<INFO name="QUERY_STATUS" value="ERROR">{words}</INFO>'
    return f'<VOTABLE version="1.4"><RESOURCE type="results">{said}</RESOURCE></VOTABLE>'


def soda(url, *, id_="soda", value="ivo://x/1", standard="ivo://ivoa.net/std/SODA#sync-1.0"):
    """Return the descriptor of a service that cuts out, with the ranges of one dataset."""
    return f"""
<RESOURCE type="meta" utype="adhoc:service" ID="{id_}"><DESCRIPTION>Cuts images</DESCRIPTION>
<PARAM name="accessURL" datatype="char" arraysize="*" value="{url}"/>
<PARAM name="standardID" datatype="char" arraysize="*" value="{standard}"/>
<GROUP name="inputParams">
<PARAM name="ID" datatype="char" arraysize="*" value="{value}" ucd="meta.id;meta.main"/>
<PARAM name="CIRCLE" datatype="double" arraysize="3" unit="deg" xtype="circle" value="">
<DESCRIPTION>A circle</DESCRIPTION><VALUES><MAX value="180.0 40.0 0.5"/></VALUES></PARAM>
<PARAM name="BAND" datatype="double" arraysize="2" unit="m" xtype="interval" value="">
<VALUES><MIN value="0.2"/><MAX value="0.22"/></VALUES></PARAM>
<PARAM name="KIND" datatype="char" arraysize="*" value="DATA">
<VALUES><OPTION value="HEADER"/><OPTION value="DATA"/></VALUES></PARAM>
</GROUP></RESOURCE>"""


@dataclass
class LinkService:
    """Answers below a server; `document` is what `/links` says, `asked` what was sent there."""

    server: Loopback
    document: str = ""

    def __post_init__(self):
        self.server.routes["/links"] = self._links

    @property
    def url(self):
        return f"{self.server.url}/links"

    @property
    def last(self) -> Exchange:
        return self.server.requests[-1]

    def _links(self, exchange: Exchange) -> None:
        exchange.answer(self.document, content_type=DATALINK)

    def everything(self):
        """Say all that a document can say of one dataset."""
        this = {"ID": "ivo://x/1", "content_type": "application/fits", "content_length": 2880}
        self.document = links(
            {"ID": "ivo://x/1", "error_message": "NotFoundFault: nothing of that name"},
            {**this, "access_url": f"{self.server.url}/a.fits", "semantics": "#this",
             "description": "The image"},
            {**this, "access_url": "/p.png", "semantics": "#preview", "content_type": "image/png"},
            {"ID": "ivo://x/1", "service_def": "soda", "semantics": "#cutout"},
            {"ID": "ivo://x/1", "access_url": self.url, "semantics": "#progenitor",
             "content_type": DATALINK},
            {"ID": "ivo://x/1", "access_url": "javascript:alert(1)", "semantics": "#auxiliary",
             "content_type": "application/x-votable+xml", "description": "&lt;b&gt;bold&lt;/b&gt;"},
            {"ID": "ivo://x/1", "access_url": f"{self.server.url}/t.vot",
             "semantics": "http://own.example/terms#light-curve",
             "content_type": "application/x-votable+xml"},
            after=soda(f"{self.server.url}/cut"),
        )  # fmt: skip
        return self.document
