import pytest

from portal.problems import NotFoundError
from portal.uws.sharing import get_shared_job
from portal.uws.sharing import revoke_share
from portal.uws.sharing import share_job
from tests.uws.conftest import Greeting
from tests.uws.conftest import OWNER

STRANGER = "b" * 32


@pytest.fixture
def job_id(service):
    return service.create_job("hello", Greeting(name="Vela"), owner=OWNER)


def test_whoever_has_the_key_reads_the_job_with_its_parameters(job_id):
    shared = get_shared_job(share_job(job_id, owner=OWNER))

    assert shared.id == job_id
    assert [one.value for one in shared.parameters] == ["Vela"]


def test_sharing_again_makes_a_new_key_and_the_old_one_ends(job_id):
    first = share_job(job_id, owner=OWNER)
    second = share_job(job_id, owner=OWNER)

    assert first != second
    assert get_shared_job(second).id == job_id
    with pytest.raises(NotFoundError):
        get_shared_job(first)


def test_a_revoked_key_opens_nothing(job_id):
    key = share_job(job_id, owner=OWNER)
    revoke_share(job_id, owner=OWNER)

    with pytest.raises(NotFoundError):
        get_shared_job(key)


@pytest.mark.parametrize("act", [share_job, revoke_share])
def test_somebody_else_can_neither_share_nor_revoke(job_id, act):
    key = share_job(job_id, owner=OWNER)

    with pytest.raises(NotFoundError):
        act(job_id, owner=STRANGER)

    assert get_shared_job(key).id == job_id


def test_a_key_is_no_job_id_and_a_job_id_is_no_key(job_id):
    share_job(job_id, owner=OWNER)

    with pytest.raises(NotFoundError):
        get_shared_job(job_id)
