import pytest

from portal.plugins import PortalError
from portal_zooniverse.availability import AvailabilityQuery


@pytest.fixture
def ask(zooniverse, job):
    query = AvailabilityQuery(zooniverse)
    return lambda: query.run(query.Parameters(), job.context())


def test_an_api_that_gives_a_page_of_projects_answers(panoptes, ask):
    assert ask().columns
    assert [one.path for one in panoptes.server.requests] == ["/api/projects"]


def test_an_api_that_is_away_does_not(panoptes, ask):
    panoptes.server.routes["/api/projects"] = lambda one: one.answer("gone fishing", status=500)

    with pytest.raises(PortalError):
        ask()
