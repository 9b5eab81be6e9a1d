import io
import uuid
from dataclasses import asdict
from datetime import datetime
from datetime import UTC
from urllib.parse import urlsplit

import pytest
from astropy.io.votable import parse_single_table
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.staging.choosing import staged_items
from portal.analysis.staging.choosing import summarize
from portal.basket.contents import list_items
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.models import WHOLE_RESULT
from portal.basket.reach import Visitor
from portal.basket.sharing import NewShare
from portal.basket.sharing import revoke_share
from portal.basket.sharing import share_basket
from portal.db import db
from portal.jobs import following
from portal.uws.models import Job
from portal.uws.models import Result
from tests.support import lab

FORM = "/archives/lab/query.lab-stars"
HOSTILE = "../../$(touch owned)`'\";\n<script>.fits"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)


@pytest.fixture
def job_id(client, work):
    """Make a result, put two rows and the whole of it into the basket, and two addresses."""
    location = client.post(FORM, data={"rows": "3"}).location
    work()
    found = location.rpartition("/")[2]
    for row in ("0", "2"):
        client.post("/basket/items", data={"job": found, "result": "result", "row": row})
    return found


def make_session(stage):
    """Write down a session at this stage, and return its id."""
    session_id = f"s{uuid.uuid4().hex[:24]}"
    row = AnalysisSession(
        id=session_id,
        owner="browser:1",
        job_id=session_id,
        facility_id="camp",
        title="Sums",
        repository="http://h/x",
        ref="HEAD",
        stage=stage,
        creation_time=datetime.now(UTC),
    )
    db.session.add(row)
    db.session.commit()
    return session_id


@pytest.fixture
def stage(app, job_id):
    """Return what is staged, as the page of a launch does."""

    def run(*, owner=None, ref=None, at=Stage.READY):
        with app.test_request_context(base_url="http://localhost/below/"):
            basket = db.session.scalars(select(Basket)).one()
            items = list_items(basket.id, Visitor(owner=basket.owner))
            session_id = make_session(at)
            visitor = Visitor(owner=owner or basket.owner)
            return staged_items(
                basket, items, ref=ref or basket.id, visitor=visitor, session_id=session_id
            )

    return run


def add(app, **values):
    """Put an item into the basket that has these values in place of a row's."""
    with app.app_context():
        known = db.session.scalars(select(BasketItem)).first()
        kept = {one.name: getattr(known, one.name) for one in BasketItem.__table__.columns}
        fresh = {"id": values["title"][:8], "identity": values["title"][:99]}
        db.session.add(BasketItem(**{**kept, **fresh, **values}))
        db.session.commit()


def fetch(client, item):
    parts = urlsplit(item.url)
    return client.get(f"{parts.path.removeprefix('/below')}?{parts.query}")


def rows_in(answer):
    return len(parse_single_table(io.BytesIO(answer.data)).array)


@pytest.fixture
def anybody(app):
    return app.test_client()


def without_links(app):
    with app.app_context():
        db.session.execute(update(BasketItem).values(access_url=None))
        db.session.commit()


def test_links_are_fetched_where_they_are(app, stage):
    with app.app_context():
        db.session.execute(update(BasketItem).values(access_url="https://a/x.fits"))
        db.session.commit()
    table, *links = stage()
    assert (table.name, table.signed) == ("basket.vot", True)
    assert {one.url for one in links} == {"https://a/x.fits"}
    assert {one.name for one in links} == {"x.fits", "00002_x.fits"}
    assert not any(one.signed for one in links)


def test_rows_without_a_link_come_together_as_a_table(app, stage, anybody):
    without_links(app)
    _, rows = stage()
    assert rows.url.startswith("http://localhost/below/staging/files/")
    answer = fetch(anybody, rows)
    assert answer.status_code == 200
    assert rows_in(answer) == 2
    assert "Set-Cookie" not in answer.headers


def test_a_whole_result_opens_by_its_signed_address_until_it_ends(app, stage, anybody):
    add(app, title="All of it", row_number=WHOLE_RESULT, access_url=None)
    (whole,) = [one for one in stage() if one.title == "All of it"]
    assert rows_in(fetch(anybody, whole)) == 3
    (late,) = [one for one in stage(at=Stage.STOPPING) if one.title == "All of it"]
    assert fetch(anybody, late).status_code == 410
    assert anybody.get("/staging/files/x.vot?sig=made-up").status_code == 404


def test_the_basket_comes_as_a_table(app, stage, anybody):
    table = stage()[0]
    assert rows_in(fetch(anybody, table)) == 2
    assert fetch(anybody, stage(at=Stage.STOPPING)[0]).status_code == 410
    with app.app_context():
        db.session.execute(update(Basket).values(deleted_time=datetime.now(UTC)))
        db.session.commit()
    assert fetch(anybody, table).status_code == 404


def test_a_shared_basket_opens_as_long_as_it_is_shared(app, stage, anybody):
    with app.app_context():
        basket = db.session.scalars(select(Basket)).one()
        share = share_basket(basket.id, Visitor(owner=basket.owner), NewShare())
        ref, share_id, basket_id, owner = share.key, share.id, basket.id, basket.owner
    table = stage(owner="user:somebody-else", ref=ref)[0]
    assert fetch(anybody, table).status_code == 200
    with app.app_context():
        revoke_share(basket_id, share_id, Visitor(owner=owner))
    assert fetch(anybody, table).status_code == 404


def test_a_signature_of_a_table_opens_no_basket(stage, app, anybody):
    without_links(app)
    table, rows = stage()
    assert fetch(anybody, table).status_code == 200
    swapped = urlsplit(rows.url).query
    assert anybody.get(f"/staging/baskets/x.vot?{swapped}").status_code == 404


def test_results_of_others_are_not_opened(app, stage):
    without_links(app)
    staged = stage(owner="user:somebody-else")
    assert {one.reason for one in staged[1:]} == {"it has no link to a file"}


def test_a_result_that_is_gone_is_listed_as_such(app, stage, anybody):
    add(app, title="All of it", row_number=WHOLE_RESULT, access_url=None)
    (whole,) = [one for one in stage() if one.title == "All of it"]
    with app.app_context():
        db.session.execute(delete(Result))
        db.session.commit()
    assert fetch(anybody, whole).status_code == 404
    (gone,) = [one for one in stage() if one.title == "All of it"]
    assert "gone" in gone.reason


def test_whatever_a_basket_says_names_are_plain_and_single(app, stage):
    for number in range(3):
        url = f"https://a/{number}/%2e%2e%2f$(x)%0a'.fits"
        add(app, title=f"{number}{HOSTILE}", access_url=url)
    add(app, title="Basket.VOT", access_url="https://a/basket.vot")
    add(app, title="m", access_url="https://a/manifest.json")
    add(app, title="script", access_url="javascript:alert(1)")
    add(app, title="long", access_url="https://a/" + "x" * 9_000)
    names = [one.name for one in stage()]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name.replace("_", "").replace(".", "").isalnum() for name in names)


def test_sizes_are_summed_up_as_far_as_they_are_known(app, stage):
    add(app, title="two", access_url="https://a/2", access_estsize=2)
    add(app, title="checked", access_url="https://a/3", access_estsize=None, link_size=5)
    summary = summarize(stage())
    assert summary.bytes >= 2_005
    assert summary.files == summary.unsized + len(
        [one for one in stage() if asdict(one)["size"] is not None]
    )


def test_nothing_comes_of_an_empty_basket(app, stage):
    with app.app_context():
        db.session.execute(delete(BasketItem))
        db.session.commit()
        assert db.session.scalars(select(Job)).first() is not None
    assert stage() == []
