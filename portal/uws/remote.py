"""The gateway of workers that reach the portal over HTTP and share nothing else with it."""

import logging
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import requests

from portal.credentials import RemoteCredential
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws import wire
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import EndedChild
from portal.uws.gateway import Ending
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.gateway import Standing
from portal.uws.transport import Bearer
from portal.uws.transport import Call
from portal.uws.transport import JSON
from portal.uws.transport import kind_of
from portal.uws.transport import READ_SECONDS
from portal.uws.transport import reason_of
from portal.uws.transport import RefusedError
from portal.uws.transport import Transport

CHECK_SECONDS = 600.0  # the portal looks at every row of a result that it was sent
PIECE_BYTES = 1 << 20
NOT_HELD = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT})

log = logging.getLogger(__name__)


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
        self._transport = Transport(f"{url.rstrip('/')}/uws/worker")
        self._token = Bearer(token)
        self._keys: dict[str, Bearer] = {}
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
        return self._once(job, "POST", "progress", told) is not None

    def log(self, job: ClaimedJob, lines: Sequence[str]) -> bool:
        """Write lines; not tried twice, for the attempt keeps what was not taken."""
        told = wire.Lines(lines=[_cut(line) for line in lines])
        return self._once(job, "POST", "log", told) is not None

    def credential(self, job: ClaimedJob, service: str) -> RemoteCredential | None:
        """Ask for what logs the job's owner in at a service."""
        wish = wire.CredentialWish(service=service)
        answer = self._post(job, "credential", wish)
        if answer is None or answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        return wire.CREDENTIAL.validate_json(answer.content)

    def forget_credential(self, job: ClaimedJob, service: str) -> bool:
        """Have what a service has refused deleted."""
        wish = wire.CredentialWish(service=service)
        return self._post(job, "credential/refused", wish) is not None

    def fetch_upload(self, job: ClaimedJob, upload_id: str, folder: Path) -> Path:
        """Bring the file into `folder`, piece by piece."""
        try:
            call = Call(method="GET", path=_path(job, f"uploads/{upload_id}"), is_streamed=True)
            answer = self._again(job, call)
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
            raise GatewayAwayError(f"A file did not come whole: {reason_of(error)}.") from error
        return path

    def children(self, job: ClaimedJob) -> Sequence[EndedChild]:
        """Ask how the job's children ended."""
        answer = self._again(job, Call(method="GET", path=_path(job, "children")))
        return [] if answer is None else wire.CHILDREN.validate_json(answer.content)

    def partial(self, job: ClaimedJob, result: ResultRecord) -> bool:
        """Show a result that is still arriving."""
        told = wire.StoredResult.of(result)
        return self._post(job, "partial", told) is not None

    def checkpoint(self, job: ClaimedJob, key: str, value: str) -> bool:
        """Commit what the next attempt must know."""
        told = wire.CheckpointValue(key=key, value=value)
        return self._post(job, "checkpoint", told) is not None

    def upload(self, job: ClaimedJob, name: str, file_name: str, content: BinaryIO) -> bool:
        """Send a file of a result; what `content.read` raises ends it."""
        path = _path(job, f"results/{name}/{file_name}")
        call = Call(method="PUT", path=path, told=content, seconds=CHECK_SECONDS)
        return self._again(job, call) is not None

    def finish(
        self,
        job: ClaimedJob,
        results: Sequence[ResultRecord],
        *,
        lines: Sequence[str] = (),
        goes_on: bool = False,
    ) -> Ending:
        """Complete the job with results that were uploaded; lines are sent once, before that."""
        try:
            if lines:
                self.log(job, lines)
        except GatewayAwayError as error:
            log.warning("job %s: its last lines are lost: %s", job.id, error)
        told = wire.StoredResults(results=[wire.StoredResult.of(one) for one in results])
        return Ending(self._post(job, "finish", told) is not None)

    def fail(
        self,
        job: ClaimedJob,
        error: PortalError,
        *,
        goes_on: bool = False,
    ) -> Ending:
        """End the job with an error, or have it queued again."""
        told = wire.Failure(
            message=_cut(error.message), detail=_cut(error.detail), fatal=error.fatal
        )
        return Ending(self._post(job, "fail", told) is not None)

    def overrun(self, job: ClaimedJob) -> bool:
        """Abort the job; not tried twice, for the portal sees to it as well."""
        return self._once(job, "POST", "overrun") is not None

    def release(self, job: ClaimedJob) -> bool:
        """Give the job back."""
        return self._post(job, "release") is not None

    def _claim(self, claim: wire.Claim) -> ClaimedJob | None:
        call = Call(
            method="POST", path="claim", told=_json(claim), seconds=READ_SECONDS + claim.wait
        )
        answer = self._transport.send(call, self._token)
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return None
        if kind_of(answer) != JSON:
            raise GatewayAwayError(f"{self._transport.url} is answered, but not by a portal.")
        given = wire.ClaimAnswer.model_validate_json(answer.content)
        self._keys[given.job.token] = Bearer(given.key)
        self.lease_seconds = given.lease
        return given.job

    def _once(
        self, job: ClaimedJob, method: str, path: str, told: wire.Message | None = None
    ) -> requests.Response | None:
        """Say something for a job; None: the attempt does not hold it."""
        call = Call(method=method, path=_path(job, path), told=_json(told) if told else None)
        return self._unless_lost(job, lambda: self._transport.send(call, self._keys[job.token]))

    def _again(self, job: ClaimedJob, call: Call) -> requests.Response | None:
        """Do as `_once`, and again while the portal is away and the lease may still last."""
        key, patience = self._keys[job.token], self.lease_seconds
        send = self._transport.send_again
        return self._unless_lost(job, lambda: send(call, key, patience=patience))

    def _post(
        self, job: ClaimedJob, path: str, told: wire.Message | None = None
    ) -> requests.Response | None:
        body = _json(told) if told else None
        return self._again(job, Call(method="POST", path=_path(job, path), told=body))

    def _unless_lost(
        self, job: ClaimedJob, send: Callable[[], requests.Response]
    ) -> requests.Response | None:
        try:
            return send()
        except RefusedError as error:
            if error.answered in NOT_HELD:
                log.info("job %s: %s", job.id, error)
                return None
            raise


def _path(job: ClaimedJob, path: str) -> str:
    return f"jobs/{job.id}/{path}"


def _json(message: wire.Message) -> bytes:
    return message.model_dump_json().encode()


def _cut(text: str) -> str:
    return text.encode(errors="replace").decode()[: wire.MOST_TEXT]
