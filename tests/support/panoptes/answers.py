"""How the API answers, and how it refuses."""

import json
from urllib.parse import parse_qsl

from tests.support.loopback import Exchange

MEDIA_TYPE = "application/vnd.api+json; version=1"


class RefusalError(Exception):
    """What is wrong with a request, and the status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def send(exchange: Exchange, document: object, status: int = 200, **headers: str) -> None:
    """Answer with JSON."""
    exchange.answer(json.dumps(document), status=status, content_type=MEDIA_TYPE, **headers)


def refuse(exchange: Exchange, status: int, message: str, **headers: str) -> None:
    """Answer with an error of the API's form."""
    send(exchange, {"errors": [{"message": message}]}, status, **headers)


def query_of(exchange: Exchange) -> dict[str, str]:
    """Return the parameters in the address."""
    return dict(parse_qsl(exchange.query))


def check_names(form: dict[str, str], known: set[str]) -> None:
    """Refuse parameters that the real API would ignore."""
    for name in form.keys() - known:
        raise RefusalError(422, f"found unpermitted parameter: :{name}")


def check_accept(exchange: Exchange) -> None:
    """Refuse what does not say which version of the API it means: there is no route for it."""
    if exchange.headers.get("accept") != MEDIA_TYPE:
        raise RefusalError(404, "Not Found")


def sent_json(exchange: Exchange) -> dict:
    """Return the document that was sent; only JSON is taken."""
    if exchange.headers.get("content-type") not in ("application/json", "application/vnd.api+json"):
        words = "Only requests with Content-Type: application/json or application/vnd.api+json"
        raise RefusalError(415, f"{words} are allowed")
    return json.loads(exchange.body)
