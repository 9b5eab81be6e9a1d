"""What callers of the portal present in their Authorization header."""

import base64


def bearer(secret: str) -> dict[str, str]:
    """Return the header of a program that sends a token as it should."""
    return {"Authorization": f"Bearer {secret}"}


def basic(user_name: str, password: str) -> dict[str, str]:
    """Return the header of a client that knows passwords only."""
    pair = base64.b64encode(f"{user_name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
