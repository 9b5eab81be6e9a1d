"""Pages about the tables of a service: which there are, their columns, and what it can do."""

import uuid
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import redirect
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.archives.hints import HINTS
from portal.archives.hints import STANDARD
from portal.archives.proposals import select_query
from portal.archives.tableaddress import TableAddress
from portal.archives.tableview import look_up
from portal.archives.tableview import TableView
from portal.htmx import render
from portal.links import with_query
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters.kinds import schema_extra
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.problems import NotFoundError
from portal.problems import TransientError
from portal.uws.models import Job
from portal.uws.service import jobs

bp = Blueprint("service_tables", __name__, url_prefix="/archives")
ADQL_TYPE = "text/x-adql"
MOST_COLUMNS = 2_000


@bp.get("/<archive_id>/<query_id>/tables")
def show(archive_id: str, query_id: str) -> Response:
    """Show the tables of the service that the address names, one of them, or what it can do."""
    archive, query = _find(archive_id, query_id)
    address = TableAddress.read(request.args, query.Parameters)
    view = _look_up(query, address)
    if address.table is not None and view.is_read and view.table is None:
        raise NotFoundError("The service is not known to have this table. Perhaps it had it once.")
    page = TablesPage(
        archive=archive,
        query=query,
        view=view,
        links=TableLinks(archive, query, address),
        job=_reading_job(view),
    )
    response = render("archives/tables.html", "archives/_tables.html", page=page)
    response.headers["Cache-Control"] = "no-store"  # the same address shows more once it is read
    return response


@bp.post("/<archive_id>/<query_id>/tables")
def read(archive_id: str, query_id: str) -> BaseResponse:
    """Have a job read the service, or the columns of one of its tables, and follow it."""
    archive, query = _find(archive_id, query_id)
    address = TableAddress.read(request.args, query.Parameters)
    metadata = _look_up(query, address).metadata
    if metadata is None or metadata.reader is None:
        raise NotFoundError("There is no service here whose tables could be read.")
    sent = dict(metadata.reader.parameters)
    if request.form.get("columns_of") and metadata.table_parameter:
        sent[metadata.table_parameter] = request.form["columns_of"]
    reader = _registry().query(metadata.reader.query_id)
    job_id = jobs().create_job(
        reader.id,
        read_form(reader.Parameters, [(name, str(value)) for name, value in sent.items()]),
        owner=current_owner(),
        run=True,
        request_key=request.form.get("request_key") or None,
    )
    return redirect(TableLinks(archive, query, address).here(job=job_id), code=303)


@bp.post("/<archive_id>/<query_id>/tables/open")
def open_from_form(archive_id: str, query_id: str) -> BaseResponse:
    """Lead from a form, however far it is filled in, to the tables of its service."""
    archive, query = _find(archive_id, query_id)
    adql = adql_name(query.Parameters)
    sent = MultiDict((name, text) for name, text in request.form.items() if name != adql)
    values = TableAddress.read(sent, query.Parameters).values
    address = TableAddress(values={name: values[name] for name in values if name != adql})
    return redirect(TableLinks(archive, query, address).service(), code=303)


@bp.get("/<archive_id>/<query_id>/tables/select")
def select(archive_id: str, query_id: str) -> BaseResponse:
    """Lead to the form, filled in with a query for the ticked columns of a table."""
    archive, query = _find(archive_id, query_id)
    address = TableAddress.read(request.args, query.Parameters)
    view = _look_up(query, address)
    if view.table is None:
        raise NotFoundError("The service is not known to have this table.")
    known = {one.name: one for one in view.columns}
    ticked = request.args.getlist("column")[:MOST_COLUMNS]
    text = select_query(view.table, [known[name] for name in ticked if name in known])
    return redirect(TableLinks(archive, query, address).form(text), code=303)


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesPage:
    """Everything that a page about the tables of a service shows.

    `job` reads the service for this page.
    """

    archive: Archive
    query: Query
    view: TableView
    links: "TableLinks"
    job: Job | None
    hints: Sequence[tuple[str, str]] = HINTS
    standard: str = STANDARD
    request_key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def is_followed(self) -> bool:
        """Whether the job may still bring something by itself."""
        return self.job is not None and not self.job.is_finished and self.job.phase != "HELD"

    @property
    def has_failed(self) -> bool:
        """Whether the job ended without a result."""
        return self.job is not None and self.job.phase in ("ERROR", "ABORTED")

    @property
    def starts_by_itself(self) -> bool:
        """Whether reading begins without a click, in a browser with scripts."""
        return not self.view.is_read and self.job is None


class TableLinks:
    """Addresses of the pages about one service."""

    def __init__(self, archive: Archive, query: Query, address: TableAddress) -> None:
        """Keep what the addresses are made of."""
        self._ids: dict[str, Any] = {"archive_id": archive.id, "query_id": query.id}
        self._address = address
        self._adql = adql_name(query.Parameters)

    def here(self, **changes: object) -> str:
        """Return the address of this page, with changes; None takes something away."""
        arguments = self._address.arguments(**changes)
        return with_query(url_for("service_tables.show", **self._ids), arguments)

    def service(self, **more: object) -> str:
        """Return the address of a page of the same service that has nothing else from this one."""
        arguments = {name: str(value) for name, value in self._address.service(**more).items()}
        return with_query(url_for("service_tables.show", **self._ids), arguments)

    def path(self) -> str:
        """Return the address without what it asks for: a form says that."""
        return url_for("service_tables.show", **self._ids)

    def select(self) -> str:
        """Return the address that takes ticked columns."""
        return url_for("service_tables.select", **self._ids)

    def form(self, adql: str | None = None) -> str:
        """Return the address of the form for this service, filled in with a query."""
        values = dict(self._address.values)
        if adql is not None and self._adql is not None:
            values[self._adql] = adql
        return with_query(url_for("archives.query_form", **self._ids), values)

    def example(self, parameters: Mapping[str, str]) -> str:
        """Return the address of the form, filled in as an example has it."""
        return with_query(url_for("archives.query_form", **self._ids), parameters)


def adql_name(model: type[Parameters]) -> str | None:
    """Return the name of the parameter that takes ADQL; None when there is none."""
    for name, info in model.model_fields.items():
        if schema_extra(info).get("contentMediaType") == ADQL_TYPE:
            return name
    return None


def has_tables(query: Query) -> bool:
    """Say whether a query can tell which tables its service has."""
    return type(query).metadata is not Query.metadata and adql_name(query.Parameters) is not None


def _look_up(query: Query, address: TableAddress) -> TableView:
    view = _registry().call(query, lambda: look_up(query, address), otherwise=None)
    if view is None:
        raise TransientError("What is known of this service cannot be looked up at the moment.")
    return view


def _reading_job(view: TableView) -> Job | None:
    """Return the job of this browser that reads the service for this page; None without one."""
    metadata = view.metadata
    if metadata is None or metadata.reader is None or not view.address.job:
        return None
    try:
        job = jobs().get_job(view.address.job, owner=find_owner())
    except NotFoundError:
        return None
    return job if job.type == metadata.reader.query_id else None


def _find(archive_id: str, query_id: str) -> tuple[Archive, Query]:
    archive = _registry().archive(archive_id)
    query = _registry().query(query_id)
    if query not in archive.queries or not has_tables(query):
        raise NotFoundError("This archive has no such query.")
    return archive, query


bp.add_app_template_global(has_tables)
bp.add_app_template_global(select_query)


def _registry() -> PluginRegistry:
    registry: PluginRegistry = current_app.extensions["plugins"]
    return registry
