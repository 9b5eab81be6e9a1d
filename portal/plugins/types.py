"""What crosses the wall between the portal and a plugin: plain Python, no framework."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import ClassVar

import requests
from pydantic import BaseModel

from portal.credentials import RemoteCredential
from portal.parameters import Choice
from portal.parameters import Example
from portal.parameters import QueryParameters
from portal.plugins.attached import AttachFile
from portal.plugins.cone import Cone
from portal.plugins.datasets import Dataset
from portal.plugins.links import ExternalLink
from portal.plugins.links import PageLink
from portal.plugins.links import QueryLink
from portal.plugins.metadata import ServiceMetadata
from portal.plugins.page import Page
from portal.plugins.parts import EndedQuery
from portal.plugins.resolvers import ResolvedPosition
from portal.plugins.snippets import Snippet
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext:
    """What a plugin is given when it registers: its own settings and its own folder."""

    settings: BaseModel
    data_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DataItem:
    """One thing in a basket, by reference; ObsCore's names (ObsCore 1.1, table 1)."""

    title: str
    publisher_did: str | None = None
    obs_id: str | None = None
    obs_collection: str | None = None
    dataproduct_type: str | None = None
    target_name: str | None = None
    s_ra: float | None = None
    s_dec: float | None = None
    access_url: str | None = None
    access_format: str | None = None
    access_estsize: int | None = None


def _find_no_upload(name: str) -> Path:
    raise NotFoundError(f"The job has no file {name}.")


def _keep_no_files(*_args: object, **_named: object) -> None:
    raise UsageError("No file can be kept here.")


