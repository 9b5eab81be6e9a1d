"""The gateway of workers that reach the portal over HTTP and share nothing else with it."""

import logging
import random
import time
from collections.abc import Collection
from collections.abc import Sequence
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import BinaryIO

import requests
from requests.auth import AuthBase

from portal.credentials import RemoteCredential
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws import wire
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.gateway import Standing

CONNECT_SECONDS = 10.0
READ_SECONDS = 10.0
CHECK_SECONDS = 600.0  # the portal looks at every row of a result that it was sent
PIECE_BYTES = 1 << 20
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
PROBLEM = "application/problem+json"
JSON = "application/json"
ANY = "application/octet-stream"
NOT_HELD = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT})
AWAY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})

Body = bytes | BinaryIO | None

log = logging.getLogger(__name__)


class RefusedError(PortalError):
    """The portal understood what it was sent, and refuses it; `answered` is the status."""

    title = "The portal refused this"

    def __init__(self, message: str, *, answered: int) -> None:
        """Keep what the portal said."""
        super().__init__(message)
        self.answered = answered


class Bearer(AuthBase):
    """Sends a token; as a header of the session it would give way to a line in ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class HttpGateway:
    """Claims jobs with a worker's API token, and acts for each with the key that came with it.

    What may be said twice without harm is said again, while the portal is away, for as long
    as a lease lasts; then GatewayAwayError is raised. RefusedError is raised where the portal
    understands and says no. One gateway belongs to one process.
    """

    def __init__(self, url: str, token: str) -> None:
        """Talk to the portal at `url`, the address of its home page; nothing is sent yet.

        Raises UsageError when that can be no address.
        """
        if not url.startswith(("http://", "https://")):
            raise UsageError(
                f"{url} is no address of a portal, such as https://portal.example.org/esap."
            )
        self._url = f"{url.rstrip('/')}/uws/worker"
        self._token = Bearer(token)
        self._keys: dict[str, Bearer] = {}
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["Accept"] = f"{JSON}, {PROBLEM}"
        self.lease_seconds = 0.0

    def claim(self, job_id: str) -> ClaimedJob | None:
        """Take a queued job."""
        return self._claim(wire.Claim(job=job_id))

    def claim_next(self, types: Collection[str], *, seconds: float) -> ClaimedJob | None:
        """Take the oldest queued job of these types, or wait for one; None when none came."""
        return self._claim(wire.Claim(types=sorted(types), wait=seconds))

    def check(self, job: ClaimedJob) -> Standing:
        """Ask how the attempt stands."""
        answer = self._once(job, "GET", "standing")
        if answer is None:
            return Standing(hold=Hold.LOST)
        return wire.STANDING.validate_json(answer.content)

    def renew(self, job: ClaimedJob) -> bool:
        """Extend the lease; not tried twice, for the attempt asks again by itself."""
        return self._once(job, "POST", "lease") is not None

    def report(self, job: ClaimedJob, progress: float | None, message: str) -> bool:
        """Show progress; not tried twice, for newer progress follows."""
        told = wire.Progress(progress=progress, message=_cut(message))
        return self._once(job, "POST", "progress", _json(told)) is not None

    def log(self, job: ClaimedJob, lines: Sequence[str]) -> bool:
        """Write lines; not tried twice, for the attempt keeps what was not taken."""
        told = wire.Lines(lines=[_cut(line) for line in lines])
        return self._once(job, "POST", "log", _json(told)) is not None

    def credential(self, job: ClaimedJob, service: str) -> RemoteCredential | None:
        """Ask for what logs the job's owner in at a service."""
        wish = wire.CredentialWish(service=service)
        answer = self._again(job, "POST", "credential", _json(wish))
        if answer is None or answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        return wire.CREDENTIAL.validate_json(answer.content)

    def fetch_upload(self, job: ClaimedJob, upload_id: str, folder: Path) -> Path:
        """Bring the file into `folder`, piece by piece."""
        try:
            answer = self._again(job, "GET", f"uploads/{upload_id}", stream=True)
        except RefusedError as error:
            raise NotFoundError(error.message) from error
        if answer is None:
            raise NotFoundError("The job is no longer this worker's.")
        path = folder / upload_id
        try:
            with answer, path.open("wb") as file:
                for piece in answer.iter_content(PIECE_BYTES):
                    file.write(piece)
        except requests.RequestException as error:
            raise GatewayAwayError(f"A file did not come whole: {_reason(error)}.") from error
        return path

    def partial(self, job: ClaimedJob, result: ResultRecord) -> bool:
        """Show a result that is still arriving."""
        told = wire.StoredResult.of(result)
        return self._again(job, "POST", "partial", _json(told)) is not None

    def checkpoint(self, job: ClaimedJob, key: str, value: str) -> bool:
        """Commit what the next attempt must know."""
        told = wire.CheckpointValue(key=key, value=value)
        return self._again(job, "POST", "checkpoint", _json(told)) is not None

    def upload(self, job: ClaimedJob, name: str, file_name: str, content: BinaryIO) -> bool:
        """Send a file of a result; what `content.read` raises ends it."""
        path = f"results/{name}/{file_name}"
        return self._again(job, "PUT", path, content, seconds=CHECK_SECONDS) is not None

    def finish(self, job: ClaimedJob, results: Sequence[ResultRecord]) -> bool:
        """Complete the job with results that were uploaded."""
        told = wire.StoredResults(results=[wire.StoredResult.of(one) for one in results])
        return self._again(job, "POST", "finish", _json(told)) is not None

    def fail(self, job: ClaimedJob, error: PortalError) -> bool:
        """End the job with an error, or have it queued again."""
        told = wire.Failure(
            message=_cut(error.message), detail=_cut(error.detail), fatal=error.fatal
        )
        return self._again(job, "POST", "fail", _json(told)) is not None

    def overrun(self, job: ClaimedJob) -> bool:
        """Abort the job; not tried twice, for the portal sees to it as well."""
        return self._once(job, "POST", "overrun") is not None

    def release(self, job: ClaimedJob) -> bool:
        """Give the job back."""
        return self._again(job, "POST", "release") is not None

    def _claim(self, claim: wire.Claim) -> ClaimedJob | None:
        seconds = READ_SECONDS + claim.wait
        answer = self._send("POST", "claim", self._token, _json(claim), seconds)
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        if _kind(answer) != JSON:
            raise GatewayAwayError(f"{self._url} is answered, but not by a portal.")
        given = wire.ClaimAnswer.model_validate_json(answer.content)
        self._keys[given.job.token] = Bearer(given.key)
        self.lease_seconds = given.lease
        return given.job

    def _again(
        self,
        job: ClaimedJob,
        method: str,
        path: str,
        told: Body = None,
        *,
        seconds: float = READ_SECONDS,
        stream: bool = False,
    ) -> requests.Response | None:
        """Do as `_once`, and again while the portal is away and the lease may still last."""
        give_up = time.monotonic() + self.lease_seconds
        pause = FIRST_PAUSE
        while True:
            try:
                return self._once(job, method, path, told, seconds, stream=stream)
            except GatewayAwayError as error:
                if time.monotonic() + pause >= give_up:
                    raise
                if pause == FIRST_PAUSE:
                    log.warning("job %s: %s It is tried again.", job.id, error)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - nothing to guess
            pause = min(2 * pause, LONGEST_PAUSE)

    def _once(
        self,
        job: ClaimedJob,
        method: str,
        path: str,
        told: Body = None,
        seconds: float = READ_SECONDS,
        *,
        stream: bool = False,
    ) -> requests.Response | None:
        """Say something for a job; None: the attempt does not hold it."""
        path, key = f"jobs/{job.id}/{path}", self._keys[job.token]
        try:
            return self._send(method, path, key, told, seconds, stream=stream)
        except RefusedError as error:
            if error.answered in NOT_HELD:
                log.info("job %s: %s", job.id, error)
                return None
            raise

    def _send(
        self,
        method: str,
        path: str,
        auth: Bearer,
        told: Body,
        seconds: float,
        *,
        stream: bool = False,
    ) -> requests.Response:
        if told is not None and not isinstance(told, bytes):
            told.seek(0)
        try:
            answer = self._session.request(
                method,
                f"{self._url}/{path}",
                data=told,
                headers={"Content-Type": JSON if isinstance(told, bytes) else ANY},
                auth=auth,
                timeout=(CONNECT_SECONDS, seconds),
                allow_redirects=False,
                stream=stream,
            )
        except requests.RequestException as error:
            raise GatewayAwayError(f"The portal cannot be reached: {_reason(error)}.") from error
        return _understood(answer)


def _understood(answer: requests.Response) -> requests.Response:
    """Return an answer that says yes; what is not in the portal's words means that it is away."""
    if answer.status_code in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        return answer
    if _kind(answer) != PROBLEM or answer.status_code in AWAY or answer.status_code >= 500:  # noqa: PLR2004
        raise GatewayAwayError(f"The portal answers {answer.status_code} {answer.reason}.")
    said = str(answer.json().get("detail", "")) or answer.reason
    raise RefusedError(said, answered=answer.status_code)


def _kind(answer: requests.Response) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0]


def _reason(error: BaseException) -> str:
    """Return the words of the system, below those of the libraries."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__


def _json(message: wire.Message) -> bytes:
    return message.model_dump_json().encode()


def _cut(text: str) -> str:
    return text.encode(errors="replace").decode()[: wire.MOST_TEXT]
