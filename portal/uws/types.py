"""Job types: what a job of each kind takes and makes, and how long and how often it may try."""

import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.parameters import check_declaration
from portal.parameters import Example
from portal.parameters import json_schema
from portal.parameters import Parameters
from portal.problems import NotFoundError

RESULT = "result"
VOTABLE = "application/x-votable+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known of a job before it runs: a short title, and the text of what will be asked.

    `host` is whom it will ask, None where nobody outside is asked or where that is not known;
    up to `host_limit` jobs do so at once.
    """

    title: str
    text: str
    host: str | None = None
    host_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredResult:
    """A result that every completed job of a type has."""

    name: str
    media_type: str
    description: str = ""


THE_TABLE = DeclaredResult(name=RESULT, media_type=VOTABLE, description="The rows that were found")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType:
    """One kind of job.

    `describe` is pure and says what a job with these parameters will ask. `version` changes
    when the same parameters come to mean something else. `aliases` are names under which the
    type is found as well; jobs bear its name. A job is tried again `transient_retries` times
    after a transient failure, `retry_delay` seconds later and twice that each further time; a
    lost worker counts against `max_attempts` only.

    With `children` a job of this type is made of others. `children` is pure: it gets the
    job's parameters and returns the name of a type and parameters for each child, which may
    be none; a child has no children and no files. Running the job makes them, of the same
    owner, in one transaction. They run side by side, and the job occupies no worker until
    the last one has ended, however that was. Then it is run itself, as every job is and once
    for all: `Attempt.children` says how each child ended, and what is returned is the result.
    Aborting or destroying the job does the same to its children.
    """

    name: str
    title: str
    parameters: type[Parameters]
    describe: Callable[[Parameters], Description]
    description: str = ""
    version: str = "1"
    aliases: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    results: tuple[DeclaredResult, ...] = (THE_TABLE,)
    documentation: str | None = None
    max_attempts: int = 3
    transient_retries: int = 1
    children: Callable[[Any], Sequence[tuple[str, Parameters]]] | None = None
    retry_delay: float = 2.0


class JobTypes(Mapping[str, JobType]):
    """Every job type by name; names and aliases match without regard to case."""

    def __init__(self, types: Iterable[JobType] = ()) -> None:
        """Check each type; raises ValueError for a name or a parameter that cannot be."""
        self._types: list[JobType] = []
        self._by_name: dict[str, JobType] = {}
        for job_type in types:
            self._add(job_type)

    def _add(self, job_type: JobType) -> None:
        names = (job_type.name, *job_type.aliases)
        check_declaration(job_type.parameters, names=names, version=job_type.version)
        for name in names:
            if name.casefold() in self._by_name:
                raise ValueError(f"there is a job type named {name} already")
            self._by_name[name.casefold()] = job_type
        self._types.append(job_type)

    def __getitem__(self, name: str) -> JobType:
        """Return the type of that name or alias, or raise NotFoundError."""
        try:
            return self._by_name[name.casefold()]
        except KeyError:
            raise NotFoundError(f"There is no job type {name}.") from None

    def __contains__(self, name: object) -> bool:
        """Say whether there is a type of that name or alias."""
        return isinstance(name, str) and name.casefold() in self._by_name

    def __iter__(self) -> Iterator[str]:
        """Go through the names, without aliases, in the order of registration."""
        return (job_type.name for job_type in self._types)

    def __len__(self) -> int:
        """Count the types."""
        return len(self._types)


def schema_hash(job_type: JobType) -> str:
    """Return the SHA-256, in hexadecimal, of the JSON Schema of a type's parameters.

    It is taken of the schema without spaces and with sorted keys.
    """
    return _hash_of(job_type.parameters)


@cache
def _hash_of(model: type[Parameters]) -> str:
    canonical = json.dumps(json_schema(model), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
