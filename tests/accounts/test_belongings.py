"""What was a browser's becomes the person's who signs in: every room, at once or not at all."""

from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import belongings
from portal.accounts.belongings import take_over_all
from portal.accounts.credentials import list_credentials
from portal.accounts.credentials import put_credential
from portal.accounts.credentials import resolve
from portal.accounts.models import Credential
from portal.accounts.tokens import find_token
from portal.accounts.tokens import make_token
from portal.archives.saving import list_saved
from portal.archives.saving import save_query
from portal.db import db
from portal.problems import NotFoundError
from portal.uws.models import Job
from portal.uws.ownership import stored_bytes
from portal.uws.service import jobs
from portal.uws.types import JobTypes
from tests.support import lab
from tests.support.instances import settings_in

BROWSER = "b" * 32
PERSON = "user:" + "a" * 32

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def settings(tmp_path, each_database):
    return settings_in(tmp_path, database_url=each_database)


@pytest.fixture
def plugins():
    return [("lab", lab)]


def start(owner, *, key=None):
    types: JobTypes = jobs().types
    model = types["query.lab-stars"].parameters
    return jobs().create_job(
        "query.lab-stars", model(rows=3), owner=owner, run=True, request_key=key
    )


def sign_in(earlier=BROWSER, owner=PERSON):
    take_over_all(earlier, owner)
    db.session.commit()


def test_jobs_and_their_forms_change_hands_and_a_clash_keeps_both():
    mine, theirs, other = start(PERSON, key="form"), start(BROWSER, key="form"), start(BROWSER)
    version = jobs().get_job(other, owner=BROWSER).version

    sign_in()

    assert {job.id for job in db.session.scalars(select(Job).where(Job.owner == PERSON))} == {
        mine,
        theirs,
        other,
    }
    assert jobs().get_job(other, owner=PERSON).version > version
    with pytest.raises(NotFoundError):
        jobs().get_job(other, owner=BROWSER)


def test_tokens_of_the_browser_end_as_somebody_else_may_know_them():
    before = make_token(BROWSER, label="left by a stranger").secret
    own = make_token(PERSON, label="notebook").secret

    sign_in()

    assert find_token(before) is None
    assert find_token(own).owner == PERSON


def test_logins_open_for_their_new_owner_and_the_later_of_two_stays():
    put_credential(BROWSER, service="one.example", user_name="old", secret="1")
    put_credential(PERSON, service="one.example", user_name="new", secret="2")
    put_credential(PERSON, service="two.example", user_name="old", secret="3")
    put_credential(BROWSER, service="two.example", user_name="new", secret="4")
    put_credential(BROWSER, service="three.example", user_name="only", secret="5")
    db.session.execute(
        update(Credential)
        .where(Credential.user_name == "old")
        .values(creation_time=datetime.now(UTC) - timedelta(days=1))
    )
    db.session.commit()

    sign_in()

    assert {one.service: one.user_name for one in list_credentials(PERSON)} == {
        "one.example": "new",
        "two.example": "new",
        "three.example": "only",
    }
    assert all(one.is_readable for one in list_credentials(PERSON))
    assert resolve(PERSON, "three.example").secret == "5"
    assert list_credentials(BROWSER) == []


def test_saved_queries_of_one_name_are_both_kept_and_their_links_stay_good():
    def save(owner, name, value):
        pairs = [("rows", value)]
        return save_query(owner, name=name, query_id="query.lab-stars", parameters=pairs)

    save(PERSON, "Three", "3")
    save(PERSON, "Three (2)", "30")
    shared = save(BROWSER, "Three", "333").share_key
    save(BROWSER, "Four", "4")

    sign_in()

    kept = {one.name: one.parameters[0][1] for one in list_saved(PERSON)}
    assert kept == {"Three": "3", "Three (2)": "30", "Three (3)": "333", "Four": "4"}
    assert shared in {one.share_key for one in list_saved(PERSON)}


def test_doing_it_again_changes_nothing():
    start(BROWSER)
    sign_in()
    before = jobs().get_job(db.session.scalar(select(Job.id)), owner=PERSON).version

    sign_in()

    assert jobs().get_job(db.session.scalar(select(Job.id)), owner=PERSON).version == before


def test_nothing_changes_hands_when_one_room_fails():
    start(BROWSER)
    make_token(BROWSER)

    take_over_all(BROWSER, PERSON)
    db.session.rollback()

    assert db.session.scalar(select(Job.owner)) == BROWSER


def test_everything_is_handed_out_without_secrets_and_can_be_deleted():
    start(PERSON)
    start(BROWSER)
    secret = make_token(PERSON, label="notebook").secret
    put_credential(PERSON, service="one.example", user_name="kepler", secret="harmonices")

    told = {room.id: list(room.export(PERSON)) for room in belongings()}
    assert [job["type"] for job in told["jobs"]] == ["query.lab-stars"]
    assert [token["label"] for token in told["tokens"]] == ["notebook"]
    assert [one["user_name"] for one in told["logins"]] == ["kepler"]
    assert secret not in str(told)
    assert "harmonices" not in str(told)

    for finish in [room.delete(PERSON) for room in belongings()]:
        finish()
    db.session.commit()

    assert all(list(room.export(PERSON)) == [] for room in belongings())
    assert [job["type"] for job in belongings()[0].export(BROWSER)] == ["query.lab-stars"]
    assert stored_bytes(PERSON) == 0
