"""As whom a real Rucio server is asked."""

import pytest

from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_rucio.connector import Lake
from portal_rucio.scopes import ScopesQuery
from portal_rucio.settings import LakeSettings
from tests.plugins.rucio.conftest import run
from tests.services.rucio import PASSWORDS

pytestmark = [pytest.mark.peers, pytest.mark.slow]


def store(job, user_name, secret):
    job.credentials = {"127.0.0.1": RemoteCredential(user_name=user_name, secret=secret)}


def with_account(lake, account):
    return lake.model_copy(update={"account": account})


def token_of(lake, job):
    login = Lake(job.context(), lake).login
    return login.headers()["X-Rucio-Auth-Token"]


def test_the_account_is_the_one_of_the_login(lake, ada, bob):
    assert Lake(ada.context(), lake).account() == "ada"
    assert Lake(bob.context(), lake).account() == "bob"


def test_without_a_login_the_user_is_told_that_one_is_wanted(lake, stranger):
    with pytest.raises(
        UsageError, match=r"Token must be set\.\. Store your login for 127\.0\.0\.1"
    ):
        run(ScopesQuery(lake), stranger)


def test_a_wrong_password_is_said_as_such_and_forgotten(lake, ada):
    store(ada, "ada", "wr0ng-passw0rd")
    with pytest.raises(UsageError) as caught:
        run(ScopesQuery(lake), ada)
    assert caught.value.message == (
        "The lake does not accept the user name ada with the stored password. It is deleted "
        "here. Store your login for 127.0.0.1 anew under Account, Logins at archives."
    )
    assert ada.credentials == {}


def test_a_login_gives_no_account_of_somebody_else(lake, bob):
    with pytest.raises(
        UsageError, match="user name bob with the stored password for the account ada"
    ):
        run(ScopesQuery(with_account(lake, "ada")), bob)


@pytest.mark.parametrize("secret", ["a\nb", "☃", "x" * 1001, "a\r\nX-Rucio-Account: root"])
def test_what_can_be_no_password_is_not_sent(lake, ada, secret):
    store(ada, "ada", secret)
    with pytest.raises(UsageError, match="such characters"):
        run(ScopesQuery(lake), ada)
    assert ada.credentials == {}


def test_a_token_does_as_well_and_says_whose_it_is(lake, ada, bob):
    store(bob, "", token_of(lake, ada))
    assert len(run(ScopesQuery(lake), bob)) == 3
    assert Lake(bob.context(), lake).account() == "ada"


@pytest.mark.parametrize("token", ["ada-ada-unknown-0123", "a b", "a\nb", "☃"])
def test_a_token_that_is_none_is_forgotten(lake, ada, token):
    store(ada, "", token)
    with pytest.raises(UsageError, match="It is deleted here"):
        run(ScopesQuery(lake), ada)
    assert ada.credentials == {}


def test_a_token_that_expires_meanwhile_is_replaced_once(rucio, lake, ada):
    asked = Lake(ada.context(), lake)
    url = lake.address("scopes", "")
    asked.document(url)
    rucio.forget_tokens()
    assert asked.document(url) == ["survey", "user.ada", "empty"]


def test_the_portals_token_reads_for_whoever_has_none(lake, ada, stranger):
    shared = LakeSettings.model_validate({**dict(lake), "token": token_of(lake, ada)})
    assert len(run(ScopesQuery(shared), stranger)) == 3
    assert "ada-ada" not in repr(shared)


def test_the_portals_token_acts_for_nobody(lake, ada, stranger):
    shared = LakeSettings.model_validate({**dict(lake), "token": token_of(lake, ada)})
    with pytest.raises(UsageError, match="in your own name"):
        Lake(stranger.context(), shared).account()


def test_a_token_of_the_portal_that_is_refused_is_a_matter_of_its_operators(lake, stranger):
    shared = LakeSettings.model_validate({**dict(lake), "token": "old"})
    with pytest.raises(ServiceError, match="operators"):
        run(ScopesQuery(shared), stranger)


def test_no_secret_stays_in_a_job(lake, ada):
    run(ScopesQuery(lake), ada)
    assert PASSWORDS["ada"] not in repr((ada.reports, ada.lines, ada.checkpoints))
