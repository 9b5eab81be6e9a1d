"""The page that asks all archives: who can answer, what is sent, and what it leads to."""

import io
import re
from types import ModuleType

import pytest

from portal import config
from portal.archives.resolve import split_name
from portal.db import db
from portal.plugins import hookimpl
from portal.plugins import NameResolver
from portal.plugins import ResolvedPosition
from portal.plugins.multi import query
from portal.uws.models import Job
from tests.support import lab
from tests.support.loopback import loopback
from tests.support.pages import text_of
from tests.support.skies import images
from tests.support.skies import skies_plugin
from tests.support.skies import Sky
from tests.support.stars import PLACES

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

SOUTH = "0/8-11"
NORTHERN = {"position": "10.68 41.27"}


class Elsewhere(NameResolver):
    """Knows one name, and is not in this portal."""

    id = "elsewhere"
    title = "Elsewhere"

    def resolve(self, name, http):
        if name != "Far away":
            return None
        return ResolvedPosition(ra=200.5, dec=-12.25, resolver=self.title, name="Far")


@pytest.fixture
def elsewhere():
    module = ModuleType("elsewhere")

    @hookimpl
    def portal_register_resolvers():
        return [Elsewhere()]

    module.portal_register_resolvers = portal_register_resolvers
    return module


@pytest.fixture(scope="module")
def server():
    with loopback() as running:
        running.routes["/good"] = images(("a", 10.7, 41.3, "ivo://a", "http://data/1", ""))
        running.routes["/bad"] = lambda exchange: exchange.answer("no", status=500)
        yield running


@pytest.fixture
def plugins(server, elsewhere):
    skies = [
        Sky(name="good", url=f"{server.url}/good", collections=["deep", "wide"]),
        Sky(name="south", url=f"{server.url}/good", coverage=SOUTH, knows_bands=True),
        Sky(name="bad", url=f"{server.url}/bad"),
    ]
    return [
        ("lab", lab),
        ("skies", skies_plugin(skies)),
        ("places", PLACES),
        ("elsewhere", elsewhere),
    ]


@pytest.fixture
def settings(tmp_path):
    return config.load(instance=tmp_path / "instance", remote_allow=["127.0.0.1"])


def boxes(page):
    """Return the boxes of a page: ticked, empty, or the reason why it cannot be ticked."""
    found = {}
    for label in re.findall(r'<label[^>]*><input type="checkbox" name="archives".*?</label>', page):
        value = re.search(r'value="([^"]+)"', label)[1]
        reason = re.search('<span class="help">([^<]+)<', label)
        assert bool(reason) == (" disabled>" in label)
        found[value] = reason[1] if reason else " checked>" in label
    return found


def test_without_a_position_everybody_can_answer(client):
    page = text_of(client.get("/search"))

    assert boxes(page) == {
        "bad/query.bad": True,
        "good/deep": True,
        "good/wide": True,
        "south/query.south": True,
    }
    assert "4 of 4 can answer" in page
    example = re.search(r'href="(/search\?[^"]+)">An example', page)[1]
    filled = text_of(client.get(example.replace("&amp;", "&")))
    assert 'value="342.16 33.94"' in filled
    assert "at 342.16000 +33.94000" in filled
    assert "An example" not in filled


@pytest.mark.parametrize("position", ["10.68 41.27", "00:42:44 +41:16:08", "Andromeda"])
def test_those_whose_coverage_leaves_the_position_out_are_grey_with_the_reason(client, position):
    page = text_of(client.get("/search", query_string={"position": position}))

    assert boxes(page)["south/query.south"] == "has no data there, as far as it says"
    assert "3 of 4 can answer at 10.68" in page


def test_a_name_that_only_others_may_know_excludes_nobody_yet(client):
    page = text_of(client.get("/search?position=Nowhere"))

    assert "4 of 4 can answer. Where they have data is not compared: Nowhere is in none" in page


def test_a_band_leaves_those_out_that_know_none(client):
    found = boxes(text_of(client.get("/search?band=21+cm")))

    assert found["south/query.south"] is True
    assert found["good/deep"] == "cannot be asked for a band"


@pytest.mark.parametrize(
    ("archives", "ticked"),
    [
        (["good"], {"good/deep", "good/wide"}),
        (["good/wide", "bad"], {"good/wide", "bad/query.bad"}),
        (["no such thing"], set()),
    ],
)
def test_an_address_says_who_is_asked(client, archives, ticked):
    found = boxes(text_of(client.get("/search", query_string={"archives": archives})))

    assert {name for name, is_ticked in found.items() if is_ticked is True} == ticked