def _know_no_names(text: str) -> ResolvedPosition:
    raise UsageError(f"Nothing here knows where {text} is.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """A running job's only way to the outside.

    `deadline` returns a `time.monotonic()` instant, or None as long as the job may run without
    limit: its owner may change that while it runs. Then it is aborted, like by its owner.
    `http` is the guarded session: every remote byte comes through it. `data_dir` is a
    private folder that goes with the attempt. `checkpoints` holds what an earlier attempt
    of the same job committed with `checkpoint`, so that a second attempt adopts a remote
    job instead of starting another one. `credential` gets the host of a service, or an id
    that the plugin's documentation names, and returns what the job's owner stored to log in
    there; None where there is nothing, and then the service is asked without. `forget_credential`
    deletes what a service has refused, unless its owner has replaced it meanwhile. `linger` has
    an abort leave the job so many seconds, instead of a few, to end what it is just starting.
    `log` writes a line that the job's owner can read later; the first 1,000 are kept. `upload`
    gets the name of a parameter of type `Upload` that has a value, and returns the path of a
    file to read and not to change: whatever a stranger put into it. `resolve` gets the value of a
    parameter of type `Position`, coordinates or the name of an object, and returns where that
    is; UsageError when nobody knows it, in words for the user. `parts` are the queries that
    `Query.parts` gave, in their order, when they have ended. `attach` keeps a file beside the
    table: see `AttachFile`.
    """

    job_id: str
    owner: str
    maxrec: int
    deadline: Callable[[], float | None]
    http: requests.Session
    data_dir: Path
    checkpoints: Mapping[str, str]
    report: Callable[[float | None, str], None]
    is_aborted: Callable[[], bool]
    on_abort: Callable[[Callable[[], None]], None]
    checkpoint: Callable[[str, str], None]
    credential: Callable[[str], RemoteCredential | None] = lambda _service: None
    forget_credential: Callable[[str], None] = lambda _service: None
    linger: Callable[[float], None] = lambda _seconds: None
    log: Callable[[str], None] = lambda _line: None
    upload: Callable[[str], Path] = _find_no_upload
    resolve: Callable[[str], ResolvedPosition] = _know_no_names
    parts: Sequence[EndedQuery] = ()
    attach: AttachFile = _keep_no_files


class Query(ABC):
    """One thing an archive can be asked: a form, a job type, and the code that runs it.

    `id` is the job type ("query.tap"), `aliases` are further names of it, and `version`
    changes when the same parameters come to mean something else. A `hidden` query has no
    form: pages and schedules make its jobs. A `local` one reads or writes the plugin's own
    folder, so that workers on other hosts leave it alone. Instances are shared by threads and
    processes and keep no state between calls.
    """

    id: str
    title: str
    description: str = ""
    Parameters: type[QueryParameters]
    examples: Sequence[Example] = ()
    version: str = "1"
    aliases: Sequence[str] = ()
    documentation_url: str | None = None
    hidden: bool = False
    local: bool = False

    @abstractmethod
    def text(self, parameters: Any) -> str:
        """Return what will be asked (ADQL, a URL), to show and to keep; no input or output."""

    def job_title(self, parameters: Any) -> str:
        """Return a short line that tells this job from others in a list."""
        return f"{self.title}: {' '.join(self.text(parameters).split())}"

    def service(self, parameters: Any) -> str | None:
        """Return an address of the service that will be asked; pure.

        Its host tells how many jobs may run at once. None where nobody outside is asked, or
        where that is not known before the job runs. Parameters called `access_url` say it.
        """
        address = getattr(parameters, "access_url", None)
        return address if isinstance(address, str) else None

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return what a field offers, from local or cached data only; empty: free input."""
        return ()

    def metadata(self, values: Mapping[str, str]) -> ServiceMetadata | None:
        """Return what is known of the service that a query in ADQL goes to.

        From local or cached data only, within a few milliseconds. `values` are strings of a
        form that may be half filled in; None while they name no service, and for every query
        that is not in ADQL.
        """
        return None

    def parts(self, parameters: Any) -> Sequence[QueryLink]:
        """Return the queries that a job of this one is made of; pure.

        They become jobs of the same owner, side by side, and when the last one has ended,
        however that was, `run` puts together what `context.parts` has. A part has neither
        parts nor files. Such a query is `local`.
        """
        return ()

    def in_adql(self, parameters: Any) -> QueryLink | None:
        """Return the form of a query in ADQL that asks the same, filled in; pure.

        None where that is not known before the job runs, and for queries that are no ADQL.
        """
        return None

    def code(self, parameters: Any, *, maxrec: int) -> Sequence[Snippet]:
        """Return programs that ask the archive the same, without the portal; pure.

        `maxrec` is the row limit that a job with these parameters has.
        """
        return ()

    def from_cone(self, cone: Cone) -> Mapping[str, str | list[str]] | None:
        """Return the parameters with which this query asks for everything near there; pure.

        None where it takes no part in searches of many archives, or has no use for the cone's
        band or time: better no answer than one that leaves out what was asked.
        """
        return None

    @abstractmethod
    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Ask the archive, in a worker. All network input and output is here.

        Raises UsageError, TransientError or ServiceError, with the service's own words.
        """

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return one item per row, for the basket; rows map column names to values."""
        from portal.plugins.items import items_from_obscore

        return items_from_obscore(columns, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A data source, as a card and a page show it, with the queries it answers.

    `retrieval` says how to get at the data themselves. `links` are catalogues and pages
    elsewhere, by title. `coverage` is where the archive has data, as `Dataset.coverage`.
    `health` is a query that fails, in words for the user, when the archive does not answer; the
    portal asks it every quarter of an hour, and shows how that went and when. Up to `at_once`
    jobs ask a host of its services at the same time; further ones wait in the queue.
    `esap_name` is what ESAP called it in its baskets, for programs that were written for those.
    """

    id: str
    title: str
    description: str
    queries: tuple[Query, ...]
    institute: str = ""
    instrument: str = ""
    documentation_url: str | None = None
    license: str = ""
    license_url: str | None = None
    citation: str = ""
    wavebands: tuple[str, ...] = ()
    order: int = 100
    visible: bool = True
    pages: tuple[Page, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    retrieval: str = ""
    links: tuple[tuple[str, ExternalLink], ...] = ()
    coverage: str | None = None
    health: QueryLink | None = None
    at_once: int | None = None
    esap_name: str = ""


class RowAction(ABC):
    """Something a user can do with one row of a result."""

    id: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether tables with these columns have rows this action is for."""

    def bind(
        self, columns: Sequence[Column], header: Callable[[], str | None]
    ) -> "RowAction | None":
        """Return the action for the rows of one table, or None where it has no use.

        For actions that depend on more than names: on UCDs, or on the services that a table
        describes (DataLink 1.1, section 4). `header` returns the VOTable document that the
        table came in, without its data, or None; it was screened and has no DOCTYPE. While
        rows arrive it is not there yet.
        """
        return self if self.applies(columns) else None

    @abstractmethod
    def link(self, row: Mapping[str, Any]) -> QueryLink | PageLink | ExternalLink | None:
        """Return where this action leads for this row, or None when it has no use here."""


class Renderer(ABC):
    """Another way to look at a page of rows: a tab beside the table.

    `template` is "<plugin>/<file>.html", one of the plugin's own; it gets what `context`
    returns and nothing else. `can_render` decides whether the tab is there; a `preferred`
    renderer is what opens first.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    preferred: ClassVar[bool] = False

    @abstractmethod
    def can_render(self, columns: Sequence[Column]) -> bool:
        """Say whether this renderer makes sense of tables with these columns."""

    @abstractmethod
    def context(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return the template's variables for one page of rows."""
