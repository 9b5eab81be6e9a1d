"""What remote workers call: claim a job, tell how it goes, and hand in its results.

A claim needs the API token of a worker. Everything else needs the key that came with the job:
it acts for that attempt at that job only, and for nothing once the job has ended or is another
attempt's. That is answered by 409, and the worker stops.
"""

import select
from collections.abc import Collection
from http import HTTPStatus
from typing import TypeVar

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask import send_file
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import LengthRequired
from werkzeug.exceptions import RequestEntityTooLarge

from portal.db import db
from portal.problems import PortalError
from portal.problems import problem
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from portal.uws import wire
from portal.uws.answers import problem_answer
from portal.uws.gateway import ClaimedJob
from portal.uws.held import DELIVERING
from portal.uws.held import HOLDING
from portal.uws.jobkeys import make_job_key
from portal.uws.jobkeys import read_job_key
from portal.uws.phases import ExecutionPhase
from portal.uws.routes.worker_door import worker_door

MOST_MESSAGE_BYTES = 2_000_000
SOCKETS = ("gunicorn.socket", "werkzeug.socket")  # where servers put the caller's connection
HANG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)

M = TypeVar("M", bound=wire.Message)

bp = Blueprint("uws_worker", __name__)


class NotHeldError(PortalError):
    """The job has ended, or is another attempt's: this one has to stop."""

    status = HTTPStatus.CONFLICT
    title = "This attempt does not hold the job"


class BadMessageError(PortalError):
    """A worker sent something else than what it should."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This message cannot be read"


@bp.errorhandler(PortalError)
def tell_error(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


@bp.errorhandler(HTTPException)
def tell_http_error(error: HTTPException) -> Response:
    """Answer what the framework refuses as JSON too."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem_answer(problem(status, status.phrase, error.description or ""))


@bp.before_request
def limit_message() -> None:
    """Take short messages only; the route for files allows more."""
    request.max_content_length = MOST_MESSAGE_BYTES


@bp.post("/claim")
def claim() -> Response:
    """Give a job to the worker, or 204 when none came while it waited."""
    door = worker_door()
    door.check_caller()
    asked = _read(wire.Claim)
    db.session.close()  # no connection is held while this waits
    if asked.job is not None:
        job = door.gateway.claim(asked.job)
    else:
        job = door.board.claim(asked.types, seconds=asked.wait, is_gone=_caller_is_gone)
    if job is None:
        return _done()
    key = make_job_key(_secret(), job_id=job.id, token=job.token)
    answer = wire.ClaimAnswer(job=job, key=key, lease=door.lease_seconds)
    return _answer(answer.model_dump_json().encode())


@bp.get("/jobs/<job_id>")
def show(job_id: str) -> Response:
    """Return the job with its parameters and checkpoints."""
    return _answer(wire.JOB.dump_json(_held(job_id)))


@bp.get("/jobs/<job_id>/standing")
def standing(job_id: str) -> Response:
    """Say whether the attempt holds the job; the only question that a lost one gets answered."""
    found = worker_door().gateway.standing(job_id, _token(job_id))
    return _answer(wire.STANDING.dump_json(found))


@bp.post("/jobs/<job_id>/lease")
def renew(job_id: str) -> Response:
    """Extend the lease."""
    return _done(worker_door().gateway.renew(_held(job_id)))


@bp.post("/jobs/<job_id>/progress")
def report(job_id: str) -> Response:
    """Show progress."""
    job, told = _held(job_id), _read(wire.Progress)
    return _done(worker_door().gateway.report(job, told.progress, told.message))


@bp.post("/jobs/<job_id>/log")
def log(job_id: str) -> Response:
    """Write lines for the job's owner."""
    return _done(worker_door().gateway.log(_held(job_id), _read(wire.Lines).lines))


@bp.post("/jobs/<job_id>/checkpoint")
def checkpoint(job_id: str) -> Response:
    """Commit what the next attempt must know."""
    job, told = _held(job_id), _read(wire.CheckpointValue)
    return _done(worker_door().gateway.checkpoint(job, told.key, told.value))


@bp.post("/jobs/<job_id>/credential")
def credential(job_id: str) -> Response:
    """Return what logs the job's owner in at a service; 204 where nothing is stored."""
    job = _held(job_id)
    found = worker_door().gateway.credential(job, _read(wire.CredentialWish).service)
    return _done() if found is None else _answer(wire.CREDENTIAL.dump_json(found))


@bp.post("/jobs/<job_id>/credential/refused")
def forget_credential(job_id: str) -> Response:
    """Delete what a service does not accept from the job's owner."""
    job = _held(job_id)
    worker_door().gateway.forget_credential(job, _read(wire.CredentialWish).service)
    return _done()