def test_what_is_ticked_stays_so_while_it_is_grey(client):
    """As a browser without scripts does: it sends no box that is disabled."""
    page = text_of(client.get("/search?position=10+41"))
    sent = re.findall(r'<input type="hidden" name="archives" value="([^"]+)">', page)

    again = client.get("/search", query_string={"position": "10 -60", "archives": sent})

    assert sent == ["south/query.south"]
    assert boxes(text_of(again))["south/query.south"] is True


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        (
            {"position": "10 41", "radius": "2", "archives.present": "1"},
            "position=10+41&radius=2&archives.present=1",
        ),
        ({"position": "10 41", "archives": ["good", "bad", "south"]}, "position=10+41"),
        ({"archives": "good/wide", "archives.present": "1"}, "archives=good%2Fwide"),
    ],
    ids=["none", "all", "one"],
)
def test_while_one_types_the_address_has_what_is_filled_in(client, asked, address):
    answer = client.get("/search", query_string=asked, headers={"HX-Request": "true"})

    assert answer.headers["HX-Replace-Url"] == f"/search?{address}"
    assert "<!doctype" not in answer.text
    assert answer.text.lstrip().startswith('<section id="archives"')


def test_the_job_shows_what_each_archive_said_and_asks_one_again(app, client, work):
    sent = client.post("/search", data={**NORTHERN, "radius": "0.5", "wait": "60"})
    assert sent.status_code == 303
    while work():
        pass

    page = text_of(client.get(sent.location))
    assert "Around 10.68 41.27, 0.5 deg" in page
    assert page.count("Its rows<") == 2
    assert "It answered with status 500" in page
    with app.app_context():
        durations = {job.execution_duration for job in db.session.query(Job)}
    assert durations == {60}
    [again] = re.findall(r'action="(/jobs/\w+/repeat)">\s+<input[^>]*>\s+<input[^>]*-1"', page)
    assert 'href="/search?position=10.68+41.27&radius=0.5' in page
    assert "&wait=60" in page
    client.post(again)
    client.post(f"{sent.location}/repeat")
    with app.app_context():
        assert {job.execution_duration for job in db.session.query(Job)} == {60}


def test_a_name_goes_into_the_job_with_its_position(app, client):
    location = client.post("/search", data={"position": "Andromeda", "archives": "good"}).location

    page = text_of(client.get(location))

    assert "Around Andromeda, 0.1 deg" in page
    assert "Everything within 0.1 deg of 10.684700 +41.268800 (Andromeda)" in page
    assert "position=Andromeda+%3D+10.684700+%2B41.268800" in page


