"""Pages of results: the rows, page by page, and the files to take away."""

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask.globals import request_ctx

from portal.accounts.owner import find_owner
from portal.htmx import render
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.results.downloads import download_file
from portal.results.downloads import FORMATS
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.store import ResultStore
from portal.results.view import ViewMaker
from portal.results.view import Wish
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.service import jobs

bp = Blueprint("results", __name__, url_prefix="/jobs/<job_id>/results")


@bp.get("/<name>")
def show(job_id: str, name: str) -> Response:
    """Show a page of rows, in the order and the view that the address asks for."""
    job, result, opened = _open(job_id, name)
    registry: PluginRegistry = current_app.extensions["plugins"]
    if (urls := request_ctx.url_adapter) is None:
        raise NotFoundError("This address has no name.")
    maker = ViewMaker(
        registry,
        current_app.extensions["plugin_templates"],
        opened,
        Wish.from_address(request.args),
        urls=urls,
        address={"job_id": job.id, "name": result.name},
    )
    return render(
        "results/show.html",
        "results/_rows.html",
        job=job,
        result=result,
        view=maker.make(),
        formats=FORMATS,
    )


@bp.get("/<name>.<extension>")
def download(job_id: str, name: str, extension: str) -> Response:
    """Stream the whole result in a file format."""
    job, result, opened = _open(job_id, name)
    if result.partial:
        raise NotFoundError("This result is still arriving; it can be taken away when it is whole.")
    return download_file(opened, extension, title=job.title)


def _open(job_id: str, name: str) -> tuple[Job, Result, OpenResult]:
    owner = find_owner()
    job = jobs().get_job(job_id, owner=owner)
    result = jobs().get_result(job_id, name, owner=owner)
    store: ResultStore = current_app.extensions["results"]
    return job, result, store.open(ResultKey(job.id, result.token, result.name))