@bp.get("/jobs/<job_id>/children")
def list_children(job_id: str) -> Response:
    """Tell how the job's children ended."""
    children = worker_door().gateway.children(_held(job_id))
    return _answer(wire.CHILDREN.dump_json(list(children)))


@bp.get("/jobs/<job_id>/uploads/<upload_id>")
def show_upload(job_id: str, upload_id: str) -> Response:
    """Send a file that the job came with."""
    path = worker_door().gateway.find_upload(_held(job_id).id, upload_id)
    return send_file(path, mimetype="application/octet-stream", etag=False)


@bp.post("/jobs/<job_id>/partial")
def partial(job_id: str) -> Response:
    """Show a result that is still arriving."""
    job, told = _held(job_id), _read(wire.StoredResult)
    return _done(worker_door().gateway.partial(job, told.record()))


@bp.put("/jobs/<job_id>/results/<name>/<file_name>")
def upload(job_id: str, name: str, file_name: str) -> Response:
    """Keep one file of a result; `meta.json`, sent last, has all of them checked."""
    door = worker_door()
    job = _held(job_id, DELIVERING)
    if request.content_length is None:
        raise LengthRequired
    if request.content_length > door.intake.max_bytes:
        raise RequestEntityTooLarge("The result is larger than this portal keeps.")
    request.max_content_length = door.intake.max_bytes
    door.intake.receive(job.id, job.token, name, file_name, request.stream)
    if door.gateway.find(job.id, job.token, DELIVERING) is None:  # destroyed while it came
        door.intake.drop_attempt(job.id, job.token)
        raise NotHeldError("The job is gone.")
    return _done()


@bp.post("/jobs/<job_id>/finish")
def finish(job_id: str) -> Response:
    """Complete the job with results that were received whole."""
    door = worker_door()
    job = _held(job_id, DELIVERING)
    results = [one.record() for one in _read(wire.StoredResults).results]
    for result in results:
        if not door.intake.is_whole(job.id, job.token, result.name):
            raise UsageError(f"The result {result.name} was not received.")
    finished = door.gateway.finish(job, results)
    if finished:
        door.intake.drop_other_attempts(job.id, job.token)
    return _done(bool(finished))


@bp.post("/jobs/<job_id>/fail")
def fail(job_id: str) -> Response:
    """End the job with an error, or queue it again."""
    job, told = _held(job_id), _read(wire.Failure)
    kind = ServiceError if told.fatal else TransientError
    failed = worker_door().gateway.fail(job, kind(told.message, detail=told.detail))
    return _given_up(job, bool(failed))


@bp.post("/jobs/<job_id>/overrun")
def overrun(job_id: str) -> Response:
    """Abort the job, which ran for too long."""
    return _done(worker_door().gateway.overrun(_held(job_id)))


@bp.post("/jobs/<job_id>/release")
def release(job_id: str) -> Response:
    """Take the job back."""
    job = _held(job_id)
    return _given_up(job, worker_door().gateway.release(job))


def _token(job_id: str) -> str:
    """Return the attempt's token of the request's key, which is one for this job."""
    authorization = request.authorization
    is_bearer = authorization is not None and authorization.type == "bearer"
    key = (authorization.token or "") if authorization is not None and is_bearer else ""
    return read_job_key(_secret(), key, job_id=job_id)


def _held(job_id: str, phases: Collection[ExecutionPhase] = HOLDING) -> ClaimedJob:
    """Return the job that the caller's attempt holds; raises NotHeldError."""
    job = worker_door().gateway.find(job_id, _token(job_id), phases)
    if job is None:
        raise NotHeldError("The job has ended, or is another attempt's.")
    return job


def _given_up(job: ClaimedJob, moved: bool) -> Response:  # noqa: FBT001 - what the gateway said
    if moved:
        worker_door().intake.drop_attempt(job.id, job.token)
    return _done(moved)


def _done(held: bool = True) -> Response:  # noqa: FBT001, FBT002 - what the gateway said
    if not held:
        raise NotHeldError("The job has ended, or is another attempt's.")
    return Response(status=HTTPStatus.NO_CONTENT)


def _read(message: type[M]) -> M:
    try:
        return message.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise BadMessageError("; ".join(wrong)) from error


def _answer(document: bytes) -> Response:
    return Response(document, mimetype="application/json")


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _caller_is_gone() -> bool:
    """Say whether the caller has closed its connection: what it gets now would be lost."""
    for name in SOCKETS:
        if (connection := request.environ.get(name)) is not None:
            poll = select.poll()
            poll.register(connection, HANG_UP | select.POLLHUP)
            return bool(poll.poll(0))
    return False
