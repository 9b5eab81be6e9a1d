"""What Rucio sends: a model of each kind of line, with what is kept of it."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

Count = Annotated[int, Field(ge=0, lt=2**63)]
Number = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class Resource(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Did(Resource):
    """A data identifier: a file, a dataset (of files) or a container (of datasets)."""

    scope: str
    name: str
    did_type: str | None = None
    bytes: Count | None = None
    length: Count | None = None


class File(Resource):
    """A file of a dataset or container."""

    scope: str
    name: str
    bytes: Count | None = None
    adler32: str | None = None
    md5: str | None = None


class Pfn(Resource):
    """Where a replica is (its key is the address), and how near that is: 1 comes first."""

    rse: str
    type: str | None = None
    domain: str | None = None
    priority: Number | None = None


class Replicas(File):
    """A file with its replicas, in the order of their priority."""

    pfns: dict[str, Pfn] = {}
    states: dict[str, str] = {}


class Rule(Resource):
    """A replication rule: how many of the files it wants somewhere are there (locks)."""

    id: str = Field(pattern=r"^[0-9a-fA-F]{32}$")
    scope: str
    name: str
    state: str
    rse_expression: str
    copies: int = 1
    error: str | None = None
    expires_at: str | None = None
    locks_ok_cnt: Count = 0
    locks_replicating_cnt: Count = 0
    locks_stuck_cnt: Count = 0

    @property
    def locks(self) -> int:
        """Return how many files it is about, as far as that is known."""
        return self.locks_ok_cnt + self.locks_replicating_cnt + self.locks_stuck_cnt
