"""The requests to a TAP service, TAP 1.1: its capabilities, and queries."""

import xml.etree.ElementTree as ET
from contextlib import closing
from urllib.parse import urljoin

import requests

from portal.plugins import open_body
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.addresses import base_url
from portal_vo.uploads import TableUpload
from portal_vo.uws import RemoteJob
from portal_vo.words import blame
from portal_vo.words import refusal
from portal_vo.words import words_of
from portal_vo.xml import find_all
from portal_vo.xml import read_xml

BINARY2 = "ivo://ivoa.net/std/tapregext#output-votable-binary2"
CAPABILITIES_SECONDS = 10
NO_ASYNC_STATUSES = frozenset({404, 405, 410, 501})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CREATED = 201
FAILED = 400
NOT_FOUND = 404


class TapService:
    """One TAP service, by its access URL; every request goes through the guarded session."""

    def __init__(self, http: requests.Session, access_url: str) -> None:
        self._http = http
        self.url = base_url(access_url)

    def query_sync(
        self,
        query: str,
        *,
        maxrec: int,
        response_format: str | None = None,
        upload: TableUpload | None = None,
    ) -> ResultTable:
        """Ask, and return the answer while it arrives; raises in the service's own words."""
        form = _form(query, maxrec, response_format)
        response = self._post("sync", form, upload)
        if response.status_code == NOT_FOUND:
            raise UsageError(f"there is no TAP service at {self.url}: {words_of(response)}")
        return read_table(response)

    def create_job(
        self,
        query: str,
        *,
        maxrec: int,
        response_format: str | None = None,
        upload: TableUpload | None = None,
    ) -> RemoteJob | None:
        """Make a job that is not run yet; None when the service offers no jobs.

        Raises in the service's own words when it offers them, but not for this query.
        """
        form = _form(query, maxrec, response_format)
        response = self._post("async", form, upload, allow_redirects=False)
        location = response.headers.get("Location")
        if response.status_code in REDIRECTS | {CREATED} and location:
            response.close()
            return self.job(urljoin(f"{self.url}/async", location))
        if response.status_code >= FAILED and response.status_code not in NO_ASYNC_STATUSES:
            raise refusal(response)
        response.close()
        return None

    def job(self, url: str) -> RemoteJob:
        """Return a job of this service; ServiceError when its URL is somebody else's."""
        return RemoteJob(self._http, url, service_url=self.url)

    def get(self, resource: str, **asked: str) -> requests.Response:
        """Return the answer of a resource below the service; raises in its own words."""
        response = self._http.get(f"{self.url}/{resource}", params=asked)
        if response.status_code >= FAILED:
            raise refusal(response)
        return response

    def fetch(self, url: str) -> requests.Response | None:
        """Return the answer at a URL of the service; None when there is nothing."""
        response = self._http.get(url)
        if response.status_code < FAILED:
            return response
        response.close()
        return None

    def capabilities(self) -> ET.Element | None:
        """Return what the service says it can do; None where that cannot be read."""
        url = f"{self.url}/capabilities"
        try:
            response = self._http.get(url, timeout=CAPABILITIES_SECONDS)
            if response.status_code >= FAILED:
                response.close()
                return None
            return read_xml(response)
        except (ServiceError, TransientError):
            return None

    def preferred_format(self) -> str | None:
        """Return the RESPONSEFORMAT to ask for, as the service advertises it now."""
        return preferred_format(self.capabilities())

    def _post(
        self,
        resource: str,
        form: dict[str, str],
        upload: TableUpload | None,
        *,
        allow_redirects: bool = True,
    ) -> requests.Response:
        url = f"{self.url}/{resource}"
        if upload is None:
            return self._http.post(url, data=form, allow_redirects=allow_redirects)
        body = upload.body(form)
        with closing(body):
            headers = {"Content-Type": body.content_type}
            return self._http.post(url, data=body, headers=headers, allow_redirects=allow_redirects)


def preferred_format(capabilities: ET.Element | None) -> str | None:
    """Return the RESPONSEFORMAT to ask for: BINARY2 where it is advertised.

    It is the fastest to read. Capabilities that cannot be read mean no wish.
    """
    for output in () if capabilities is None else find_all(capabilities, "outputFormat"):
        if (output.get("ivo-id") or "").casefold() == BINARY2:
            names = [one.text for kind in ("mime", "alias") for one in find_all(output, kind)]
            return next((name.strip() for name in names if name and name.strip()), None)
    return None


def read_table(response: requests.Response) -> ResultTable:
    """Return the table of an answer while it arrives.

    Raises UsageError, TransientError or ServiceError in the service's own words, whether it
    says so by the HTTP status or inside a VOTable.
    """
    if response.status_code >= FAILED:
        raise refusal(response)
    try:
        return ResultTable.from_votable(open_body(response))
    except ServiceError as error:
        raise blame(error.message) from error


def _form(query: str, maxrec: int, response_format: str | None) -> dict[str, str]:
    form = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": query, "MAXREC": str(maxrec)}
    return form | ({"RESPONSEFORMAT": response_format} if response_format else {})
