import csv
import io
import re
from html import unescape

import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import Table

from portal.plugins import QueryLink
from tests.support import lab
from tests.support.pages import body

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def result_of(client, work):
    """Return a function that runs the form and returns the address of the result."""

    def result_of(**values):
        response = client.post(FORM, data={"rows": "250", **values})
        work()
        return response.location + "/results/result"

    return result_of


def text_of(response):
    assert response.status_code == 200, response.status_code
    return unescape(response.get_data(as_text=True))


def numbers_of(page):
    return [int(number) for number in re.findall(r'name="row" value="(\d+)"', page)]


def test_the_first_page_shows_rows_with_their_units_ucds_and_descriptions(client, result_of):
    page = text_of(client.get(result_of()))

    assert numbers_of(page) == list(range(100))
    assert '<span class="unit">deg</span>' in page
    assert '<span class="ucd">phot.mag</span>' in page
    assert "Name of the star" in page
    assert "1–100 of 250 rows" in page


def test_a_comma_in_a_value_stays_in_its_cell_and_a_missing_value_shows(client, result_of):
    page = text_of(client.get(result_of()))

    assert "<td>Star 2, lab</td>" in page
    assert '<span class="null"' in page


def test_values_of_an_archive_are_shown_and_never_run(client, result_of):
    page = client.get(result_of()).get_data(as_text=True)

    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert 'href="http://lab.example/0.fits"' in page


def test_pages_can_be_turned_to_the_end_and_back(client, result_of):
    url = result_of()
    page = text_of(client.get(url))
    last = re.search(r'href="([^"]+)">Last</a>', page)[1]

    page = text_of(client.get(last))

    assert numbers_of(page) == list(range(200, 250))
    assert ">Next</a>" not in page
    assert re.search(r'href="([^"]+)"[^>]*>First</a>', page)[1] == url


def test_rows_are_sorted_both_ways_with_missing_values_last(client, result_of):
    url = result_of(rows="10")

    down = text_of(client.get(url + "?sort=mag&order=desc"))
    up = text_of(client.get(url + "?sort=mag"))

    assert numbers_of(down) == [0, 1, 2, 3, 5, 6, 7, 8, 4, 9]
    assert numbers_of(up) == [8, 7, 6, 5, 3, 2, 1, 0, 4, 9]
    assert 'aria-sort="descending"' in down


def test_an_unknown_column_is_the_askers_mistake(client, result_of):
    response = client.get(result_of() + "?sort=nothing")

    assert response.status_code == 400
    assert "no column" in unescape(response.get_data(as_text=True))


@pytest.mark.parametrize(
    "query", ["first=-5", "first=x", "first=99999999", "size=7", "size=-1", "view=none"]
)
def test_an_absurd_address_still_shows_a_page(client, result_of, query):
    assert client.get(f"{result_of()}?{query}").status_code == 200


def test_a_fragment_is_the_table_alone(client, result_of):
    page = text_of(client.get(result_of(), headers={"HX-Request": "true"}))

    assert "<!doctype" not in page
    assert page.lstrip().startswith('<section id="rows"')


def test_row_actions_lead_to_filled_in_forms_and_out_of_the_portal(client, result_of):
    page = text_of(client.get(result_of()))

    assert 'href="/archives/lab/query.lab-stars?rows=3.0"' in page
    assert 'href="https://lab.example/two"' in page


def test_a_row_action_may_fill_in_a_parameter_of_any_name(client, result_of, monkeypatch):
    link = QueryLink(query_id="query.lab-stars", parameters={"archive_id": "7"})
    monkeypatch.setattr(lab.LookUp, "link", lambda *_: link)

    page = text_of(client.get(result_of()))

    assert 'href="/archives/lab/query.lab-stars?archive_id=7"' in page


def test_a_plugins_view_is_a_tab_beside_the_table(client, result_of):
    url = result_of()
    page = text_of(client.get(url))
    tab = re.search(r'href="([^"]+)">Cards</a>', page)[1]

    cards = client.get(tab).get_data(as_text=True)

    assert "star card Star 0, lab" in cards
    assert "<img src=x" not in cards


