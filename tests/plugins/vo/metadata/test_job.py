import pytest

from portal.parameters import read_form
from portal.plugins import AbortedError
from portal.plugins import PortalError
from portal.plugins import ServiceError
from portal.plugins import TableFilter
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal.plugins.testing import check_query
from portal_vo.metadata import reading as metadata_reading
from portal_vo.metadata.job import MetadataParameters
from portal_vo.metadata.job import MetadataQuery
from portal_vo.tap import TapParameters
from tests.support.tap_metadata import Column
from tests.support.tap_metadata import STARS
from tests.support.tap_metadata import Table
from tests.support.tap_metadata import tableset
from tests.support.tap_metadata import votable
from tests.support.tap_service import refusal

MISSING = "What is missing"


def missing(metadata):
    return {fact.name: fact.value for fact in metadata.facts if fact.group == MISSING}


def test_the_query_keeps_the_contract(store, job, service):
    query = MetadataQuery(store)
    check_query(query)
    assert query.hidden
    assert query.local
    check_abort(query, MetadataParameters(access_url=service.url), job)


def test_a_service_that_was_never_read_has_a_reader_and_no_tables(reading, service):
    metadata = reading.known()
    assert metadata.tables is None
    assert metadata.read_time is None
    read_form(MetadataParameters, metadata.reader.parameters.items())
    assert metadata.reader.parameters == {"access_url": service.url}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"access_url": ""},
        {"access_url": "dc.g-vo.org/tap"},
        {"access_url": "ftp://x/tap"},
        {"access_url": "http://user:secret@x/tap"},
        {"access_url": "http://[x/tap"},
        {"access_url": "http://" + "x" * 5_000},
        {"query": "SELECT 1"},
    ],
)
def test_values_that_name_no_service_have_no_metadata(reading, store, values):
    from portal_vo.tap import TapQuery

    assert TapQuery(store).metadata(values) is None


def test_reading_gives_one_row_for_each_table(reading):
    rows = reading.read()
    assert [row["table_name"] for row in rows] == ["cat.stars", "cat.spectra"]
    assert rows[0]["column_count"] == 4
    assert rows[0]["nrows"] == 12
    assert rows[1]["nrows"] is None
    assert rows[0]["description"] == "Stars & their brightness"


def test_what_was_read_is_known_at_every_address_of_the_service(reading, service):
    reading.read()
    for tail in ("", "/", "?", "/sync", "/tables"):
        assert reading.known(service.url + tail).tables is not None
    assert reading.known(service.url.replace("http://", "HTTP://")).tables is not None
    assert reading.known(service.url + "/other").tables is None


def test_columns_are_known_with_what_the_service_says_of_them(reading):
    reading.read()
    tables = reading.tables()
    table = tables.find_table("cat.stars")
    first, ra, _, mag = tables.columns(table)
    assert (first.name, first.indexed, first.principal) == ("Id", True, False)
    assert (ra.unit, ra.ucd, ra.principal) == ("deg", "pos.eq.ra;meta.main", True)
    assert (mag.datatype, mag.description) == ("float", "Brightness in the band V")
    assert tables.is_complete


@pytest.mark.parametrize(
    "name", ["cat.stars", "CAT.Stars", "stars", '"cat"."stars"', "x.cat.stars"]
)
def test_a_table_is_found_however_it_is_called(reading, name):
    reading.read()
    assert reading.tables().find_table(name).name == "cat.stars"


@pytest.mark.parametrize("name", ["", ".", '"', "star", "dog.stars", "cat.stars.x", "\ud800", "\0"])
def test_what_is_no_table_is_not_found(reading, name):
    reading.read()
    assert reading.tables().find_table(name) is None


def test_a_name_that_needs_quotes_gets_them(reading, service):
    names = ["II/336/apass9", '"J/A+A/1"', "cat.2mass", "odd name"]
    service.tables = [Table(name) for name in names]
    reading.read()
    found = [
        table.name for table in reading.tables().list_tables(TableFilter(), offset=0, limit=9)[1]
    ]
    assert found == ['"II/336/apass9"', '"J/A+A/1"', 'cat."2mass"', '"odd name"']
    assert reading.tables().find_table('"II/336/APASS9"') is not None


def test_a_foreign_key_is_known_from_both_sides(reading):
    reading.read()
    tables = reading.tables()
    for name in ("cat.stars", "cat.spectra"):
        (key,) = tables.foreign_keys(tables.find_table(name))
        assert (key.from_table, key.target_table) == ("cat.spectra", "cat.stars")
        assert key.columns == (("star", "Id"),)


