"""Job types: what a job of each kind takes, and how long and how often it may try."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from portal.parameters import check_model
from portal.parameters import Parameters
from portal.problems import NotFoundError

RESERVED_NAMES = frozenset({"jobs", "types", "worker", "capabilities", "availability"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """How a job is shown: a short title, and the text of what will be asked."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType:
    """One kind of job.

    `describe` is pure and says what a job with these parameters will ask. A job is tried
    again `transient_retries` times after a transient failure, `retry_delay` seconds later
    and twice that each further time; a lost worker counts against `max_attempts` only.
    """

    name: str
    title: str
    parameters: type[Parameters]
    describe: Callable[[Parameters], Description]
    description: str = ""
    max_attempts: int = 3
    transient_retries: int = 1
    retry_delay: float = 2.0


class JobTypes(Mapping[str, JobType]):
    """Every job type by name; names match without regard to case."""

    def __init__(self, types: Iterable[JobType] = ()) -> None:
        """Check each type; raises ValueError for a name or a parameter that cannot be."""
        self._types: dict[str, JobType] = {}
        for job_type in types:
            self._add(job_type)

    def _add(self, job_type: JobType) -> None:
        name = job_type.name.casefold()
        if name in RESERVED_NAMES or name in self._types:
            raise ValueError(f"a job type cannot be named {job_type.name}")
        check_model(job_type.parameters)
        self._types[name] = job_type

    def __getitem__(self, name: str) -> JobType:
        """Return the type, or raise NotFoundError."""
        try:
            return self._types[name.casefold()]
        except KeyError:
            raise NotFoundError(f"There is no job type {name}.") from None

    def __contains__(self, name: object) -> bool:
        """Say whether there is a type of that name."""
        return isinstance(name, str) and name.casefold() in self._types

    def __iter__(self) -> Iterator[str]:
        """Go through the names, in the order of registration."""
        return (job_type.name for job_type in self._types.values())

    def __len__(self) -> int:
        """Count the types."""
        return len(self._types)
