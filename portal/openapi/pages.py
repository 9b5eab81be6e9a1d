"""The address of the OpenAPI document."""

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import request
from flask import Response

from portal.openapi.document import write_document

bp = Blueprint("openapi", __name__)


@bp.get("/api/openapi.json")
def show() -> Response:
    """Describe the API of this portal."""
    document = write_document(
        current_app.url_map,
        current_app.view_functions,
        server=request.url_root.rstrip("/"),
        version=str(current_app.config["VERSION"]),
    )
    response = jsonify(document)
    response.headers["Cache-Control"] = "no-cache"
    return response
