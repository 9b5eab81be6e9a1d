"""Places where workflows run, and what the portal asks of them."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

import requests

from portal.credentials import RemoteCredential
from portal.parameters import Parameters
from portal.plugins.workflows import Workflow
from portal.problems import UsageError

Handle = Mapping[str, str]
"""What a facility needs to find, look at and end a session again; it is kept encrypted."""


LAUNCH_NAMES = frozenset(
    {
        "basket_id",
        "definition",
        "first_cell",
        "maxrec",
        "parameters",
        "path",
        "ref",
        "repository",
        "title",
        "workflow",
        "workflow_type",
    }
)
"""The parameters that every launch has: no option of a facility is called like one of them."""


class Mode(StrEnum):
    """How one gets from the portal to a session.

    REDIRECT: the person's browser is sent to the facility, which starts what it finds there;
    the portal learns no more of it. LAUNCH: the portal starts a session, waits until it is
    ready, and can end it. BATCH: the portal hands in a run, and fetches its outputs.
    """

    REDIRECT = "redirect"
    LAUNCH = "launch"
    BATCH = "batch"


class Staging(StrEnum):
    """How files come to a session.

    REPOSITORY: the portal changes a copy of the workflow's repository so that they are fetched
    as it is built (repo2docker's `postBuild`). SESSION: they are fetched by the session itself,
    once it runs.
    """

    REPOSITORY = "repository"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketSummary:
    """What is to come along: how many files, and their bytes as far as those are known.

    `unsized` files are not counted in `bytes`.
    """

    files: int = 0
    bytes: int = 0
    unsized: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a facility can run something; `reason` is for the user, and has to be there for no.

    `mode` and `staging` are how it would; `warning` is what the user should know before.
    """

    accepts: bool
    reason: str = ""
    warning: str = ""
    mode: Mode = Mode.LAUNCH
    staging: Staging = Staging.REPOSITORY


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFile:
    """A small text file that the portal puts into a session; `content` stays out of `repr`."""

    path: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file of the basket, for a batch run to read.

    The address may open it to whoever has it, for as long as the run may last: it is shown
    nowhere. `checksum` is "<algorithm>:<hexadecimal digits>".
    """

    name: str
    url: str = field(repr=False)
    size: int | None = None
    checksum: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutput:
    """One thing that a batch run made: a file at `url`, or a `value` as text.

    `url` is what the facility says, and may be of use there only ("file:", "s3:").
    """

    name: str
    url: str | None = None
    size: int | None = None
    checksum: str | None = None
    media_type: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A workflow, made ready for one launch.

    `id` is the session's: unguessable, a letter and then letters and digits, all in lower case
    and 30 at most, the same for every attempt, and a name that facilities may use for what they
    start. `user` is a stable pseudonym of its owner, made like it. `repository` is cloned by the
    facility at `commit`, a whole SHA-1 or SHA-256, and needs no login; `path` is what is
    opened there. `files` are for the session once it runs, and may hold secrets: they are in
    no repository. `setup` is Python that fetches the data, and is run once in the folder of
    the repository after the files are there; None where `postBuild` did so. `options` are the
    values of the facility's `Options`. Only a batch run has `sources`, the text files in the
    folder of `workflow.definition` and below, that one first and with paths relative to that
    folder, and `inputs`.
    """

    id: str
    user: str
    title: str
    workflow: Workflow
    repository: str
    commit: str
    path: str | None = None
    files: Sequence[SessionFile] = ()
    setup: str | None = None
    options: Any = None
    sources: Sequence[SessionFile] = ()
    inputs: Sequence[InputFile] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that is ready: the address at which a person enters it, secrets and all.

    `expires` is when the facility ends it by itself, where that is known. `notice` is what the
    person should know on the way in, such as that he has to log in there.
    """

    url: str = field(repr=False)
    expires: datetime | None = None
    notice: str = ""


class SessionState(StrEnum):
    """Whether a session is there."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """How a session is, in words as well; `last_activity` is when it was last worked with."""

    state: SessionState
    message: str = ""
    last_activity: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityHealth:
    """Whether a facility answers, and what it says of the room it has, as short texts by title.

    One that `is_full` would refuse another session at the moment.
    """

    message: str
    capacity: Mapping[str, str] = field(default_factory=dict)
    is_full: bool = False


def _save_nothing(_handle: Handle) -> None:
    raise UsageError("Nothing is launched here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityContext:
    """What a facility works with, in a worker.

    All that goes over the network goes by `http`, the guarded session. `credential` gets the
    host of a service and returns what the session's owner stored to log in there, or None;
    `forget_credential` deletes what the service has refused.
    """

    http: requests.Session
    credential: Callable[[str], RemoteCredential | None] = lambda _service: None
    forget_credential: Callable[[str], None] = lambda _service: None
    log: Callable[[str], None] = lambda _line: None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchContext(FacilityContext):
    """What a launch works with.

    `save` commits the handle before it returns, in place of the one before: it is called
    before anything is started, and again whenever more is known. `handle` is what an earlier
    attempt of the same launch had saved; then what that one started is adopted, never started
    twice. `report` shows how far it is; `log` lines are kept. `deadline` returns a
    `time.monotonic()` instant or None. The others are as in `JobContext`.
    """

    handle: Handle | None = None
    save: Callable[[Handle], None] = _save_nothing
    report: Callable[[float | None, str], None] = lambda _fraction, _message: None
    deadline: Callable[[], float | None] = lambda: None
    is_aborted: Callable[[], bool] = lambda: False
    on_abort: Callable[[Callable[[], None]], None] = lambda _callback: None
    linger: Callable[[float], None] = lambda _seconds: None


class NoOptions(Parameters):
    """The options of a facility that leaves nothing to choose."""


class Facility(ABC):
    """A place where workflows run.

    `id` is made of lower-case letters, digits and hyphens; launches there are jobs of the
    type `orc.<id>`. `Options` are what a user may choose, such as the memory; they have
    defaults. Instances are shared by threads and processes, and keep no state between calls.
    `launch`, `run`, `status`, `stop` and `health` run in a worker, and may raise any PluginError.
    """

    id: str
    title: str
    description: str = ""
    url: str
    documentation_url: str | None = None
    Options: type[Parameters] = NoOptions
    order: int = 100

    @abstractmethod
    def accepts(self, workflow: Workflow, basket: BasketSummary) -> Answer:
        """Say whether and how the workflow runs here with these data; pure."""

    def link(self, repository: str, ref: str, path: str | None) -> str | None:
        """Return where a browser is sent to start this, or None without that mode; pure."""
        return None

    def launch(self, prepared: Prepared, context: LaunchContext) -> Session:
        """Start a session with the repository, put its files there, and wait until it is ready."""
        raise UsageError(f"{self.title} starts nothing for the portal.")

    def run(self, prepared: Prepared, context: LaunchContext) -> Sequence[RunOutput]:
        """Hand in a batch run, wait until it has ended, and say what it made (`Mode.BATCH`).

        The handle is saved and adopted as in a launch; an attempt that finds the run of an
        earlier one ended says the same of it. Raises ServiceError for a run that failed, with
        the end of what it wrote.
        """
        raise UsageError(f"{self.title} runs nothing for the portal.")

    def status(self, handle: Handle, context: FacilityContext) -> SessionStatus:
        """Look at a session. One that nobody knows any more is GONE, and no error."""
        return SessionStatus(state=SessionState.GONE)

    def stop(self, handle: Handle, context: FacilityContext) -> None:
        """End a session and remove what belongs to it; nothing happens to one that is gone."""
        raise UsageError(f"{self.title} ends nothing for the portal.")

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Say that the facility answers; raises TransientError or ServiceError when it does not."""
        return FacilityHealth(message="")
