import pytest

from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError


@pytest.fixture
def fail(app):
    """Return a function that adds an address which raises."""

    def fail(error):
        def view():
            raise error

        app.add_url_rule("/fail", "fail", view)
        return app.test_client()

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("gone"), 404),
        (UsageError("wrong <b>"), 400),
        (TransientError("later"), 503),
        (ServiceError("fell over"), 502),
        (PortalError("odd"), 500),
    ],
)
def test_an_error_is_a_page_with_its_status_and_words(fail, error, status):
    response = fail(error).get("/fail")
    page = response.get_data(as_text=True)

    assert response.status_code == status
    assert "<!doctype html>" in page
    assert error.message.replace("<b>", "&lt;b&gt;") in page


def test_a_passing_failure_says_when_to_come_back(fail):
    assert fail(TransientError("later")).get("/fail").headers["Retry-After"] == "30"


def test_a_fragment_gets_a_fragment(fail):
    page = fail(UsageError("wrong")).get("/fail", headers={"HX-Request": "true"})

    assert page.status_code == 400
    assert "<!doctype" not in page.get_data(as_text=True)


def test_a_program_gets_a_problem_as_json(fail):
    response = fail(UsageError("wrong")).get("/fail", headers={"Accept": "application/json"})

    assert response.content_type == "application/problem+json"
    assert response.json["detail"] == "wrong"
    assert response.json["status"] == 400


def test_a_mistake_of_ours_tells_a_reference_and_nothing_else(app, fail, caplog):
    app.testing = False
    response = fail(ZeroDivisionError("/secret/path")).get("/fail")
    page = response.get_data(as_text=True)

    assert response.status_code == 500
    assert "secret" not in page
    reference = caplog.records[-1].args[0]
    assert reference in page


def test_an_address_that_is_none_is_a_404_page(client):
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert "<!doctype html>" in response.get_data(as_text=True)


def test_a_wrong_method_says_which_are_right(client):
    response = client.post("/health")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_form_that_is_too_large_is_refused(app, client):
    response = client.post("/basket/items", data={"job": "x" * 3_000_000})

    assert response.status_code == 413
