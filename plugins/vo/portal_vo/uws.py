"""A job at a remote service, UWS 1.1: looked at, run, aborted, fetched and deleted."""

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from urllib.parse import urljoin
from urllib.parse import urlsplit

import requests

from portal.plugins import ServiceError
from portal_vo.words import peer_of
from portal_vo.words import refusal
from portal_vo.words import words_of
from portal_vo.xml import find_all
from portal_vo.xml import find_text
from portal_vo.xml import local_name
from portal_vo.xml import read_xml

ENDED = frozenset({"COMPLETED", "ERROR", "ABORTED", "ARCHIVED"})
HREF = "{http://www.w3.org/1999/xlink}href"
RESULT_ID = "result"
READ_SECONDS = 30
KEPT_LONGER = timedelta(hours=6)  # so that a result can be fetched, also after a mishap
FAILED = 400
GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDocument:
    """What a service says about a job (UWS 1.1, section 2.1); `result_url` is absolute."""

    phase: str
    can_wait: bool
    error: str
    is_error_transient: bool
    result_url: str
    destruction: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Say whether the phase will not change any more."""
        return self.phase in ENDED

    @property
    def is_useful(self) -> bool:
        """Say whether the job has a result, or may still come to one."""
        return self.phase == "COMPLETED" or not self.has_ended


class RemoteJob:
    """One job, by its URL.

    The URL comes from the service, so it is used only when it is on the service's own host.
    """

    def __init__(self, http: requests.Session, url: str, *, service_url: str) -> None:
        if urlsplit(url).hostname != urlsplit(service_url).hostname:
            raise ServiceError(
                f"{peer_of(service_url)} put the job on another host, {peer_of(url)}: refused"
            )
        self._http = http
        self.url = url.rstrip("/")
        self._service_url = service_url

    def through(self, http: requests.Session) -> "RemoteJob":
        """Return the same job, reached through another session."""
        return RemoteJob(http, self.url, service_url=self._service_url)

    def look(self, *, wait: int = 0, phase: str = "") -> JobDocument | None:
        """Return the job as it is; None when the service does not know it (any more).

        With `wait`, a service of UWS 1.1 answers when the job leaves `phase`, or after so
        many seconds (section 2.2.1.1).
        """
        asked = {"WAIT": str(wait), "PHASE": phase} if wait else {}
        response = self._http.get(self.url, params=asked, timeout=wait + READ_SECONDS)
        if response.status_code in GONE:
            response.close()
            return None
        if response.status_code >= FAILED:
            raise refusal(response)
        return _read_job(read_xml(response), self.url)

    def run(self) -> None:
        """Start the job."""
        self._move("RUN")

    def abort(self) -> None:
        """Abort the job."""
        self._move("ABORT")

    def give_time(self, document: JobDocument, seconds: float) -> None:
        """Let the job run for so many seconds, and be kept for longer than that.

        What a service grants is its own affair: it is only asked. Nothing is shortened that
        the job has by itself.
        """
        wish = {"EXECUTIONDURATION": str(math.ceil(seconds))}
        self._post("executionduration", wish)
        until = datetime.now(UTC) + timedelta(seconds=seconds) + KEPT_LONGER
        if document.destruction is not None and document.destruction < until:
            self._post("destruction", {"DESTRUCTION": until.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def delete(self) -> None:
        """Delete the job with its results."""
        self._http.delete(self.url, allow_redirects=False).close()

    def fetch(self, document: JobDocument) -> requests.Response:
        """Return the answer with the job's result."""
        return self._http.get(document.result_url)

    def error_text(self) -> str:
        """Return what the error resource says, in full."""
        response = self._http.get(f"{self.url}/error")
        if response.status_code >= FAILED:
            response.close()
            return ""
        return words_of(response)

    def _move(self, phase: str) -> None:
        # Not in the request that creates the job: some services ignore it there.
        self._post("phase", {"PHASE": phase})

    def _post(self, resource: str, form: dict[str, str]) -> None:
        url = f"{self.url}/{resource}"
        response = self._http.post(url, data=form, allow_redirects=False)
        if response.status_code >= FAILED:
            raise refusal(response)
        response.close()


def _read_job(root: ET.Element, url: str) -> JobDocument:
    if local_name(root) != "job":
        raise ServiceError(f"{peer_of(url)} sent something that is not a job")
    summary = next(find_all(root, "errorSummary"), None)
    return JobDocument(
        phase=find_text(root, "phase").upper(),
        can_wait=(root.get("version") or "1.0") != "1.0",
        error="" if summary is None else find_text(summary, "message"),
        is_error_transient=summary is not None and summary.get("type") == "transient",
        result_url=_result_url(root, url),
        destruction=_instant(find_text(root, "destruction")),
    )


def _instant(text: str) -> datetime | None:
    """Return an instant as UWS writes it, in UTC; None for anything else."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def _result_url(root: ET.Element, url: str) -> str:
    """Return where the result is: the one called so, the first, or where TAP puts it."""
    results = {one.get("id", ""): one.get(HREF, "") for one in find_all(root, "result")}
    known = {name: href for name, href in results.items() if href}
    href = known.get(RESULT_ID) or next(iter(known.values()), f"{url}/results/{RESULT_ID}")
    return urljoin(f"{url}/", href)
