"""The address of a request: an access URL, which may have parameters of its own, and ours."""

from collections.abc import Sequence
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

# Left as they are where a query may have them (RFC 3986, 3.4): old services do not decode.
UNCODED = ",:/{}"

Pairs = Sequence[tuple[str, str]]


def request_url(access_url: str, parameters: Pairs) -> str:
    """Return the URL that asks a service.

    What the access URL fixes stays in front; of a parameter that both have, ours counts.
    Names have no case (DALI 1.1, section 2.1).
    """
    parts = urlsplit(access_url.strip())
    ours = {name.casefold() for name, _ in parameters}
    fixed = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.casefold() not in ours
    ]
    query = urlencode([*fixed, *parameters], safe=UNCODED)
    return parts._replace(query=query, fragment="").geturl()
