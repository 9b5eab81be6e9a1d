"""The file of an export, fetched from where the Zooniverse keeps it."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import ServiceError
from portal_zooniverse.answers import refusal
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.resources import Export

FILE = "export.csv"
CHUNK = 1 << 18
MEGABYTE = 1_000_000
FRESH_LINKS = 2
# What stores answer to a signed address whose time is over.
EXPIRED = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
)


def download(
    panoptes: Panoptes, context: JobContext, export: Export, refresh: Callable[[], Export]
) -> Path:
    """Return the path of the file; `refresh` gives the export with a new address.

    The address has a signature in it: it is told to nobody, and no login goes there.
    """
    for left in reversed(range(FRESH_LINKS + 1)):
        response = _get(panoptes, context, export)
        if response is not None and response.status_code not in EXPIRED:
            return _saved(response, context)
        if response is not None:
            response.close()
        if left:
            context.log("The address of the export was no longer good: a new one is asked for")
            export = refresh()
    if response is None:
        raise ServiceError("the Zooniverse says that the export is ready, but not where it is")
    raise ServiceError(refusal(response, b"").message)


def _get(panoptes: Panoptes, context: JobContext, export: Export) -> requests.Response | None:
    address = export.src
    if not address or urlsplit(address).scheme not in ("http", "https"):
        return None
    return panoptes.patiently(lambda: context.http.get(address))


def _saved(response: requests.Response, context: JobContext) -> Path:
    if response.status_code != HTTPStatus.OK:
        response.close()
        raise refusal(response, b"")
    path = context.data_dir / FILE
    count = 0
    with open_body(response) as body, path.open("wb") as file:
        while data := body.read(CHUNK):
            file.write(data)
            count += len(data)
            context.report(None, f"{count / MEGABYTE:,.1f} MB of the export have arrived")
    return path
