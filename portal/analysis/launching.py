"""Launches: a workflow is made ready, and started at a facility, by a job like any other."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.analysis.batch import outputs_table
from portal.analysis.batch import read_outputs
from portal.analysis.batch import write_outputs
from portal.analysis.book import Begun
from portal.analysis.book import NewSession
from portal.analysis.book import Published
from portal.analysis.book import SessionBook
from portal.analysis.book import SupersededError
from portal.analysis.ending import SessionEnder
from portal.analysis.models import Stage
from portal.analysis.parameters import LaunchParameters
from portal.analysis.parameters import title_of
from portal.analysis.parameters import workflow_of
from portal.analysis.preparation import Kit
from portal.analysis.preparation import Load
from portal.analysis.preparation import Preparation
from portal.analysis.preparation import Wanted
from portal.analysis.variables import read_variables
from portal.parameters import Parameters
from portal.plugins.facilities import Answer
from portal.plugins.facilities import Facility
from portal.plugins.facilities import Handle
from portal.plugins.facilities import LaunchContext
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Prepared
from portal.plugins.facilities import RunOutput
from portal.plugins.facilities import Session
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.plugins.workflows import Workflow
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

PREFIX = "orc."
OUTPUTS = "outputs"
ABORTED = "The launch was aborted."
COLUMNS = (
    Column(name="session_id", arraysize="*", description="The session, in the list of sessions"),
    Column(name="facility", arraysize="*", description="Where it runs"),
    Column(name="repository", arraysize="*", ucd="meta.ref.url", description="The workflow"),
    Column(name="commit", arraysize="*", description="Which commit of it"),
    Column(name="files", datatype="int", description="How many files of the basket came along"),
)


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
        kept = context.checkpoints.get(OUTPUTS)
        if kept is not None:
            with suppress(SupersededError):  # it was noted as well, or is being ended
                self._desk.book.over(
                    self._desk.book.begin(_new(parameters, context, self._facility))
                )
            return outputs_table(read_outputs(kept))
        begun = self._desk.book.begin(_new(parameters, context, self._facility))
        if begun.stage is not Stage.READY:
            try:
                outputs = self._launch(begun, parameters, context)
            except PortalError as error:
                if isinstance(error, TransientError) and not context.is_aborted():
                    self._desk.book.troubled(begun, error.message)
                    raise  # it is tried again, and then goes on
                said = ABORTED if context.is_aborted() else error.message
                self._desk.book.failed(begun, said)
                self._desk.ender.end(begun.id, context)
                raise
            if outputs is not None:
                return outputs_table(outputs)
        row = self._desk.book.row(begun.id)
        values = (row.id, row.facility_id, row.repository, row.commit, row.file_count)
        return ResultTable.from_rows(COLUMNS, [values])

    def _launch(
        self, begun: Begun, parameters: Any, context: JobContext
    ) -> Sequence[RunOutput] | None:
        """Start a session, or return what a batch run has made."""
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
        kit = self._pack(wanted, load, begun, workflow, answer, context)
        if kit.published != begun.published:
            desk.book.prepared(begun, kit.published, mode=answer.mode, files=load.summary.files)
        desk.preparation.check_reach(kit, self._facility)
        if answer.mode is Mode.BATCH:
            return self._run(begun, parameters, workflow, kit, context)
        session = self._start(begun, parameters, workflow, kit, answer, context)
        desk.book.ready(begun, session, expires=wanted.expires)
        context.report(1.0, "The session is ready.")
        if answer.mode is Mode.LAUNCH:
            desk.ender.withdraw(kit.published)
        return None

    def _pack(
        self,
        wanted: Wanted,
        load: Load,
        begun: Begun,
        workflow: Workflow,
        answer: Answer,
        context: JobContext,
    ) -> Kit:
        preparation = self._desk.preparation
        if answer.mode is Mode.BATCH:
            return preparation.pack_run(wanted, load, begun, workflow, context)
        return preparation.pack(wanted, load, begun, answer, context)

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
        prepared = self._prepared(begun, parameters, workflow, kit, context)
        context.report(0.3, f"Asking {self._facility.title} for a session")
        return self._facility.launch(prepared, self._context(begun, published, context))

    def _run(
        self,
        begun: Begun,
        parameters: Any,
        workflow: Workflow,
        kit: Kit,
        context: JobContext,
    ) -> Sequence[RunOutput]:
        """Run to the end; what was made outlives a worker that is killed right after."""
        prepared = self._prepared(begun, parameters, workflow, kit, context)
        context.report(0.3, f"Handing the run to {self._facility.title}")
        outputs = self._facility.run(prepared, self._context(begun, kit.published, context))
        context.checkpoint(OUTPUTS, write_outputs(outputs))
        self._desk.book.over(begun)
        context.report(1.0, "The run is over.")
        return outputs

    def _prepared(
        self, begun: Begun, parameters: Any, workflow: Workflow, kit: Kit, context: JobContext
    ) -> Prepared:
        return Prepared(
            id=begun.id,
            user=self._desk.preparation.pseudonym(context.owner),
            title=title_of(parameters),
            workflow=workflow,
            repository=kit.published.repository,
            commit=kit.published.commit,
            path=parameters.path,
            files=kit.files,
            setup=kit.setup,
            options=_options(self._facility, parameters),
            sources=kit.sources,
            inputs=kit.inputs,
        )

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
            linger=context.linger,
        )


def job_type_of(facility: Facility) -> str:
    """Return the type of the jobs that launch there."""
    return PREFIX + facility.id


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
