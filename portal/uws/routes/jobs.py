"""Jobs and what hangs on them (UWS 1.1, section 2.2)."""

from flask import Blueprint

bp = Blueprint("uws", __name__)
