"""What ESAP's published shopping client does, written down: its requests, and how it reads answers.

`Session` is whatever has a `get` like that of requests; here a test client of the portal.
"""

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

ENDPOINT = "esap-api/accounts/user-profiles/"
MARGIN_SECONDS = 10


class ShoppingClient:
    """Fetches the basket of whoever has the token."""

    def __init__(self, token: str, host: str, get: Callable[[str, dict[str, str]], Any]) -> None:
        self.token = token
        self.host = host
        self._get = get

    def get_basket(self, *connectors: "Connector") -> list[dict[str, Any]] | None:
        """Return the items, or those that one of the connectors knows."""
        if not self.is_valid():
            raise RuntimeError("the client asks for another token")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.token}"}
        answer = self._get(urljoin(self.host, ENDPOINT), headers)
        if answer.status_code >= 400:
            return None
        cart = json.loads(answer.get_data())["results"][0]["shopping_cart"]
        if not connectors:
            return cart
        return [item for item in cart if any(one.validate(item) for one in connectors)]

    def is_valid(self) -> bool:
        """Look at the end of the token; the padding is counted as the client counts it."""
        part = self.token.split(".")[1]
        padded = part + "=" * (len(self.token) % 4)
        return (
            json.loads(base64.urlsafe_b64decode(padded))["exp"] > int(time.time()) + MARGIN_SECONDS
        )


class Connector:
    """Knows the items of one archive."""

    def __init__(self, archive: str) -> None:
        self.archive = archive

    def validate(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """Return the data of an item of this archive."""
        data = json.loads(item["item_data"])
        return data if data.get("archive") == self.archive else None


class Zooniverse(Connector):
    """Reads items as the connector of the Zooniverse does, which mends quotation marks."""

    def __init__(self) -> None:
        super().__init__("zooniverse")

    def entity(self, item: dict[str, Any]) -> tuple[str, int]:
        """Return what kind of thing an item is, and its number."""
        data = json.loads(item["item_data"].replace("'", '"'))
        return data["catalog"], int(data[data["catalog"] + "_id"])
