"""U+0000 in what is sent is refused by the portal, and does not reach a database that has to."""

import pytest

from portal.nul import has_nul
from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token


@pytest.fixture
def plugins():
    return [("lab", lab)]


FORM = "/archives/lab/query.lab-stars"
ADDRESSES = ("/account/tokens", "/baskets", FORM, "/uws/jobs", "/account/notices")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("form", [{"label": "a\0b", "name": "a\0b", "rows": "\0"}, {"\0": "x"}])
def test_it_is_refused_in_forms(client, address, kind, form):
    answer = client.post(address, data=form, content_type=kind)

    assert answer.status_code in (400, 422), answer.text


def test_it_is_refused_in_the_name_of_a_file_and_not_in_its_content(client):
    head = b'Content-Disposition: form-data; name="a"; filename="a%sb"'
    body = b"--x\r\n" + head + b"\r\n\r\nfile\0\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"

    assert client.post("/baskets", data=body % b"\0", content_type=kind).status_code == 400
    named = client.post("/uws/query.lab-stars", data=body % b"-", content_type=kind)
    assert "U+0000" not in named.text


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/baskets", '{"name": "a\\u0000b"}'),
        ("/uws/jobs", '{"type": "query.lab-stars", "runid": "a\\u0000b"}'),
        ("/uws/jobs", '{"type": "query.lab-stars", "parameters": {"a\\u0000": [["\\u0000"]]}}'),
    ],
)
def test_it_is_refused_in_json(client, address, body):
    secret = make_token(client)

    answer = client.post(
        address, data=body, content_type="application/json", headers=bearer(secret)
    )

    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("sent", ["a\0", ["\0"], {"\0": 1}, {"a": [{"b": ["c", "\0"]}]}])
def test_it_is_found_wherever_it_is(sent):
    assert has_nul(sent)


@pytest.mark.parametrize("sent", [None, 0, "a", ["a", {"b": [1.5, True]}], {}])
def test_it_is_not_found_where_it_is_not(sent):
    assert not has_nul(sent)