def test_a_preferred_view_opens_first_and_the_table_is_a_tab_beside_it(
    client, result_of, monkeypatch
):
    url = result_of()
    monkeypatch.setattr(lab.StarCards, "preferred", True)

    cards = client.get(url).get_data(as_text=True)
    tab = unescape(re.search(r'href="([^"]+)">Table</a>', cards)[1])

    assert "star card Star 0, lab" in cards
    assert numbers_of(text_of(client.get(tab))) == list(range(100))


def test_a_plugins_view_that_fails_gives_way_to_the_table(app, client, result_of, monkeypatch):
    url = result_of()
    monkeypatch.setattr(lab.StarCards, "context", lambda *_: {})

    page = text_of(client.get(url + "?view=lab-cards"))

    assert numbers_of(page)
    assert "lab" in app.extensions["plugins"].guard.faults


def test_a_result_without_rows_says_so(client, result_of):
    page = text_of(client.get(result_of(rows="0")))

    assert "no row matches it" in page


def test_a_result_cut_at_the_row_limit_says_so(client, result_of):
    page = text_of(client.get(result_of(maxrec="20")))

    assert "Cut at the row limit" in page
    assert "1–20 of 20 rows" in page


def test_a_result_with_exactly_as_many_rows_as_the_limit_is_whole(client, result_of):
    page = text_of(client.get(result_of(rows="20", maxrec="20")))

    assert "Cut at the row limit" not in page


def test_maxrec_zero_gives_the_columns_without_rows(client, result_of):
    page = text_of(client.get(result_of(maxrec="0")))

    assert "phot.mag" in page
    assert numbers_of(page) == []


def test_a_result_is_taken_away_as_votable_with_its_metadata(client, result_of):
    response = client.get(result_of() + ".vot")

    table = parse_single_table(io.BytesIO(response.data))
    assert "attachment" in response.headers["Content-Disposition"]
    assert len(table.array) == 250
    assert table.get_field_by_id_or_name("mag").unit == "mag"
    assert table.array["mag"].mask[4]


def test_a_result_is_taken_away_as_fits(client, result_of):
    with fits.open(io.BytesIO(client.get(result_of() + ".fits").data)) as hdus:
        assert len(hdus[1].data) == 250
        assert hdus[1].columns["s_ra"].unit == "deg"


def test_a_result_is_taken_away_as_csv_with_nothing_a_spreadsheet_would_run(client, result_of):
    text = client.get(result_of() + ".csv").get_data(as_text=True)

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 250
    assert rows[2]["name"] == "Star 2, lab"


def test_a_result_is_taken_away_as_ecsv_and_parquet(client, result_of):
    url = result_of()

    ecsv = Table.read(client.get(url + ".ecsv").get_data(as_text=True), format="ascii.ecsv")
    with client.get(url + ".parquet") as response:
        parquet = pq.read_table(io.BytesIO(response.data))

    assert str(ecsv["s_ra"].unit) == "deg"
    assert len(ecsv) == parquet.num_rows == 250


def test_an_unknown_format_is_not_found(client, result_of):
    assert client.get(result_of() + ".exe").status_code == 404


@pytest.mark.parametrize("suffix", ["", ".vot", ".csv", "?sort=mag"])
def test_somebody_elses_result_looks_like_none(app, client, result_of, suffix):
    url = result_of()
    client.get("/jobs")
    stranger = app.test_client()
    stranger.post(FORM, data={"rows": "1"})

    theirs = stranger.get(url + suffix)
    nobodys = stranger.get(f"/jobs/{'0' * 32}/results/result{suffix}")

    assert theirs.status_code == nobodys.status_code == 404
    assert body(theirs) == body(nobodys)


@pytest.mark.parametrize("name", ["..", "%2e%2e", "result%00", "a/b", "RESULT"])
def test_a_name_that_is_none_leads_nowhere(client, result_of, name):
    url = result_of().removesuffix("result") + name

    assert client.get(url).status_code in (404, 400, 308)