def test_what_the_service_can_do_is_known(reading):
    reading.read()
    metadata = reading.known()
    facts = {(fact.group, fact.name): fact.value for fact in metadata.facts}
    assert facts["Languages", "ADQL"] == "2.0, 2.1"
    assert facts["Languages", "ADQL adqlgeo"] == "CIRCLE, POINT"
    rows = facts["Limits", "Rows of a result"]
    assert rows == "2,000 rows unless asked otherwise, at most 1,000,000 rows"
    assert facts["Limits", "Jobs are kept"] == "2 days unless asked otherwise"
    assert facts["Uploads", "Tables can be sent"] == "with the query (inline)"
    assert facts["Data models", "ObsCore-1.1"] == "ivo://ivoa.net/std/ObsCore#core-1.1"
    (function,) = metadata.tables.functions()
    assert function.name == "ivo_healpix_index"
    assert function.description == "The pixel of a place."
    assert missing(metadata) == {}


def test_examples_of_the_service_fill_in_the_form(reading, service):
    reading.read()
    (example,) = [one for one in reading.known().examples if one.title == "Near M87"]
    assert example.description == "Finds what is near."
    assert "mag < 12" in example.parameters["query"]
    read_form(TapParameters, example.parameters.items())


def test_examples_on_other_pages_of_the_same_host_are_read_as_well(reading, service):
    more = '<a property="continuation" href="{}">more</a>'
    service.send("examples", more.format("more") + more.format("http://evil.test/examples"))
    service.send("more", '<p typeof="example"><b property="query">SELECT 2</b></p>')
    reading.read()
    assert "SELECT 2" in [one.parameters["query"] for one in reading.known().examples]


@pytest.mark.parametrize("document", ["capabilities", "examples"])
@pytest.mark.parametrize(
    "answer",
    [
        {"body": "boom", "status": 500},
        {"body": "nothing", "status": 404},
        {"body": "<html>no</html", "content_type": "text/html"},
        {"body": b"\xff\xfe\x00 rubbish \x00"},
        {"body": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
        {"body": ""},
    ],
)
def test_a_broken_part_does_not_spoil_the_others(reading, service, job, document, answer):
    service.send(document, **answer)
    assert len(reading.read()) == 2
    metadata = reading.known()
    assert metadata.tables.is_complete
    if document == "capabilities":
        assert "The document /capabilities" in missing(metadata)
        assert any("capabilities" in line for line in job.lines)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"body": "nothing", "status": 404}, "404"),
        ({"body": "<html>Welcome"}, "no XML"),
        ({"body": "<tableset/>"}, "lists no tables"),
        ({"body": '<!DOCTYPE a [<!ENTITY b "c">]><tableset/>'}, "DOCTYPE"),
        (
            {"body": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")},
            "lists no tables",
        ),
        ({"body": "".join(tableset([STARS], with_columns=True))[:-30]}, "no XML"),
    ],
)
def test_without_the_document_tap_schema_is_asked(reading, service, answer, why):
    service.send("tables", **answer)
    rows = reading.read()
    assert [(row["table_name"], row["column_count"]) for row in rows] == [
        ("cat.stars", 4),
        ("cat.spectra", 2),
    ]
    metadata = reading.known()
    assert why in missing(metadata)["The document /tables"]
    tables = metadata.tables
    assert tables.is_complete
    column = tables.columns(tables.find_table("stars"))[3]
    assert (column.name, column.unit, column.ucd) == ("mag", "mag", "phot.mag")
    assert len(tables.foreign_keys(tables.find_table("stars"))) == 1
    schemas = tables.count_by_schema(TableFilter())
    assert [(schema.description, count) for schema, count in schemas] == [("About cat", 2)]


def test_what_a_broken_document_has_is_kept_when_tap_schema_fails_too(reading, service):
    document = "".join(tableset(service.tables, with_columns=True))
    service.send("tables", document.partition("<table><name>cat.spectra")[0])
    service.send("sync", refusal("no such table: TAP_SCHEMA"))
    assert [row["table_name"] for row in reading.read()] == ["cat.stars"]
    metadata = reading.known()
    assert not metadata.tables.is_complete
    assert missing(metadata)["TAP_SCHEMA"] == "no such table: TAP_SCHEMA"


def test_a_service_without_any_table_fails_in_its_own_words(reading, service):
    service.send("tables", "gone fishing", status=500)
    service.send("sync", refusal("no such table: TAP_SCHEMA.schemas"))
    with pytest.raises(UsageError, match=r"no such table: TAP_SCHEMA.*gone fishing"):
        reading.read()
    assert reading.known().tables is None


def test_reading_again_replaces_what_was_known_and_failing_does_not(reading, service):
    reading.read()
    service.tables = [STARS]
    reading.read()
    assert reading.tables().find_table("spectra") is None
    service.server.routes["/tap/tables"] = service.server.routes["/tap/sync"] = lambda exchange: (
        exchange.answer("away", status=503)
    )
    with pytest.raises(PortalError, match="away"):
        reading.read()
    assert reading.tables().find_table("stars") is not None


def test_an_abort_leaves_nothing_half_done(reading, service, store, job, tmp_path):
    job.abort()
    with pytest.raises(AbortedError):
        reading.read()
    assert reading.known().tables is None
    assert not list((tmp_path / "metadata").glob("*.part"))


