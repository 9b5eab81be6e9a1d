"""Launches: a workflow is made ready, and started at a facility, by a job like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import field_validator

from portal.analysis.book import Begun
from portal.analysis.book import NewSession
from portal.analysis.book import Published
from portal.analysis.book import SessionBook
from portal.analysis.ending import SessionEnder
from portal.analysis.models import Stage
from portal.analysis.models import TITLE_LENGTH
from portal.analysis.preparation import Kit
from portal.analysis.preparation import Preparation
from portal.analysis.preparation import Wanted
from portal.analysis.variables import read_variables
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import QueryParameters
from portal.parameters import ServiceUrl
from portal.plugins.facilities import Answer
from portal.plugins.facilities import Facility
from portal.plugins.facilities import Handle
from portal.plugins.facilities import LaunchContext
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Prepared
from portal.plugins.facilities import Session
from portal.plugins.repositories import check_path
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.plugins.workflows import DEFAULT_REF
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

PREFIX = "orc."
COLUMNS = (
    Column(name="session_id", arraysize="*", description="The session, in the list of sessions"),
    Column(name="facility", arraysize="*", description="Where it runs"),
    Column(name="repository", arraysize="*", ucd="meta.ref.url", description="The workflow"),
    Column(name="commit", arraysize="*", description="Which commit of it"),
    Column(name="files", datatype="int", description="How many files of the basket came along"),
)


class LaunchParameters(QueryParameters):
    """What is launched, and what comes along."""

    repository: ServiceUrl = parameter(
        title="Repository", description="A git repository that can be cloned without a login."
    )
    ref: str = parameter(
        DEFAULT_REF, title="Branch, tag or commit", max_length=250, pattern=r"^[^-\s][^\s]*$"
    )
    path: str | None = parameter(
        None, title="File to open", description="Relative to the repository.", max_length=1000
    )
    workflow_type: WorkflowType = parameter(WorkflowType.NOTEBOOK, title="How one works with it")
    workflow: str | None = parameter(
        None, title="Workflow", description="As the portal lists it.", max_length=500
    )
    title: str = parameter("", title="Title", max_length=TITLE_LENGTH)
    basket_id: str | None = parameter(
        None, title="Basket", description="Whose files come along.", max_length=32
    )
    parameters: str = parameter(
        "",
        title="Parameters",
        description="One in each line, name = value: variables of the notebook that is opened.",
        widget="textarea",
        max_length=10_000,
    )
    first_cell: bool = parameter(
        False,  # noqa: FBT003 - its default
        title="Add a first cell",
        description="One that reads the basket, in front of the notebook that is opened.",
    )

    @field_validator("path")
    @classmethod
    def _is_inside(cls, path: str | None) -> str | None:
        """Refuse what leads out: the path ends in an address that has a token in it."""
        inside = (path or "").strip("/")
        try:
            return check_path(inside) if inside else None
        except UsageError as error:
            raise ValueError(error.message) from error

    @field_validator("parameters")
    @classmethod
    def _are_variables(cls, text: str) -> str:
        read_variables(text)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchDesk:
    """What every launch works with.

    `publications` is the folder of published repositories, `address` the portal's own.
    """

    book: SessionBook
    preparation: Preparation
    ender: SessionEnder
    publications: Path
    address: str
    session_hours: int
    sessions_per_owner: int


class LaunchQuery(Query):
    """Launches workflows at one facility."""

    hidden = True
    local = True

    def __init__(self, facility: Facility, desk: LaunchDesk) -> None:
        """Take the facility's options among the parameters."""
        self.id = job_type_of(facility)
        self.title = f"Launch at {facility.title}"
        self.description = f"Makes a workflow ready, and starts it at {facility.title}."
        self.Parameters = _with_options(facility.Options)
        self._facility = facility
        self._desk = desk

    def text(self, parameters: Any) -> str:
        """Say which file of which repository."""
        return " ".join(filter(None, (parameters.repository, parameters.ref, parameters.path)))

    def job_title(self, parameters: Any) -> str:
        """Return what runs where."""
        return f"{title_of(parameters)} at {self._facility.title}"

    def service(self, parameters: Any) -> str | None:
        """Return the facility's address."""
        return self._facility.url

    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Launch, or go on with what an earlier attempt began; clean up what came to nothing."""
        if context.owner == NOBODY:
            raise UnauthorizedError("A session belongs to somebody: send an API token.")
        begun = self._desk.book.begin(_new(parameters, context, self._facility))
        if begun.stage is not Stage.READY:
            try:
                self._launch(begun, parameters, context)
            except PortalError as error:
                if isinstance(error, TransientError) and not context.is_aborted():
                    raise  # it is tried again, and then goes on
                self._desk.book.failed(begun, error.message)
                self._desk.ender.end(begun.id, context)
                raise
        row = self._desk.book.row(begun.id)
        values = (row.id, row.facility_id, row.repository, row.commit, row.file_count)
        return ResultTable.from_rows(COLUMNS, [values])

    def _launch(self, begun: Begun, parameters: Any, context: JobContext) -> None:
        desk = self._desk
        wanted = Wanted(
            repository=parameters.repository,
            ref=parameters.ref,
            path=parameters.path,
            basket_id=parameters.basket_id,
            first_cell=parameters.first_cell,
            variables=read_variables(parameters.parameters),
            expires=desk.book.now() + timedelta(hours=desk.session_hours),
        )
        load = desk.preparation.load(wanted, begun)
        workflow = workflow_of(parameters)
        answer = self._ask(workflow, load.summary)
        if answer.mode is Mode.LAUNCH:
            desk.book.check_room(begun, desk.sessions_per_owner)
        kit = desk.preparation.pack(wanted, load, begun, answer.staging, context)
        if kit.published != begun.published:
            desk.book.prepared(begun, kit.published, mode=answer.mode, files=load.summary.files)
        desk.preparation.check_reach(kit.published, self._facility)
        session = self._start(begun, parameters, workflow, kit, answer, context)
        desk.book.ready(begun, session, expires=wanted.expires)
        context.report(1.0, "The session is ready.")
        if answer.mode is Mode.LAUNCH:
            desk.ender.withdraw(kit.published)

    def _ask(self, workflow: Workflow, summary: Any) -> Answer:
        answer = self._facility.accepts(workflow, summary)
        if not answer.accepts:
            raise UsageError(f"{self._facility.title} does not run this: {answer.reason}")
        return answer

    def _start(
        self,
        begun: Begun,
        parameters: Any,
        workflow: Workflow,
        kit: Kit,
        answer: Answer,
        context: JobContext,
    ) -> Session:
        published = kit.published
        if answer.mode is Mode.REDIRECT:
            if kit.setup is not None:
                raise UsageError(
                    "This repository cannot fetch the data as it is built, and nothing can be put "
                    f"into a session that {self._facility.title} starts for your browser. "
                    "Launch it without a basket."
                )
            link = self._facility.link(published.repository, published.commit, parameters.path)
            if link is None:
                raise ServiceError(f"{self._facility.title} has no address to start this at.")
            return Session(url=link, notice="It starts when you open it, and ends by itself.")
        prepared = Prepared(
            id=begun.id,
            user=self._desk.preparation.pseudonym(context.owner),
            title=title_of(parameters),
            workflow=workflow,
            repository=published.repository,
            commit=published.commit,
            path=parameters.path,
            files=kit.files,
            setup=kit.setup,
            options=_options(self._facility, parameters),
        )
        context.report(0.3, f"Asking {self._facility.title} for a session")
        return self._facility.launch(prepared, self._context(begun, published, context))

    def _context(self, begun: Begun, published: Published, context: JobContext) -> LaunchContext:
        def save(handle: Handle) -> None:
            self._desk.book.launching(begun, published, handle)

        def report(fraction: float | None, message: str) -> None:
            context.report(None if fraction is None else 0.3 + 0.7 * fraction, message)

        return LaunchContext(
            http=context.http,
            credential=context.credential,
            forget_credential=context.forget_credential,
            log=context.log,
            handle=begun.handle,
            save=save,
            report=report,
            deadline=context.deadline,
            is_aborted=context.is_aborted,
            on_abort=context.on_abort,
        )


def job_type_of(facility: Facility) -> str:
    """Return the type of the jobs that launch there."""
    return PREFIX + facility.id


def title_of(parameters: Any) -> str:
    """Return what the session is called: its title, or the name of its repository."""
    name = urlsplit(parameters.repository).path.strip("/").rpartition("/")[2]
    title: str = parameters.title or name.removesuffix(".git") or parameters.repository
    return title[:TITLE_LENGTH]


def workflow_of(parameters: Any) -> Workflow:
    """Return the workflow that a job launches, as its parameters say it."""
    return Workflow(
        id=parameters.workflow or parameters.repository,
        title=title_of(parameters),
        repository=parameters.repository,
        ref=parameters.ref,
        path=parameters.path,
        type=parameters.workflow_type,
    )


def _with_options(options: type[Parameters]) -> type[LaunchParameters]:
    return type("LaunchParameters", (LaunchParameters, options), {"__doc__": None})


def _options(facility: Facility, parameters: Any) -> Parameters:
    values = {name: getattr(parameters, name) for name in facility.Options.model_fields}
    return facility.Options.model_validate(values)


def _new(parameters: Any, context: JobContext, facility: Facility) -> NewSession:
    return NewSession(
        owner=context.owner,
        job_id=context.job_id,
        facility_id=facility.id,
        title=title_of(parameters),
        workflow_id=parameters.workflow or "",
        repository=parameters.repository,
        ref=parameters.ref,
        path=parameters.path,
        basket_id=parameters.basket_id,
    )


def launch_queries(facilities: Sequence[Facility], desk: LaunchDesk) -> tuple[LaunchQuery, ...]:
    """Return a query for each facility."""
    return tuple(LaunchQuery(facility, desk) for facility in facilities)