def test_only_the_ticked_ones_are_asked(app, client):
    ticked = ["good/wide", "south/query.south"]

    client.post("/search", data={**NORTHERN, "archives": ticked, "archives.present": "1"})

    with app.app_context():
        parts = db.session.query(Job).filter(Job.parent_id.is_not(None)).all()
        assert [part.title for part in parts] == ["Images: wide 10.68 +41.27 0.1"]


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"position": ""}, "position", ""),
        ({"position": "400 10"}, "position", "right ascension runs from 0 to 360"),
        ({"position": "Nowhere"}, "position", "Nobody knows where Nowhere is"),
        ({"radius": "-1"}, "radius", "must be more than 0"),
        ({"radius": "far"}, "radius", "number"),
        ({"band": "blue"}, "band", "give a value with its unit"),
        ({"time": "2019"}, "time", "a plain number is an MJD"),
        ({"rows": "0"}, "rows", "must be at least 1"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(app, client, sent, field, words):
    answer = client.post("/search", data={**NORTHERN, **sent})

    page = text_of(answer)
    assert answer.status_code == 422
    assert f'<a href="#field-{field}">' in page
    assert words in page.partition('id="form-errors"')[2].partition("</div>")[0]
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_several_positions_are_asked_of_everybody_and_told_apart(app, client, work):
    lines = "Andromeda\r\n# a comment\n\n 10.9 41.3 \nAndromeda"
    sent = {**NORTHERN, "positions": lines, "archives": "good/deep", "archives.present": "1"}
    location = client.post("/search", data=sent).location
    while work():
        pass

    page = text_of(client.get(location))
    assert "Around 10.68 41.27 and 2 more, 0.1 deg" in page
    rows = client.get(f"{location}/results/result.csv").text.splitlines()[1:]
    assert [row.split(",")[:3] for row in rows] == [
        ['"Sky of good"', '"The deep"', f'"{place}"']
        for place in ("10.68 41.27", "Andromeda", "10.9 41.3")
    ]
    again = re.search(r'href="(/search\?[^"]+)"', page)[1]
    shown = text_of(client.get(again))
    assert "Andromeda\n10.9 41.3</textarea>" in shown
    assert shown.count(" checked>") == 1


def test_a_line_may_name_its_position(app, client, work):
    lines = "The core = 10.7 41.2\n10.9 41.3"
    sent = {"position": "M 31 = 10.68 41.27", "positions": lines, "archives": "good/deep"}
    location = client.post("/search", data=sent).location
    while work():
        pass

    assert "Around M 31 and 2 more" in text_of(client.get(location))
    rows = client.get(f"{location}/results/result.csv").text.splitlines()[1:]
    assert [row.split(",")[2] for row in rows] == ['"M 31"', '"The core"', '"10.9 41.3"']


def test_a_search_is_changed_with_all_its_places_and_what_they_are_called(app, client):
    lines = "The core = 10.7 41.2\n10.9 41.3\nAndromeda"
    sent = {"position": "Far away = 10.68 41.27", "positions": lines, "wait": "900"}
    page = text_of(client.get(client.post("/search", data=sent).location))

    changed = text_of(client.get(re.search(r'href="(/search\?[^"]+)"', page)[1]))

    assert 'value="Far away = 10.68 41.27"' in changed
    assert f"{lines}</textarea>" in changed
    assert '<option value="900" selected>' in changed


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"position": "x" * 201}, "position", "longer than 200 characters"),
        ({"position": "M 31", "positions": "M 33\n" + "x" * 201}, "positions", "longer than 200"),
        ({"positions": "\n".join(f"M {n}" for n in range(1_001))}, "positions", "at most 1000"),
    ],
)
def test_names_that_cannot_be_looked_up_are_said_at_their_field(client, sent, field, words):
    answer = client.post("/search/positions", data=sent)

    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page.partition(f'id="field-{field}-error"')[2].partition("</p>")[0]


@pytest.mark.parametrize("written", ["l=0 b=90", "l = 0 b = 90", "ra = 10 dec = 41"])
def test_a_sign_that_belongs_to_coordinates_makes_no_name(client, written):
    page = text_of(client.get("/search", query_string={"position": written}))
    assert "can answer at" in page
    assert split_name(written) == ("", written)


def test_beside_the_field_it_says_where_a_named_position_is(client):
    asked = {"field": "position", "position": "The core = 10.7 41.2"}
    said = client.get("/resolve", query_string=asked, headers={"HX-Request": "true"}).text
    assert "in none of the lists" not in said


def test_names_that_nobody_here_knows_are_looked_up_by_a_job(client, work):
    sent = {**NORTHERN, "positions": "Far away\nAndromeda\nNowhere at all"}
    refused = text_of(client.post("/search", data=sent))
    assert "Look all of them up elsewhere" in refused
    job = client.post("/search/positions", data=sent).location
    while work():
        pass

    rows = client.get(f"{job}/results/result.csv").text.splitlines()[1:]
    assert [row.split(",")[:4] for row in rows[:3]] == [
        ['"10.68 41.27"', "10.68", "41.27", '"coordinates"'],
        ['"Far away"', "200.5", "-12.25", '"Elsewhere"'],
        ['"Andromeda"', "10.6847", "41.2688", '"one name"'],
    ]
    assert "Nobody knows where Nowhere at all is" in rows[3]
    shown = text_of(client.get(f"{job}/results/result"))
    form = client.get(re.search(r'href="(/search/around\?[^"]+)"', shown)[1]).location
    page = text_of(client.get(form))
    assert "Far away = 200.5000000 -12.2500000\nAndromeda = 10.6847000 +41.2688000<" in page
    assert client.post(form, data={"archives": "good/deep"}).status_code == 303


