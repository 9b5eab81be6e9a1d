"""Published repositories over HTTP: to be cloned by git, and never to be written."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response

from portal.analysis.repository import example
from portal.analysis.repository.publishing import find_publication
from portal.analysis.repository.publishing import FOLDER
from portal.analysis.repository.serving import Backend
from portal.config import Settings
from portal.problems import PortalError

SERVICE = "git-upload-pack"
MOST_BODY = 1_000_000

bp = Blueprint("git", __name__, url_prefix="/git")


class ReadOnlyError(PortalError):
    """Something else was asked for than to clone."""

    status = HTTPStatus.FORBIDDEN
    title = "This repository can only be cloned"


@bp.errorhandler(PortalError)
def say(error: PortalError) -> Response:
    """Answer an error as text: git shows it, and no browser comes here."""
    return Response(f"{error.message}\n", error.status, mimetype="text/plain")


@bp.get("/<repository_token>.git/info/refs")
def refs(repository_token: str) -> Response:
    """Say which commits a repository has."""
    repository = _find(repository_token)
    if request.args.get("service") != SERVICE:
        raise ReadOnlyError("This repository can only be cloned, by git's smart protocol.")
    return _answer(repository, "info/refs", b"")


@bp.post("/<repository_token>.git/git-upload-pack")
def upload_pack(repository_token: str) -> Response:
    """Send commits of a repository."""
    repository = _find(repository_token)
    request.max_content_length = MOST_BODY
    return _answer(repository, SERVICE, request.get_data())


def _answer(repository: Path, path: str, body: bytes) -> Response:
    backend = Backend(
        repository,
        body,
        {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"/{repository.name}/{path}",
            "QUERY_STRING": f"service={SERVICE}" if request.method != "POST" else "",
            "CONTENT_TYPE": f"application/x-{SERVICE}-request" if body else "",
            "HTTP_CONTENT_ENCODING": "gzip" if _is_packed() else "",
            "GIT_PROTOCOL": _protocol(),
        },
    )
    return Response(backend, backend.status, backend.headers)


def _is_packed() -> bool:
    return request.headers.get("Content-Encoding", "") in ("gzip", "x-gzip")


def _protocol() -> str:
    sent = request.headers.get("Git-Protocol", "")
    return sent if sent in ("version=0", "version=1", "version=2") else ""


def _find(repository_token: str) -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    if repository_token == example.EXAMPLE:
        return example.example_repository(settings.instance / example.FOLDER)
    return find_publication(settings.instance / FOLDER, repository_token)
