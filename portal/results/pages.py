"""Pages of results: the rows, page by page, and the files to take away."""

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask.globals import request_ctx

from portal.accounts.owner import find_owner
from portal.accounts.preferences import preferences_of
from portal.htmx import render
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.results.access import find_readable
from portal.results.access import open_readable
from portal.results.attached import extension_of
from portal.results.cuts import cut_words
from portal.results.downloads import download_file
from portal.results.downloads import FORMATS
from portal.results.downloads import send_result
from portal.results.view import ViewMaker
from portal.results.view import Wish

bp = Blueprint("results", __name__)
bp.add_app_template_filter(cut_words)


@bp.get("/jobs/<job_id>/results/<name>")
@bp.get("/shared/<share_key>/results/<name>")
def show(name: str, **address: str) -> Response:
    """Show a page of rows, in the order and the view that the address asks for."""
    job, _, opened = open_readable(address, name)
    registry: PluginRegistry = current_app.extensions["plugins"]
    if (urls := request_ctx.url_adapter) is None:
        raise NotFoundError("This address has no name.")
    maker = ViewMaker(
        registry,
        current_app.extensions["plugin_templates"],
        opened,
        Wish.from_address(request.args),
        urls=urls,
        address={**address, "name": name},
        in_sixties=preferences_of(find_owner()).wants_sexagesimal,
    )
    return render(
        "results/show.html",
        "results/_rows.html",
        job=job,
        view=maker.make(),
        formats=FORMATS,
        address={**address, "name": name},
    )


@bp.get("/jobs/<job_id>/results/<name>.<extension>")
@bp.get("/shared/<share_key>/results/<name>.<extension>")
def download(name: str, extension: str, **address: str) -> Response:
    """Stream the whole result in a file format; a file has only its own."""
    job, result = find_readable(address, name)
    if result.is_file and extension == extension_of(result):
        return send_result(job, result)
    job, result, opened = open_readable(address, name)
    if result.partial:
        raise NotFoundError("This result is still arriving; it can be taken away when it is whole.")
    return download_file(opened, extension, title=job.title)


@bp.get("/jobs/<job_id>/results/<name>/file")
@bp.get("/shared/<share_key>/results/<name>/file")
def file(name: str, **address: str) -> Response:
    """Send a file that lies beside the rows."""
    job, result = find_readable(address, name)
    if not result.is_file or result.partial:
        raise NotFoundError("There is no such file.")
    return send_result(job, result)
