"""What somebody prefers comes first, is ticked, and is how positions are written."""

import io
import json
import re
import zipfile

import pytest

from portal.accounts.belongings import take_over_all
from portal.accounts.preferences import DEGREES
from portal.accounts.preferences import NONE
from portal.accounts.preferences import prefer
from portal.accounts.preferences import Preferences
from portal.accounts.preferences import preferences_of
from portal.accounts.preferences import SEXAGESIMAL
from portal.db import db
from tests.support import lab
from tests.support.camp import Camp
from tests.support.camp import camp_plugin
from tests.support.skies import skies_plugin
from tests.support.skies import Sky

BROWSER = "b" * 32
PERSON = "user:" + "a" * 32


@pytest.fixture
def plugins():
    skies = [
        Sky(name="north", url="http://127.0.0.1:1", collections=["deep", "wide"]),
        Sky(name="south", url="http://127.0.0.1:1"),
    ]
    camps = [
        ("camp", camp_plugin(Camp())),
        ("other", camp_plugin(Camp(id="other", title="Other camp"))),
    ]
    return [("lab", lab), ("skies", skies_plugin(skies)), *camps]


def choose(client, **fields):
    return client.post("/account/preferences", data={"coordinates": DEGREES, **fields})


def archives(client):
    return re.findall(r'href="/archives/([a-z-]+)"', client.get("/archives").text)


def ticked(client, address="/search"):
    boxes = re.findall(r'<input[^>]*name="archives"[^>]*>', client.get(address).text)
    return {re.search(r'value="([^"]+)"', one)[1] for one in boxes if "checked" in one}


def test_preferred_archives_come_first(client):
    usual = list(dict.fromkeys(archives(client)))
    choose(client, archives=usual[-1])

    assert archives(client)[0] == usual[-1]
    assert set(archives(client)) == set(usual)
    assert (
        "checked"
        in re.search(
            rf'<input[^>]*value="{usual[-1]}"[^>]*>', client.get("/account/preferences").text
        )[0]
    )


def test_preferred_archives_are_ticked_where_an_address_names_none(client):
    every = ticked(client)
    choose(client, archives=["north", "lab"])

    mine = ticked(client)
    assert mine and mine < every and all("north" in one for one in mine)
    assert ticked(client, "/search?position=10+20") == mine
    assert ticked(client, "/search?archives=all") == every
    assert ticked(client, "/search?archives.present=1") == set()


def test_the_address_of_a_search_of_all_says_so_to_somebody_who_prefers_some(client):
    every = ticked(client)
    choose(client, archives="north")

    answer = client.get(
        "/search",
        query_string={"archives": sorted(every), "archives.present": "1"},
        headers={"HX-Request": "true"},
    )
    assert ticked(client, answer.headers["HX-Replace-Url"]) == every


def test_preferred_facilities_come_first_and_are_chosen(client):
    def offered():
        page = client.get("/analysis/launch?repository=https://git.example.org/a").text
        return re.findall(r'name="facility" value="(\w+)"[^>]*?( checked)?>', page)

    assert offered() == [("camp", " checked"), ("other", "")]
    choose(client, facilities="other")
    assert offered() == [("other", " checked"), ("camp", "")]


def test_what_is_not_offered_is_not_kept(app, client):
    assert choose(client, archives=["nowhere", "lab"]).status_code == 303
    assert choose(client, coordinates="furlongs").status_code == 422

    with client.session_transaction() as session:
        owner = session["owner"]
    with app.app_context():
        assert list(preferences_of(owner).archives) == ["lab"]


def test_they_are_exported_and_deleted_with_everything(app, client):
    choose(client, coordinates=SEXAGESIMAL)
    with client.get("/account/data") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert json.loads(file.read("preferences.json"))[0]["coordinates"] == SEXAGESIMAL
    with client.session_transaction() as session:
        owner = session["owner"]

    client.post("/account/delete", data={"sure": "1"})

    with app.app_context():
        assert preferences_of(owner) == NONE


@pytest.mark.parametrize(("own", "kept"), [(None, SEXAGESIMAL), (DEGREES, DEGREES)])
def test_those_of_a_browser_come_along_unless_the_person_has_some(app, own, kept):
    with app.app_context():
        prefer(BROWSER, Preferences(coordinates=SEXAGESIMAL))
        if own:
            prefer(PERSON, Preferences(coordinates=own))
        take_over_all(BROWSER, PERSON)
        db.session.commit()

        assert preferences_of(PERSON).coordinates == kept
        assert preferences_of(BROWSER) == NONE


def test_positions_in_results_are_written_as_preferred_and_downloads_stay_numbers(client, work):
    job = client.post("/archives/lab/query.lab-stars", data={"rows": "3"}).location
    work()
    result = f"{job}/results/result"
    assert "h:m:s" not in client.get(result).text

    choose(client, coordinates=SEXAGESIMAL)

    text = client.get(result).text
    assert re.search(r"<td[^>]*>\d\d:\d\d:\d\d\.\d{4}</td>", text)
    assert re.search(r"<td[^>]*>[+-]\d\d:\d\d:\d\d\.\d{3}</td>", text)
    assert ">h:m:s<" in text and ">d:m:s<" in text
    with client.get(f"{result}.csv") as csv:
        assert ":" not in csv.text.splitlines()[1].replace("http://", "").replace("https://", "")
