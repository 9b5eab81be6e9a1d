"""What callers of the portal present in their Authorization header, and how they come by it."""

import base64
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SECRET = re.compile(r"apt_[\w-]{43}")


def bearer(secret: str) -> dict[str, str]:
    """Return the header of a program that sends a token as it should."""
    return {"Authorization": f"Bearer {secret}"}


def basic(user_name: str, password: str) -> dict[str, str]:
    """Return the header of a client that knows passwords only."""
    pair = base64.b64encode(f"{user_name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def make_token(browser: FlaskClient, **form: str) -> str:
    """Make a token on the account page and return it."""
    filled = {"label": "observatory", "lifetime": "30", **form}
    return shown_token(browser.post("/account/tokens", data=filled))


def shown_token(answer: TestResponse) -> str:
    """Return the token on a page."""
    return SECRET.search(answer.text)[0]