def test_a_tableset_cut_by_tap_schema_is_not_complete(reading, service):
    service.send("tables", "", status=404)

    def answer(exchange):
        if "tap_schema.tables" in exchange.form["QUERY"].lower():
            names = ("schema_name", "table_name")
            exchange.answer(votable(names, [("cat", "cat.stars")], overflow=True))
        else:
            service.answer_tap_schema(exchange)

    service.server.routes["/tap/sync"] = answer
    reading.read()
    assert not reading.tables().is_complete


@pytest.fixture
def large(service, monkeypatch):
    """A service that has more tables than are read with their columns."""
    monkeypatch.setattr(metadata_reading, "MOST_WITH_COLUMNS", 5)
    odd = Table('"J/A+A/1.2"', schema="viz", columns=(Column("x", description="zebra"),))
    service.tables = [*(Table(f"viz.t{i}", schema="viz") for i in range(9)), STARS, odd]
    return service


def test_of_very_many_tables_the_columns_are_read_one_by_one(large, reading, job):
    assert {row["column_count"] for row in reading.read()} == {0}
    assert large.server.asked().count("GET /tap/tables") == 1
    metadata = reading.known()
    assert metadata.table_parameter == "table"
    tables = metadata.tables
    table = tables.find_table("stars")
    assert tables.columns(table) == []

    large.offer_table(STARS)
    reading.read(table="cat.stars")
    tables = reading.tables()
    assert [one.name for one in tables.columns(table)] == ["Id", "ra", "dec", "mag"]
    brightness = TableFilter(words=("brightness",), places=("columns",))
    assert tables.list_tables(brightness, offset=0, limit=5)[0] == 1
    assert tables.find_table("viz.t3") is not None


def test_columns_of_one_table_come_from_tap_schema_as_well(large, reading):
    reading.read()
    reading.read(table='"J/A+A/1.2"')
    tables = reading.tables()
    (column,) = tables.columns(tables.find_table('"J/A+A/1.2"'))
    assert column.description == "zebra"


def test_columns_of_an_unknown_table_are_refused(large, reading):
    with pytest.raises(UsageError, match="read it first"):
        reading.read(table="cat.stars")
    reading.read()
    with pytest.raises(UsageError, match="nonsense"):
        reading.read(table="nonsense")
    with pytest.raises(ServiceError, match=r"lists no columns of viz\.t1"):
        reading.read(table="viz.t1")


def test_a_service_that_ignores_detail_is_read_once(service, reading):
    service.understands_detail = False
    reading.read()
    assert service.server.asked().count("GET /tap/tables") == 1
    assert len(reading.tables().columns(reading.tables().find_table("stars"))) == 4


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_service_that_stumbles_over_detail_is_asked_without(service, reading, status):
    def stumble(exchange):
        if "detail" in exchange.form:
            exchange.answer("unknown parameter", status=status)
        else:
            service.send_tableset(exchange)

    service.server.routes["/tap/tables"] = stumble
    reading.read()
    assert len(reading.tables().columns(reading.tables().find_table("stars"))) == 4
    assert "POST /tap/sync" not in service.server.asked()


def test_nobodys_login_is_used(reading, job, service):
    job.credentials = {"127.0.0.1": None}
    reading.read()
    assert not any("authorization" in one.headers for one in service.server.requests)


def test_a_service_that_takes_tables_has_examples_with_one(reading, service):
    service.tables = [STARS, Table("ivoa.obscore")]
    reading.read()
    sending = [one for one in reading.known().examples if "TAP_UPLOAD" in one.parameters["query"]]
    assert len(sending) == 2
    for example in sending:
        read_form(TapParameters, example.parameters.items())
    service.send("capabilities", service.capabilities().replace("upload-inline", "upload-other"))
    reading.read()
    assert not [one for one in reading.known().examples if "TAP_UPLOAD" in one.parameters["query"]]


def test_the_order_that_tap_schema_gives_is_kept(reading, service):
    service.send("tables", "", status=404)
    documents = {
        "schemas": votable(("schema_name", "schema_index"), [("b", "2"), ("a", "1")]),
        "tables": votable(
            ("schema_name", "table_name", "table_index"),
            [("b", "b.t", "1"), ("a", "a.second", "2"), ("a", "a.first", "1")],
        ),
        "columns": votable(
            ("table_name", "column_name", "column_index"),
            [("a.first", "y", "2"), ("a.first", "x", "1"), ("b.t", "q", ""), ("b.t", "p", "")],
        ),
        "keys": votable(("key_id", "from_table", "target_table"), []),
        "key_columns": votable(("key_id", "from_column", "target_column"), []),
    }

    def answer(exchange):
        name = exchange.form["QUERY"].partition("TAP_SCHEMA.")[2]
        exchange.answer(documents[name])

    service.server.routes["/tap/sync"] = answer
    rows = reading.read()
    assert [row["table_name"] for row in rows] == ["a.first", "a.second", "b.t"]
    tables = reading.tables()
    names = {
        name: [one.name for one in tables.columns(tables.find_table(name))]
        for name in ("a.first", "b.t")
    }
    assert names == {"a.first": ["x", "y"], "b.t": ["q", "p"]}
