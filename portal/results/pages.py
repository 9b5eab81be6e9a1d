"""placeholder"""

from flask import Blueprint

bp = Blueprint("results", __name__)


@bp.get("/jobs/<job_id>/results/<name>")
def show(job_id, name):
    return ""
