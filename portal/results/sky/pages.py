"""The page that shows where rows are on the sky, its pictures, and their coverage as a MOC."""

from flask import Blueprint
from flask import render_template
from flask import request
from flask import Response

from portal.results.access import open_readable
from portal.results.downloads import file_name
from portal.results.sky import coverage
from portal.results.sky.view import Sky

bp = Blueprint("sky", __name__)


@bp.get("/jobs/<job_id>/results/<name>/sky")
@bp.get("/shared/<share_key>/results/<name>/sky")
def show(name: str, **address: str) -> str:
    """Show where the rows are on the sky."""
    job, _, opened = open_readable(address, name)
    return render_template(
        "results/sky.html",
        job=job,
        view=Sky(opened).view(),
        address={**address, "name": name},
        orders=range(coverage.LOWEST, coverage.HIGHEST + 1),
        usual_order=coverage.USUAL,
    )


@bp.get("/jobs/<job_id>/results/<name>/sky/<figure>.png")
@bp.get("/shared/<share_key>/results/<name>/sky/<figure>.png")
def picture(name: str, figure: str, **address: str) -> Response:
    """Answer the density of positions in a figure."""
    _, _, opened = open_readable(address, name)
    return Response(Sky(opened).picture(figure), content_type="image/png")


@bp.get("/jobs/<job_id>/results/<name>/coverage.<extension>")
@bp.get("/shared/<share_key>/results/<name>/coverage.<extension>")
def download_coverage(name: str, extension: str, **address: str) -> Response:
    """Answer the coverage of the rows as a MOC, of the order that the address asks for."""
    job, _, opened = open_readable(address, name)
    order = request.args.get("order", coverage.USUAL, type=int)
    content = Sky(opened).coverage(order, extension)
    response = Response(content, content_type=coverage.MEDIA_TYPES[extension])
    response.headers.set(
        "Content-Disposition",
        "attachment",
        filename=f"{file_name(job.title)}-moc{order}.{extension}",
    )
    return response
