"""What signed addresses of sessions open: a result, some of its rows, a basket as a table."""

from flask import Blueprint
from flask import request
from flask import Response

from portal.analysis.staging.signing import open_basket
from portal.analysis.staging.signing import open_file
from portal.basket.reach import Visitor
from portal.basket.table import basket_votable
from portal.basket.table import MEDIA_TYPE
from portal.problems import NotFoundError
from portal.results.signed import send_signed

bp = Blueprint("staging", __name__, url_prefix="/staging")


@bp.get("/files/<filename>")
def file(filename: str) -> Response:  # noqa: ARG001 - programs name what they fetch by it
    """Send what a signed address opens, whatever the name in it."""
    return send_signed(open_file(request.args.get("sig", "")))


@bp.get("/baskets/<filename>")
def basket(filename: str) -> Response:  # noqa: ARG001 - programs name what they fetch by it
    """Send the basket that a signed address opens, as a table."""
    opened = open_basket(request.args.get("sig", ""))
    votable = basket_votable(opened.id, Visitor(owner=opened.owner))
    if votable is None:
        raise NotFoundError("This basket is empty, or gone.")
    return Response(votable, content_type=MEDIA_TYPE)
