"""The portal as an Execution Broker: documents, decisions, and who may take them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import belongings
from portal.analysis.models import AnalysisSession
from portal.analysis.models import FacilityState
from portal.analysis.models import Stage
from portal.analysis.planning import offers
from portal.analysis.planning.models import Offer
from portal.analysis.planning.models import OfferSet
from portal.basket import baskets as owned
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.db import clock
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.phases import ExecutionPhase
from tests.analysis.planning.conftest import address_of
from tests.analysis.planning.conftest import COMPUTE
from tests.analysis.planning.conftest import NOTEBOOK
from tests.analysis.planning.conftest import request_document
from tests.support.planned import Binder
from tests.support.planned import Broken
from tests.support.planned import Hub
from tests.support.planned import plugin
from tests.support.planned import REPOSITORY

NOBODYS = "00000000-0000-0000-0000-000000000000"
DATA = "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds/data/simple-data-resource.yaml"
PICTURE = "https://archive.example.org/m51.fits?a=1&b='2'"
OPTIONS = {"kind": "uri:enum-value-option", "path": "phase"}


@pytest.fixture
def plugins():
    attic = Hub("attic", "The attic", warning="It is slow.", order=3)
    return [("planned", plugin(Hub(), Binder(), attic, Broken()))]


def jobs(app):
    with app.app_context():
        return list(db.session.scalars(select(Job)))


def baskets(app):
    """Return all baskets, each with its items."""
    with app.app_context():
        of = select(BasketItem).where
        return [
            (one, db.session.scalars(of(BasketItem.basket_id == one.id)).all())
            for one in db.session.scalars(select(Basket))
        ]


def set_job(app, **values):
    with app.app_context():
        db.session.execute(update(Job).values(**values))
        db.session.commit()


def add_session(app, stage, **values):
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        session = AnalysisSession(
            id="5" * 32,
            owner=job.owner,
            job_id=job.id,
            facility_id="hub",
            mode="launch",
            title="Light curves",
            repository=REPOSITORY,
            ref="v1.2",
            stage=stage,
            url=b"sealed",
            creation_time=clock(),
            **values,
        )
        db.session.add(session)
        db.session.commit()


def set_stage(app, **values):
    with app.app_context():
        db.session.execute(update(AnalysisSession).values(**values))
        db.session.commit()


def let_expire(app):
    with app.app_context():
        db.session.execute(update(OfferSet).values(expires=clock() - timedelta(seconds=1)))
        db.session.commit()


def test_a_request_is_answered_with_an_offer_of_each_facility_that_would_launch_it(program):
    answer = program.post("/eb/offersets", request_document())
    found = answer.get_json()

    assert answer.status_code == 200
    assert found["result"] == "YES"
    assert set(found) == {"kind", "meta", "result", "offers"}
    assert found["kind"].endswith("/offerset/execution-offerset-1.0")
    assert found["meta"]["created"].endswith("Z")
    assert [one["meta"]["name"] for one in found["offers"]] == ["The hub", "The attic"]
    first, second = found["offers"]
    assert set(first) == {
        *("kind", "meta", "phase", "expires"),
        *("executable", "compute", "connectors"),
    }
    assert first["phase"] == "OFFERED"
    assert first["meta"]["options"] == [OPTIONS | {"values": ["ACCEPTED", "REJECTED"]}]
    assert first["executable"] == {
        "kind": NOTEBOOK,
        "meta": {"name": "Light curves"},
        "repository": REPOSITORY,
        "ref": "v1.2",
        "path": "curve.ipynb",
        "phase": "INITIALIZING",
    }
    assert first["connectors"] == []
    assert second["meta"]["messages"][0]["message"] == "It is slow."
    said = [(one["level"], one["message"]) for one in found["meta"]["messages"]]
    assert said[0][0] == "INFO" and "in a browser at https://binder.example.org/" in said[0][1]
    assert "does not answer" in said[1][1]
    assert program.get(answer.location).get_json()["offers"][0] == first


def test_a_facility_without_room_makes_no_offer(app, program):
    with app.app_context():
        full = FacilityState(id="hub", is_up=True, is_full=True, checked_time=clock())
        db.session.add(full)
        db.session.commit()

    found = program.offers()

    assert [one["meta"]["name"] for one in found["offers"]] == ["The attic"]
    said = [one["message"] for one in found["meta"]["messages"]]
    assert "The hub: It had no room for another session when it was last asked." in said


def test_the_spelling_of_2025_asks_the_same(program):
    old = {
        "executable": {
            "type": "https://www.purl.org/ivoa.net/EB/schema/types/executable/jupyter-notebook-1.0",
            "location": f"{REPOSITORY}/-/blob/v1.2/curve.ipynb",
        },
        "resources": {
            "compute": [
                {
                    "type": "https://www.purl.org/ivoa.net/EB/schema/types/"
                    "resources/compute/simple-compute-resource-1.0",
                    "cores": {"requested": {"min": 2, "max": 3}},
                    "memory": {"requested": {"min": 1.5}},
                }
            ]
        },
    }
    new = request_document(compute={"kind": COMPUTE, "cores": {"min": 2}, "memory": {"min": 1.5}})

    one, other = (program.post("/eb/requests", it).get_json()["offers"][0] for it in (old, new))

    assert one["compute"] == other["compute"]
    assert one["compute"]["cores"] == {"min": 2}
    assert one["compute"]["memory"] == {"min": 1.5}
    assert one["executable"]["repository"] == other["executable"]["repository"]
    assert one["executable"]["path"] == other["executable"]["path"]
    update = {"update": {"type": "uri:enum-value-update", "path": "phase", "value": "REJECTED"}}
    assert program.post(address_of(one), update).get_json()["phase"] == "REJECTED"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"executable": {"kind": "urn:x:mystery-1.0"}}, "not known here"),
        ({"executable": {"kind": "uri:docker-container"}}, "Nothing here runs"),
        (
            {"executable": {"kind": NOTEBOOK, "location": "https://example.org/a.ipynb"}},
            "git repository",
        ),
        ({"compute": {"kind": "urn:x:quantum"}}, "kind of compute"),
        ({"compute": [{"kind": COMPUTE}, {"kind": COMPUTE}]}, "one compute"),
        ({"compute": {"kind": COMPUTE, "volumes": [{"kind": "x"}]}}, "volumes"),
        ({"storage": {"kind": "urn:x:tape"}}, "kind of storage"),
        ({"data": [{"kind": "urn:x:rucio-data-resource"}]}, "kind of data"),
        ({"schedule": {"requested": {"start": "2126-01-01T00:00:00Z/PT1H"}}}, "at once"),
    ],
)
def test_what_cannot_be_had_here_is_no_and_no_fault(program, changes, words):
    answer = program.post("/eb/requests", request_document(**changes))
    found = answer.get_json()

    assert answer.status_code == 200
    assert (found["result"], found["offers"]) == ("NO", [])
    (message,) = found["meta"]["messages"]
    assert message["level"] == "ERROR"
    assert words in message["message"]
    assert program.get(answer.location).get_json()["result"] == "NO"


def test_files_that_are_named_come_along_in_a_basket_once_an_offer_is_accepted(app, program):
    data = [
        {"kind": DATA, "meta": {"name": "M 51"}, "location": PICTURE},
        {"kind": DATA, "location": "https://archive.example.org/spectrum.fits"},
    ]
    first, second = program.offers(data=data)["offers"]
    assert [(one["location"], one["phase"]) for one in first["data"]] == [
        (one["location"], "INITIALIZING") for one in data
    ]
    assert baskets(app) == []

    program.decide(first, "ACCEPTED")
    program.decide(second, "ACCEPTED")

    [job] = jobs(app)
    [(basket, items)] = baskets(app)
    assert basket.owner == job.owner
    assert basket.name.startswith("Light curves (")
    assert {(item.title, item.access_url) for item in items} == {
        ("M 51", PICTURE),
        ("archive.example.org/spectrum.fits", data[1]["location"]),
    }
    with app.app_context():
        of_launch = select(Parameter.value).where(Parameter.name == "basket_id")
        assert db.session.scalars(of_launch).all() == [basket.id]


def test_who_has_no_room_for_a_basket_accepts_nothing(app, program, monkeypatch):
    monkeypatch.setattr(owned, "MOST_BASKETS", 0)
    first, _ = program.offers(data=[{"kind": DATA, "location": PICTURE}])["offers"]

    assert program.decide(first, "ACCEPTED").status_code == 400
    assert program.phase(first) == "OFFERED"
    assert jobs(app) == baskets(app) == []


def test_facilities_that_refuse_say_why(program):
    found = program.offers(compute={"kind": COMPUTE, "cores": {"min": 64}})

    assert found["result"] == "NO"
    assert "Sessions have 4 cores." in found["meta"]["messages"][0]["message"]


def test_what_a_launch_would_not_take_is_not_offered(program):
    long = request_document()["executable"] | {"path": "a/" * 600 + "b"}

    found = program.offers(executable=long)

    assert found["result"] == "NO"
    assert "path" in found["meta"]["messages"][0]["message"]


def test_a_facility_that_is_gone_launches_nothing(app, program):
    first, second = program.offers()["offers"]
    with app.app_context():
        db.session.execute(update(Offer).values(facility_id="gone"))
        db.session.commit()

    assert program.decide(first, "ACCEPTED").status_code == 404
    assert program.phase(first) == program.phase(second) == "OFFERED"


def test_an_accepted_offer_becomes_a_launch_and_its_siblings_are_rejected(app, program):
    first, second = program.offers()["offers"]

    answer = program.decide(first, "ACCEPTED")

    assert answer.status_code == 200
    assert answer.get_json()["phase"] == "WAITING"
    assert answer.get_json()["meta"]["options"] == [OPTIONS | {"values": ["CANCELLED"]}]
    assert answer.headers["Retry-After"] == "2"
    assert program.phase(second) == "REJECTED"
    (job,) = jobs(app)
    assert (job.type, job.phase) == ("orc.hub", ExecutionPhase.QUEUED)
    with app.app_context():
        rows = db.session.scalars(select(Parameter).where(Parameter.job_id == job.id))
        sent = {row.name.casefold(): row.value for row in rows}
    assert (
        sent.items()
        >= {
            "repository": REPOSITORY,
            "ref": "v1.2",
            "path": "curve.ipynb",
            "title": "Light curves",
        }.items()
    )


@pytest.mark.parametrize("again", ["ACCEPTED", "REJECTED"])
def test_what_is_decided_stays_decided(app, program, again):
    first, second = program.offers()["offers"]
    program.decide(first, "ACCEPTED")

    assert program.decide(first, again).status_code == 409
    assert program.decide(second, "ACCEPTED").status_code == 409
    assert len(jobs(app)) == 1


def test_an_offer_that_nobody_accepts_expires_by_itself(app, program):
    first, _ = program.offers()["offers"]
    let_expire(app)

    assert program.phase(first) == "EXPIRED"
    assert program.get(address_of(first)).get_json()["meta"]["options"] == []
    for value in ("ACCEPTED", "REJECTED", "CANCELLED"):
        assert program.decide(first, value).status_code == 409
    assert jobs(app) == []


def test_phases_are_those_of_the_job_and_of_the_session(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    set_job(app, phase=ExecutionPhase.EXECUTING)
    assert program.phase(first) == "PREPARING"
    add_session(app, Stage.LAUNCHING)
    assert program.phase(first) == "PREPARING"
    ready = clock_of(app)
    set_stage(app, stage=Stage.READY, ready_time=ready)
    set_job(app, phase=ExecutionPhase.COMPLETED)
    assert program.phase(first) == "AVAILABLE"
    set_stage(app, last_activity=ready + timedelta(seconds=1))
    assert program.phase(first) == "RUNNING"
    set_stage(app, stage=Stage.STOPPING)
    assert program.phase(first) == "RELEASING"
    set_stage(app, stage=Stage.ENDED)
    assert program.phase(first) == "COMPLETED"
    set_stage(app, stage=Stage.FAILED, message="The hub is full.")
    found = program.get(address_of(first)).get_json()
    assert found["phase"] == "FAILED"
    assert found["meta"]["messages"][0]["message"] == "The hub is full."
    assert found["meta"]["messages"][0]["level"] == "ERROR"


def clock_of(app):
    with app.app_context():
        return clock()


def test_a_launch_that_failed_or_was_aborted_says_so(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    set_job(app, phase=ExecutionPhase.ERROR, error_message="No such ref.")
    assert program.phase(first) == "FAILED"
    set_job(app, phase=ExecutionPhase.ABORTED)
    assert program.phase(first) == "CANCELLED"


def test_a_session_is_entered_through_the_portal(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    set_job(app, phase=ExecutionPhase.COMPLETED)
    add_session(app, Stage.READY)

    answer = program.get(address_of(first))

    (connector,) = answer.get_json()["connectors"]
    assert connector["status"] == "AVAILABLE"
    assert connector["protocol"] == "HTTP"
    assert connector["location"] == f"http://localhost/sessions/{'5' * 32}/open"
    assert "Retry-After" not in answer.headers


def test_cancelling_aborts_a_launch(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")

    assert program.decide(first, "CANCELLED").get_json()["phase"] == "CANCELLED"
    assert jobs(app)[0].phase == ExecutionPhase.ABORTED
    assert program.decide(first, "CANCELLED").status_code == 409


def test_a_launch_that_was_aborted_is_released_until_nothing_is_left_of_it(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    add_session(app, Stage.LAUNCHING)

    assert program.decide(first, "CANCELLED").get_json()["phase"] == "RELEASING"
    set_stage(app, stage=Stage.ENDED)
    assert program.phase(first) == "CANCELLED"


def test_cancelling_ends_a_session(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    set_job(app, phase=ExecutionPhase.COMPLETED)
    add_session(app, Stage.READY)

    assert program.decide(first, "CANCELLED").get_json()["phase"] == "RELEASING"
    assert program.decide(first, "CANCELLED").status_code == 200
    assert sorted(job.type for job in jobs(app)) == ["orc.hub", "session.stop"]
    set_stage(app, stage=Stage.ENDED)
    assert program.phase(first) == "CANCELLED"


def test_somebody_elses_offers_look_like_none(app, program, stranger):
    found = program.offers()
    first, _ = found["offers"]
    nobodys = first["meta"] | {"url": f"http://localhost/eb/sessions/{NOBODYS}"}

    assert stranger.get(address_of(found)).status_code == 404
    assert stranger.get(f"/eb/offersets/{NOBODYS}").status_code == 404
    assert stranger.get(address_of(first)).status_code == 404
    theirs, none = (
        stranger.decide(first, "ACCEPTED"),
        stranger.decide({"meta": nobodys}, "ACCEPTED"),
    )
    assert theirs.status_code == none.status_code == 404
    assert theirs.get_json() == none.get_json()
    assert stranger.post(address_of(first), {"kind": 5}).status_code == 404
    assert program.phase(first) == "OFFERED"
    assert jobs(app) == []


def test_nobody_gets_no_offers(client):
    for answer in (
        client.post("/eb/requests", json=request_document()),
        client.get(f"/eb/sessions/{NOBODYS}"),
    ):
        assert answer.status_code == 401
        assert answer.is_json
        assert "Bearer" in answer.headers.getlist("WWW-Authenticate")[1]


def test_a_browsers_cookie_alone_accepts_nothing(app, program):
    browser = app.test_client()
    browser.post("/account/tokens", data={"lifetime": "30"})
    app.config["WTF_CSRF_ENABLED"] = True

    assert browser.post("/eb/requests", json=request_document()).status_code == 403


def test_open_offers_are_limited(app, program, stranger, monkeypatch):
    monkeypatch.setattr(offers, "MOST_OPEN_SETS", 1)
    program.offers()

    answer = program.post("/eb/requests", request_document())

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"
    assert stranger.post("/eb/requests", request_document()).status_code == 200
    let_expire(app)
    assert program.post("/eb/requests", request_document()).status_code == 200


def test_yaml_is_read_and_written(program):
    body = (
        "executable:\n  kind: …/kinds/executable/jupyter-notebook.yaml\n  meta: {name: demo}\n"
        f"  location: {REPOSITORY}/-/blob/main/curve.ipynb\n"
        "schedule: {requested: {duration: PT1H}}\n"
    )
    sent = {"data": body.encode(), "content_type": "application/yaml"}

    found = program.post("/eb/offersets", **sent).get_json()

    assert found["result"] == "YES"
    assert found["meta"]["messages"][0]["level"] == "WARN"
    address = address_of(found)
    assert 'result: "YES"' in program.get(address, Accept="text/yaml").text.replace("'", '"')
    assert program.get(address, Accept="application/xml").status_code == 406
    assert program.post("/eb/requests", data=b"<a/>", content_type="text/xml").status_code == 415


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"executable": None}, "executable.kind"),
        ({"executable": []}, "executable"),
        ({"executable": {"kind": ["x"]}}, "executable.kind"),
        ({"executable": {"kind": NOTEBOOK}}, "executable.repository"),
        ({"executable": request_document()["executable"] | {"meta": 5}}, "executable.meta"),
        (
            {"executable": {"kind": NOTEBOOK, "repository": "ssh://git@x/y"}},
            "executable.repository",
        ),
        ({"compute": "big"}, "compute"),
        ({"compute": [5]}, "compute[0]"),
        ({"compute": [{}]}, "compute[0].kind"),
        ({"compute": {"kind": COMPUTE, "cores": 2}}, "compute.cores"),
        ({"compute": {"kind": COMPUTE, "memory": {"min": "lots"}}}, "compute.memory.min"),
        ({"data": [{"kind": 7}]}, "data[0].kind"),
        ({"data": [{"kind": DATA}]}, "data[0].location"),
        ({"data": [{"kind": DATA, "location": "file:///etc/passwd"}]}, "data[0].location"),
        ({"data": [{"kind": DATA, "location": PICTURE}] * 201}, "data"),
        ({"schedule": {"requested": {"start": "soon"}}}, "schedule.requested.start"),
        ({"schedule": {"requested": {"start": "9" * 200}}}, "schedule.requested.start"),
    ],
)
def test_a_value_that_cannot_be_is_named(program, changes, place):
    answer = program.post("/eb/requests", request_document(**changes))

    assert answer.status_code == 400
    assert [one["name"] for one in answer.get_json()["errors"]] == [place]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"path": "phase", "value": "ACCEPTED"}, "kind"),
        ({"kind": "uri:other", "path": "phase", "value": "ACCEPTED"}, "kind"),
        ({"kind": "uri:enum-value-update", "path": "owner", "value": "x"}, "path"),
        ({"kind": "uri:enum-value-update", "path": "phase", "value": "RUNNING"}, "value"),
        ({"update": {"type": "uri:enum-value-update", "path": "phase"}}, "update.value"),
        ({"update": 5}, "update"),
    ],
)
def test_an_update_that_cannot_be_is_named(program, sent, place):
    first, _ = program.offers()["offers"]

    answer = program.post(address_of(first), sent)

    assert answer.status_code == 400
    assert [one["name"] for one in answer.get_json()["errors"]] == [place]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        json.dumps(request_document(title="\0")).encode(),
        json.dumps(request_document(compute=[{}] * 6_000)).encode(),
        b'{"executable": {"kind": "\\ud83d"}}',
    ],
)
def test_no_body_does_harm(program, body):
    sent = {"data": body, "content_type": "application/json"}

    assert program.post("/eb/requests", **sent).status_code == 400


def test_old_offers_are_deleted_but_not_those_of_launches(app, program):
    first, _ = program.offers()["offers"]
    program.decide(first, "ACCEPTED")
    program.offers()
    with app.app_context():
        db.session.execute(update(OfferSet).values(expires=clock() - timedelta(days=2)))
        offers.delete_old(clock())
        db.session.commit()
        assert len(list(db.session.scalars(select(OfferSet)))) == 1
        assert len(list(db.session.scalars(select(Offer)))) == 2

    assert program.phase(first) == "WAITING"


def test_offers_go_with_their_owner(app, program, stranger):
    first, _ = program.offers()["offers"]
    with app.app_context():
        (room,) = (one for one in belongings() if one.id == "offers")
        owner = db.session.scalar(select(OfferSet.owner))
        room.take_over(owner, "somebody")
        db.session.commit()
        assert [one["facility"] for one in room.export("somebody")] == ["hub", "attic"]
        assert list(room.export(owner)) == []
        room.delete("somebody")
        db.session.commit()
        assert db.session.scalar(select(Offer.id)) is None

    assert program.get(address_of(first)).status_code == 404
