"""What a TAP service tells of itself, in a thread: as well or as badly as a test wants it."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from xml.sax.saxutils import escape

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

TABLESET = '<?xml version="1.0"?>\n<v:tableset xmlns:v="http://www.ivoa.net/xml/VOSITables/v1.0">'
CAPABILITIES = """\
<c:capabilities xmlns:c="http://www.ivoa.net/xml/VOSICapabilities/v1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<capability standardID="ivo://ivoa.net/std/VOSI#tables"><interface/></capability>
<capability standardID="ivo://ivoa.net/std/TAP" xsi:type="tr:TableAccess">
<dataModel ivo-id="ivo://ivoa.net/std/ObsCore#core-1.1">ObsCore-1.1</dataModel>
<language><name>ADQL</name><version>2.0</version><version>2.1</version>
<languageFeatures type="ivo://ivoa.net/std/TAPRegExt#features-udf">
<feature><form>ivo_healpix_index(order INTEGER, ra DOUBLE) -> BIGINT</form>
<description>The pixel of a place.</description></feature></languageFeatures>
<languageFeatures type="ivo://ivoa.net/std/TAPRegExt#features-adqlgeo">
<feature><form>CIRCLE</form></feature><feature><form>POINT</form></feature></languageFeatures>
</language>
<outputFormat><mime>text/csv</mime><alias>csv</alias></outputFormat>
<uploadMethod ivo-id="ivo://ivoa.net/std/TAPRegExt#upload-inline"/>
<retentionPeriod><default>172800</default></retentionPeriod>
<executionDuration><default>3600</default><hard>7200</hard></executionDuration>
<outputLimit><default unit="row">2000</default><hard unit="row">1000000</hard></outputLimit>
<uploadLimit><hard unit="byte">{upload_limit}</hard></uploadLimit>
</capability></c:capabilities>"""
EXAMPLES = """\
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Examples</title></head>
<body vocab="http://www.ivoa.net/rdf/examples#"><p>Welcome &amp; enjoy.</p>
<div typeof="example" id="near" resource="#near"><h2 property="name">Near M87</h2>
<p>Finds what is <em>near</em>.</p><br>
<pre property="query">SELECT TOP 5 *
FROM cat.stars WHERE mag &lt; 12</pre></div>
<div typeof="example"><h2 property="name">Without a query</h2></div>
</body></html>"""
VOTABLE = """\
<VOTABLE version="1.3"><RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>
{fields}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE>{after}</RESOURCE></VOTABLE>"""
ASKED = re.compile(
    r"(?is)FROM\s+TAP_SCHEMA\.(\w+)(?:\s+WHERE\s+table_name\s*=\s*'((?:[^']|'')*)')?"
)


@dataclass(frozen=True)
class Column:
    name: str
    datatype: str = "double"
    unit: str = ""
    ucd: str = ""
    description: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    name: str
    schema: str = "cat"
    description: str = ""
    columns: tuple[Column, ...] = ()
    nrows: int | None = None
    foreign: tuple[str, str, str] | None = None  # target table, from column, target column


STARS = Table(
    "cat.stars",
    description="Stars & their brightness",
    columns=(
        Column("Id", "int", ucd="meta.id;meta.main", flags=("indexed", "primary")),
        Column("ra", unit="deg", ucd="pos.eq.ra;meta.main", flags=("principal",)),
        Column("dec", unit="deg", ucd="pos.eq.dec;meta.main", flags=("principal",)),
        Column("mag", "float", "mag", "phot.mag", "Brightness in the band V"),
    ),
    nrows=12,
)
SPECTRA = Table(
    "cat.spectra",
    description="One spectrum in a row",
    columns=(Column("star", "int"), Column("flux", "float")),
    foreign=("cat.stars", "star", "Id"),
)


@dataclass
class TapMetadata:
    """One service at `<url>`; take a document away, or put another in its place."""

    server: Loopback
    tables: list[Table] = field(default_factory=lambda: [STARS, SPECTRA])
    understands_detail: bool = True
    upload_limit: int = 1_000_000

    def __post_init__(self) -> None:
        self.server.routes |= {
            "/tap/tables": self.send_tableset,
            "/tap/capabilities": lambda exchange: exchange.answer(self.capabilities()),
            "/tap/examples": lambda exchange: exchange.answer(EXAMPLES, content_type="text/html"),
            "/tap/sync": self.answer_tap_schema,
        }

    @property
    def url(self) -> str:
        return f"{self.server.url}/tap"

    def capabilities(self) -> str:
        return CAPABILITIES.format(upload_limit=self.upload_limit)

    def send(self, path: str, body: str | bytes, **how: object) -> None:
        """Answer something else at a path below the service."""
        self.server.routes[f"/tap/{path}"] = lambda exchange: exchange.answer(body, **how)

    def send_tableset(self, exchange: Exchange) -> None:
        is_short = self.understands_detail and exchange.form.get("detail") == "min"
        exchange.head(content_type="text/xml")
        for part in tableset(self.tables, with_columns=not is_short):
            exchange.write(part.encode())

    def offer_table(self, table: Table) -> None:
        """Answer /tables/<name> for one table (VOSI 1.1, section 2.3)."""
        document = table_element(table, with_columns=True).replace("<table", "<vosi:table", 1)
        document = document.removesuffix("</table>") + "</vosi:table>"
        space = ' xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0"'
        self.send(f"tables/{table.name}", document.replace("<vosi:table", "<vosi:table" + space, 1))

    def answer_tap_schema(self, exchange: Exchange) -> None:
        asked = ASKED.search(exchange.form["QUERY"])
        assert asked is not None, exchange.form["QUERY"]
        exchange.answer(self.tap_schema(asked[1].lower(), asked[2]))

    def tap_schema(self, name: str, table: str | None = None) -> str:
        if name == "schemas":
            rows = [(one, f"About {one}") for one in dict.fromkeys(t.schema for t in self.tables)]
            return votable(("schema_name", "description"), rows)
        if name == "tables":
            rows = [(one.schema, one.name, "table", one.description) for one in self.tables]
            return votable(("schema_name", "table_name", "table_type", "description"), rows)
        if name == "columns":
            rows = [
                (one.name, column.name, column.datatype, column.unit, column.ucd,
                 column.description, str(int("indexed" in column.flags)))
                for one in self.tables if table in (None, one.name) for column in one.columns
            ]  # fmt: skip
            names = ("table_name", "column_name", "datatype", "unit", "ucd", "description")
            return votable((*names, "indexed"), rows)
        keys = [one for one in self.tables if one.foreign]
        if name == "keys":
            rows = [(str(i), one.name, one.foreign[0]) for i, one in enumerate(keys)]
            return votable(("key_id", "from_table", "target_table"), rows)
        rows = [(str(i), one.foreign[1], one.foreign[2]) for i, one in enumerate(keys)]
        return votable(("key_id", "from_column", "target_column"), rows)


def votable(
    names: Iterable[str], rows: Iterable[tuple[str, ...]], *, overflow: bool = False
) -> str:
    """Return a VOTable of texts."""
    fields = "".join(f'<FIELD name="{one}" datatype="char" arraysize="*"/>' for one in names)
    cells = "".join(
        "<TR>" + "".join(f"<TD>{escape(cell)}</TD>" for cell in row) + "</TR>" for row in rows
    )
    after = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' if overflow else ""
    return VOTABLE.format(fields=fields, rows=cells, after=after)


def tableset(tables: Iterable[Table], *, with_columns: bool) -> Iterator[str]:
    """Yield the document of VOSI /tables, in pieces."""
    yield TABLESET
    schema = None
    for table in tables:
        if table.schema != schema:
            yield ("" if schema is None else "</schema>") + (
                f"<schema><name>{escape(table.schema)}</name>"
                f"<title>All of {escape(table.schema)}</title>"
                f"<description>About {escape(table.schema)}</description>"
            )
            schema = table.schema
        yield table_element(table, with_columns=with_columns)
    yield ("" if schema is None else "</schema>") + "</v:tableset>"


def table_element(table: Table, *, with_columns: bool) -> str:
    """Return one table of it."""
    rows = "" if table.nrows is None else f"<nrows>{table.nrows}</nrows>"
    columns = "".join(map(_column, table.columns)) if with_columns else ""
    key = ""
    if table.foreign and with_columns:
        target, ours, theirs = map(escape, table.foreign)
        key = (
            f"<foreignKey><targetTable>{target}</targetTable><fkColumn><fromColumn>{ours}"
            f"</fromColumn><targetColumn>{theirs}</targetColumn></fkColumn></foreignKey>"
        )
    return (
        f"<table><name>{escape(table.name)}</name>"
        f"<description>{escape(table.description)}</description>{rows}{columns}{key}</table>"
    )


def _column(column: Column) -> str:
    flags = "".join(f"<flag>{one}</flag>" for one in column.flags)
    return (
        f"<column><name>{escape(column.name)}</name>"
        f"<description>{escape(column.description)}</description><unit>{column.unit}</unit>"
        f"<ucd>{column.ucd}</ucd><dataType>{column.datatype}</dataType>{flags}</column>"
    )
