"""Programs that were written for ESAP find the basket where it was, with a token that ends."""

import base64
import json
import re
from datetime import timedelta

import pytest

from portal.accounts.esap_tokens import make_esap_token
from portal.basket.adding import add_received
from portal.plugins.types import DataItem
from portal.problems import UsageError
from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token
from tests.support.shopping_client import Connector
from tests.support.shopping_client import ENDPOINT
from tests.support.shopping_client import ShoppingClient
from tests.support.shopping_client import Zooniverse

FORM = "/archives/lab/query.lab-stars"
HOST = "http://localhost/"
JWT = re.compile(r'value="([\w-]+\.[\w-]+\.[\w-]+)"')


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def token(client):
    """Return a token that the owner of the browser made for a shopping client."""
    answer = client.post("/account/esap-tokens", data={"label": "notebook", "lifetime": "30"})
    assert answer.status_code == 201
    return JWT.search(answer.text)[1]


@pytest.fixture
def shopping(app, token):
    return shopper(app, token)


def shopper(app, token):
    program = app.test_client(use_cookies=False)
    return ShoppingClient(token, HOST, lambda url, headers: program.get(url, headers=headers))


def data_of(items):
    return [json.loads(item["item_data"]) for item in items]


def test_the_shopping_client_finds_rows_as_they_were(client, work, shopping):
    client.post(FORM, data={"rows": "4", "basket": "current"})
    work()

    items = shopping.get_basket()

    [star] = [one for one in data_of(items) if one["record"]["title"] == "Star 3, lab"]
    assert star["archive"] == "lab"
    assert star["record"]["mag"] == 19.25
    assert (star["record"]["name"], star["record"]["ra"]) == ("Star 3, lab", 3.0)
    assert star["record"]["url"] == "http://lab.example/3.fits"
    assert {item["user_profile"] for item in items} == {"me"}
    assert len(shopping.get_basket(Connector("lab"))) == 4
    assert shopping.get_basket(Connector("apertif")) == []


def test_rows_whose_job_is_gone_are_what_the_basket_knows(client, work, shopping):
    job = client.post(FORM, data={"rows": "1", "basket": "current"}).location
    work()
    client.post(f"{job}/delete")

    [star] = data_of(shopping.get_basket())
    assert (star["record"]["ra"], star["record"]["name"]) == (0.0, None)
    assert "mag" not in star["record"]


def test_items_of_the_zooniverse_and_of_samp_have_their_own_shapes(app, client, shopping):
    client.post("/baskets", data={"name": "It's mine"})
    with client.session_transaction() as session:
        owner = session["owner"]
    zoo = "zooniverse://project/12"
    with app.app_context():
        items = [
            DataItem(title="Galaxies: subjects", publisher_did=f"{zoo}/subjects"),
            DataItem(title="w", publisher_did=f"{zoo}/workflow/34/classifications"),
            DataItem(title='Somebody\'s "file"', access_url="https://data.example/a.fits"),
        ]
        add_received(owner, items, sender="TOPCAT")

    basket = shopping.get_basket()

    project, workflow = sorted(shopping.get_basket(Zooniverse()), key=str, reverse=True)
    entities = {Zooniverse().entity(one) for one in (project, workflow)}
    assert entities == {("project", 12), ("workflow", 34)}
    [sent] = [Connector("samp").validate(one) for one in shopping.get_basket(Connector("samp"))]
    assert sent["record"][0] == 'Somebody\'s "file"'
    assert all("'" not in one["item_data"] for one in basket)


def test_a_whole_result_is_one_item(client, work, shopping):
    client.post(FORM, data={"rows": "1001", "basket": "current"})
    work()

    [item] = data_of(shopping.get_basket())
    assert item["record"]["rows"] == 1001


@pytest.mark.parametrize("length", range(8))
def test_the_client_reads_the_end_of_a_token_of_any_length(app, length):
    with app.app_context():
        made = make_esap_token(
            "a" * 32, issuer="https://p.example/" + "x" * length, label="", lifetime=timedelta(1)
        )

    assert shopper(app, made.secret).is_valid()


def test_a_token_that_was_revoked_opens_nothing(app, client, token, shopping):
    assert shopping.get_basket() == []
    revoke = re.search(r'href="(/account/tokens/[0-9a-f]+/revoke)"', client.get("/account").text)
    client.post(revoke[1])

    assert shopping.get_basket() is None
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1]))
    assert claims["jti"] in revoke[1]


def test_a_token_that_was_changed_opens_nothing(app, token):
    head, claims, signature = token.split(".")
    later = json.loads(base64.urlsafe_b64decode(claims)) | {"exp": 10**11}
    forged = base64.urlsafe_b64encode(json.dumps(later).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")

    for secret in (
        f"{head}.{forged}.{signature}",
        f"{none}.{forged}.",
        f"{head}.{claims}.{signature[:-2]}AA",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        "a.b.c",
    ):
        answer = app.test_client().get(f"/{ENDPOINT}", headers=bearer(secret))
        assert answer.status_code == 401, secret
        assert answer.mimetype == "application/problem+json"


def test_a_token_for_the_shopping_client_opens_nothing_else(app, token):
    program = app.test_client(use_cookies=False)

    for address in ("/uws/jobs", "/api/baskets", "/basket", "/account"):
        assert program.get(address, headers=bearer(token)).status_code == 403, address


def test_an_api_token_opens_the_old_address_too_and_nobody_sees_anothers(app, client, work):
    client.post(FORM, data={"rows": "2", "basket": "current"})
    work()
    headers = bearer(make_token(client))
    program = app.test_client(use_cookies=False)

    assert (
        len(program.get(f"/{ENDPOINT}", headers=headers).json["results"][0]["shopping_cart"]) == 2
    )
    assert program.get(f"/{ENDPOINT}me/", headers=headers).json["user_name"] == "me"
    assert program.get(f"/{ENDPOINT}ada/", headers=headers).status_code == 404
    assert program.get(f"/{ENDPOINT}?user_name=me").status_code == 401
    assert program.get(f"/{ENDPOINT}me/").status_code == 401


def test_what_changes_things_there_is_refused(client, token):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.open(f"/{ENDPOINT}", method=method).status_code == 405
    assert client.post("/esap-api/accounts/shopping-items/").status_code == 404


def test_a_token_without_an_end_or_by_a_token_is_not_made(app, client, token):
    with app.app_context(), pytest.raises(UsageError):
        make_esap_token("a" * 32, issuer="x", label="", lifetime=timedelta(days=366))
    assert client.post("/account/esap-tokens", data={"lifetime": "unlimited"}).status_code == 422
    by_token = app.test_client().post("/account/esap-tokens", headers=bearer(make_token(client)))
    assert by_token.status_code == 403
