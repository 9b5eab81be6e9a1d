"""A stored result as HTML pages over HTTP: the portal's own modules in the smallest app."""

import os
from pathlib import Path

from flask import Flask
from flask import render_template
from flask import request

from portal.results.cells import render_cells
from portal.results.keys import ResultKey
from portal.results.paging import page
from portal.results.paging import Sort
from portal.results.store import ResultStore

ROWS = 100


def create_app() -> Flask:
    """Serve the result that the environment names."""
    app = Flask(__name__)
    store = ResultStore(Path(os.environ["BENCH_STORE"]))
    key = ResultKey(*os.environ["BENCH_RESULT"].split("/"))

    @app.get("/")
    def show() -> str:
        result = store.open(key)
        first = request.args.get("first", 0, type=int)
        column = request.args.get("sort")
        sort = Sort(column, "descending" not in request.args) if column else None
        rows = page(result, first, ROWS, sort)
        cells = zip(rows.row_numbers.tolist(), render_cells(rows), strict=True)
        return render_template("pages.html", result=result, rows=cells, first=first)

    return app
