"""Tables from any address, opened as results."""

import gzip
import io

import pytest
from astropy.io import fits
from astropy.table import Table

from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal.plugins.testing import check_query
from portal_vo.datalink.opening import OpenTableParameters
from portal_vo.datalink.opening import OpenTableQuery
from tests.support.datalink_service import error
from tests.support.datalink_service import links

PLAIN = Table({"name": ["a", "b"], "mag": [1.5, 2.5]})


@pytest.fixture
def opened(server, job, read):
    """Return a function that opens a table, and gives its columns and rows."""

    def opened(content, **parameters):
        server.routes["/t"] = lambda exchange: exchange.answer(content, content_type="image/png")
        asked = OpenTableParameters(access_url=f"{server.url}/t", **parameters)
        context = job.context()
        with context.http:
            table = OpenTableQuery(500_000).run(asked, context)
            return [column.name for column in table.columns], read(table)[0]

    return opened


def written(form):
    buffer = io.StringIO() if form.startswith("ascii") else io.BytesIO()
    PLAIN.write(buffer, format=form)
    text = buffer.getvalue()
    return text.encode() if isinstance(text, str) else text


def test_the_query_keeps_the_contract():
    check_query(OpenTableQuery(1))


@pytest.mark.parametrize("form", ["votable", "fits", "ascii.ecsv", "ascii.csv"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_table_is_known_by_what_is_in_it(opened, form, pack):
    names, rows = opened(pack(written(form)))

    assert names == ["name", "mag"]
    assert [(row["name"], row["mag"]) for row in rows] == [("a", 1.5), ("b", 2.5)]


def test_what_a_service_reports_in_a_votable_is_said(opened):
    content = error("it is broken")

    with pytest.raises(ServiceError, match="it is broken"):
        opened(content.encode())


@pytest.mark.parametrize(
    ("content", "values", "words"),
    [
        (b"<html><body>Not here any more</body></html>", {}, "Not here any more"),
        (b"\x89PNG\r\n\x1a\n\0", {}, "no table in a format"),
        (b"", {}, "no table in a format"),
        (b"a,b\n1\n", {}, "no table in CSV"),
        (b"hello", {"format": "fits"}, "a text; it says: hello"),
        (written("votable"), {"format": "csv"}, "a VOTable file: choose that"),
        (b"# %ECSV 1.0\n# ---\n# nonsense: [\na\n1\n", {}, "ECSV"),
    ],
)
def test_what_is_no_table_is_said(opened, content, values, words):
    with pytest.raises(UsageError, match=words):
        opened(content, **values)


def test_a_fits_file_without_a_table_is_said(opened):
    buffer = io.BytesIO()
    fits.PrimaryHDU().writeto(buffer)

    with pytest.raises(UsageError, match="has no table"):
        opened(buffer.getvalue())


def test_a_damaged_fits_table_is_said(opened):
    with pytest.raises(UsageError, match="damaged"):
        opened(written("fits")[:-2_880])


def test_a_table_that_is_too_large_is_not_fetched(opened):
    with pytest.raises(UsageError, match="larger than"):
        opened(b"a\n" + b"1\n" * 300_000)


def test_a_votable_that_hides_an_address_is_refused(opened):
    content = links({"ID": "a"}).replace(
        "<TABLEDATA>", '<BINARY><STREAM href="file:///etc/passwd"/></BINARY><TABLEDATA>'
    )

    with pytest.raises(ServiceError, match="refused"):
        opened(content.encode())


def test_private_addresses_are_not_asked(job):
    job.allow = frozenset()

    with pytest.raises(UsageError, match="private network"):
        OpenTableQuery(1).run(OpenTableParameters(access_url="http://127.0.0.1:9/t"), job.context())
