"""Addresses of repositories: of http and https, in one spelling that all programs read alike."""

import re
from urllib.parse import urlsplit

import requests

from portal.problems import UsageError

ADDRESS = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?"
)
ADDRESS_LENGTH = 2000


def check_address(address: str) -> str:
    """Return the address of a repository in one spelling; raises UsageError for all others.

    What is returned means the same to every program that reads it, and begins with http.
    """
    stripped = address.strip()
    if not stripped.casefold().startswith(("http://", "https://")):
        raise UsageError(
            "Give the address of a git repository that begins with https:// or http://."
        )
    if "@" in _place_in(stripped):
        raise UsageError("An address with a user name or password in it is not accepted.")
    try:
        url = str(requests.Request("GET", stripped).prepare().url)
    except (requests.RequestException, UnicodeError) as error:
        raise UsageError("This is not the address of a git repository.") from error
    url = url.rstrip("/")
    if len(url) > ADDRESS_LENGTH or not ADDRESS.fullmatch(url):
        raise UsageError(
            "This is not the address of a git repository: it has neither spaces nor ? or #."
        )
    return url


def _place_in(address: str) -> str:
    """Return the part of an address that names the host; UsageError where there is none."""
    try:
        place = urlsplit(address).netloc
    except ValueError as error:
        raise UsageError("This is not the address of a git repository.") from error
    if not place:
        raise UsageError("This is not the address of a git repository.")
    return place