def test_the_search_is_about_the_rows_that_were_ticked(client, work):
    job = client.post("/search", data={**NORTHERN, "archives": "good/deep"}).location
    while work():
        pass
    ticked = {"job": job.rpartition("/")[2], "result": "result", "row": "0"}

    assert client.post("/search/around", data=ticked).location == (
        "/search?position=a+%3D+10.7000000+%2B41.3000000"
    )
    wrong = [{"row": one} for one in ("7", "x", [*range(60)])]
    wrong += [{"result": "other"}, {"job": "0" * 32}]
    codes = [client.post("/search/around", data=ticked | one).status_code for one in wrong]
    assert codes == [400, 400, 400, 404, 404]
    stranger = client.application.test_client()
    assert stranger.post("/search/around", data=ticked).status_code == 404


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b'\xef\xbb\xbf10 41\r\n"Andromeda"\n', 2),
        (b"10 41", 1),
        (b"# nothing\n10 41\n10 41", 1),
        (b"# N\xe9bulosit\xe9s\n10 41", 1),
    ],
)
def test_positions_may_come_in_a_file(app, client, content, count):
    file = (io.BytesIO(content), "targets.txt")

    sent = {"position": "", "file": file, "archives": "good/deep"}
    answer = client.post("/search", data=sent)

    assert answer.status_code == 303
    with app.app_context():
        assert db.session.query(Job).filter(Job.parent_id.is_not(None)).count() == count


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", "10 41".encode("utf-16"), b"10 41\n" * 20_000]
)
def test_a_file_that_is_no_list_is_said_to_be_none_and_not_repeated(client, content):
    sent = {**NORTHERN, "file": (io.BytesIO(content), "targets.txt"), "archives": "good/deep"}

    answer = client.post("/search", data=sent)

    assert answer.status_code == 422
    assert answer.text.count("the file is no text of at most 100,000 bytes") == 2
    assert "PNG" not in answer.text
    assert 'value="10.68 41.27"' in answer.text


def test_one_place_in_reach_is_enough_to_be_asked(client):
    asked = {"position": "10 41", "positions": "10 -60"}

    page = text_of(client.get("/search", query_string=asked))

    assert boxes(page)["south/query.south"] is True
    assert "4 of 4 can answer at one of 2 positions" in page


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("10 41\nNowhere", "Nowhere is in none of the lists of this portal"),
        ("400 10", "right ascension runs from 0 to 360"),
        ("\n".join(f"{n} 10" for n in range(60)), "at most 49"),
        ("<VOTABLE>", "<VOTABLE>"),
    ],
)
def test_a_line_that_is_no_place_is_said_and_the_lines_stay(client, lines, words):
    answer = client.post("/search", data={**NORTHERN, "positions": lines})

    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page.partition('id="form-errors"')[2].partition("</div>")[0]
    assert f"{lines}</textarea>" in page


def test_too_many_questions_are_refused_with_their_number(client, monkeypatch):
    monkeypatch.setattr(query, "MOST_PARTS", 7)

    answer = client.post("/search", data={"position": "10 -60", "positions": "11 -60"})

    assert answer.status_code == 422
    assert "These are 8 questions, and at most 7 are asked at once" in text_of(answer)


@pytest.mark.parametrize(
    "sent",
    [{"archives.present": "1"}, {"archives": "south"}, {"time": "2019-07-01"}, {"archives": "x"}],
)
def test_with_nobody_to_ask_nothing_is_sent(client, sent):
    answer = client.post("/search", data={**NORTHERN, **sent})

    assert answer.status_code == 422
    assert "tick one that can be asked" in text_of(answer)


def test_a_double_click_is_one_job(client):
    page = client.get("/search").text
    target = re.search(r'formaction="(/search\?request_key=\w+)"', page)[1]

    first, second = (client.post(target, data=NORTHERN).location for _ in range(2))

    assert first == second


def test_no_token_is_sent_with_the_address(client):
    page = client.get("/search").text
    form = page.partition('<form id="search-form"')[2].partition("</form>")[0]

    assert 'type="hidden" name="csrf_token"' not in form
    assert 'type="hidden" name="request_key"' not in form


def test_the_plugins_page_leads_to_the_search(client):
    assert 'href="/archives/all"' in client.get("/plugins").text

    assert 'id="search-form"' in client.get("/archives/all").text


class TestWithoutArchives:
    @pytest.fixture
    def plugins(self):
        return [("lab", lab)]

    def test_the_page_says_that_nobody_can_be_asked(self, client):
        assert "No archive can be asked by position" in client.get("/search").text
