"""What a remote worker and the portal say to one another, as JSON: each message checked."""

from typing import Annotated
from typing import Any
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic import TypeAdapter

from portal.credentials import RemoteCredential
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import EndedChild
from portal.uws.gateway import ResultRecord
from portal.uws.gateway import Standing

MOST_LINES = 1000
MOST_TEXT = 200_000

Text = Annotated[str, Field(max_length=MOST_TEXT)]

JOB = TypeAdapter(ClaimedJob)
CHILDREN = TypeAdapter(list[EndedChild])
STANDING = TypeAdapter(Standing)
CREDENTIAL = TypeAdapter(RemoteCredential)


class Message(BaseModel):
    """What every message has in common: nothing unknown, and no type taken for another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Claim(Message):
    """A worker asks: for that job, or for one of these types, and waits `wait` seconds."""

    job: Annotated[str, Field(max_length=64)] | None = None
    types: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=1000)] = []
    wait: Annotated[float, Field(ge=0)] = 0


class ClaimAnswer(Message):
    """A job, the key that acts for it, and the seconds that its worker may stay silent."""

    job: ClaimedJob
    key: str
    lease: float


class Progress(Message):
    """How far the job is."""

    progress: Annotated[float, Field(ge=0, le=1)] | None
    message: Text


class Lines(Message):
    """Lines for the job's owner."""

    lines: Annotated[list[Text], Field(max_length=MOST_LINES)]


class CheckpointValue(Message):
    """What the next attempt must know."""

    key: Annotated[str, Field(min_length=1, max_length=64)]
    value: Text


class CredentialWish(Message):
    """What the job's owner uses to log in at a service is asked for."""

    service: Annotated[str, Field(min_length=1, max_length=200)]


class StoredResult(Message):
    """A result, as the attempt's ResultRecord says it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    mime_type: Annotated[str, Field(min_length=1, max_length=100)]
    size: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    info: dict[str, Any] = {}

    @classmethod
    def of(cls, record: ResultRecord) -> Self:
        """Return the message for a record."""
        return cls(
            name=record.name, mime_type=record.mime_type, size=record.size, info=dict(record.info)
        )

    def record(self) -> ResultRecord:
        """Return the record that the message is for."""
        return ResultRecord(**self.model_dump())


class StoredResults(Message):
    """All results of a job that is done."""

    results: Annotated[list[StoredResult], Field(max_length=100)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.name for one in self.results}) < len(self.results):
            raise ValueError("every result needs a name of its own")
        return self


class Failure(Message):
    """Why the job failed; `fatal` says that trying again is pointless."""

    message: Text
    detail: Text = ""
    fatal: bool
