import pytest

from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_zooniverse.users import UserProjectsParameters
from portal_zooniverse.users import UserProjectsQuery
from portal_zooniverse.workflows import WorkflowsParameters
from portal_zooniverse.workflows import WorkflowsQuery
from tests.plugins.zooniverse.conftest import PASSWORD
from tests.support.panoptes import project
from tests.support.panoptes import role
from tests.support.panoptes import user


@pytest.fixture
def mine(ours, read):
    """Return a function that lists one's own projects."""

    def mine(job):
        table = UserProjectsQuery(ours).run(UserProjectsParameters(), job.context())
        return [row["project_id"] for row in read(table)[0]]

    return mine


def store(job, user_name, secret, service="zooniverse"):
    job.credentials = {service: RemoteCredential(user_name=user_name, secret=secret)}


def asked(team, path):
    return [one for one in team.server.requests if one.path == path]


def test_a_password_gets_one_token_that_is_shown_to_the_api(mine, member, team):
    assert mine(member) == [1, 2]
    (grant,) = asked(team, "/oauth/token")
    assert (grant.method, grant.query) == ("POST", "")
    shown = {one.headers.get("authorization") for one in team.server.requests[1:]}
    assert shown == {"Bearer token-1-for-Ada"}


def test_a_stored_token_is_used_as_it_is(mine, member, team):
    team.accounts.tokens["a-token"] = "Ada"
    store(member, "", "a-token")
    assert mine(member) == [1, 2]
    assert asked(team, "/oauth/token") == []


def test_a_login_that_was_stored_for_the_host_does_as_well(mine, member):
    store(member, "Ada", PASSWORD, service="127.0.0.1")
    assert mine(member) == [1, 2]


def test_a_wrong_password_is_said_as_such_and_kept_nowhere(mine, member, team):
    store(member, "Ada", "wr0ng-passw0rd")
    with pytest.raises(UsageError) as caught:
        mine(member)
    assert caught.value.message == (
        "The Zooniverse does not accept the user name Ada with the stored password. "
        "It is deleted here. "
        "Store your login for zooniverse anew under Account, Logins at archives."
    )
    assert len(team.server.requests) == 1
    assert member.credentials == {}
    assert "wr0ng-passw0rd" not in repr((member, caught.value, caught.value.detail))


def test_a_token_that_is_no_longer_good_is_said_as_such(mine, member):
    store(member, "", "an-old-token")
    with pytest.raises(UsageError, match="does not accept the stored token"):
        mine(member)
    assert member.credentials == {}


@pytest.mark.parametrize("token", ["a\nb", "ü", "a b", "x" * 10_001])
def test_what_can_be_no_token_is_not_sent(mine, member, team, token):
    store(member, "", token)
    with pytest.raises(UsageError, match="is none") as caught:
        mine(member)
    assert team.server.requests == []
    assert member.credentials == {}
    assert token not in caught.value.message


def test_a_token_is_replaced_before_its_time_is_over(mine, member, team):
    team.accounts.expires_in = 60
    assert mine(member) == [1, 2]
    assert len(asked(team, "/oauth/token")) == len(team.server.requests) // 2


def test_a_token_that_is_refused_meanwhile_is_replaced(mine, member, team):
    grant = team.accounts.grant

    def grant_one_that_ends(exchange):
        grant(exchange)
        if len(asked(team, "/oauth/token")) == 1:
            team.accounts.tokens.clear()

    team.server.routes["/oauth/token"] = grant_one_that_ends
    assert mine(member) == [1, 2]
    assert len(asked(team, "/oauth/token")) == 2


def test_without_https_a_login_is_not_sent(panoptes, zooniverse, job, read):
    panoptes.projects = [project(1)]
    store(job, "Ada", PASSWORD)
    read(WorkflowsQuery(zooniverse).run(WorkflowsParameters(project="1"), job.context()))
    assert [one.path for one in panoptes.server.requests] == ["/api/projects/1", "/api/workflows"]
    assert not any("authorization" in one.headers for one in panoptes.server.requests)
    assert job.lines == ["The login for 127.0.0.1 was not sent, as the address is not HTTPS"]


def test_a_redirect_takes_neither_the_password_nor_the_token_along(mine, member, team, panoptes):
    member.allow = frozenset([team.server.host, panoptes.server.host])
    panoptes.accounts.users = [user(7, "Ada")]
    panoptes.accounts.roles = [role(1, 7, 1)]

    def elsewhere(exchange):
        exchange.head(307, location=panoptes.server.url + exchange.path, content_length="0")

    team.server.routes["/api/me"] = elsewhere
    with pytest.raises(UsageError):
        mine(member)
    store(member, "Ada", PASSWORD)
    team.server.routes["/oauth/token"] = elsewhere
    with pytest.raises(ServiceError, match="asked for a token and sent none"):
        mine(member)
    assert {one.path for one in panoptes.server.requests} == {"/api/me"}
    assert not any("authorization" in one.headers for one in panoptes.server.requests)


@pytest.mark.parametrize(
    ("status", "kind"), [(403, ServiceError), (422, ServiceError), (503, TransientError)]
)
def test_a_refusal_that_repeats_the_password_is_not_passed_on(mine, member, team, status, kind):
    team.server.routes["/oauth/token"] = lambda one: one.answer(one.body, status=status)
    with pytest.raises(kind) as caught:
        mine(member)
    assert PASSWORD not in repr((caught.value, caught.value.detail, member.lines, member.reports))


def test_a_rate_limit_on_tokens_is_kept_to(mine, member, team):
    grant = team.accounts.grant

    def refuse_once(exchange):
        team.server.routes["/oauth/token"] = grant
        exchange.answer("slow down", status=429, retry_after="0")

    team.server.routes["/oauth/token"] = refuse_once
    assert mine(member) == [1, 2]
    assert "the Zooniverse asks to wait for 0 s" in member.messages


@pytest.mark.parametrize("body", ["", "[]", '{"access_token": "a\\nb"}', '{"access_token": 1}'])
def test_an_answer_without_a_token_is_the_services_failure(mine, member, team, body):
    team.server.routes["/oauth/token"] = lambda one: one.answer(body)
    with pytest.raises(ServiceError, match="sent none"):
        mine(member)


def test_the_login_opens_private_projects_in_the_other_form(ours, member, stranger, read):
    query, parameters = WorkflowsQuery(ours), WorkflowsParameters(project="ada/comets")
    rows, _ = read(query.run(parameters, member.context()))
    assert [row["workflow_id"] for row in rows] == [20, 21]
    with pytest.raises(UsageError, match="no public project"):
        query.run(parameters, stranger.context())


def test_nothing_of_a_login_is_in_addresses_lines_or_checkpoints(mine, member, team):
    mine(member)
    addresses = [f"{one.path}?{one.query}" for one in team.server.requests]
    told = repr((addresses, member.lines, member.reports, member.checkpoints))
    assert PASSWORD not in told
    assert "token-1" not in told
    assert member.lines == ["Logging in at 127.0.0.1"]
