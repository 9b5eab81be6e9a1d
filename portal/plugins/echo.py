"""The plugin `test`: a job that says what it was told, as slowly and as wrongly as one asks.

For validators and tests, which need a type that takes whatever they send. Loaded only with
PORTAL_TEST_JOBS=1; its archive is not listed.
"""

import threading
import time
from typing import Annotated

from pydantic import AfterValidator
from pydantic import ConfigDict
from pydantic import Field

from portal.parameters import check_text
from portal.parameters import Example
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import Upload
from portal.plugins.hookspecs import hookimpl
from portal.plugins.types import Archive
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable

NAME = "test"
TEXT_LENGTH = 100_000
MOST_SECONDS = 3600
MOST_ROWS = 1_000_000
STEP_SECONDS = 0.5

Sent = Annotated[str, Field(max_length=TEXT_LENGTH), AfterValidator(check_text)]


class EchoParameters(QueryParameters):
    """What the echo obeys; whatever else is sent is kept and has no effect."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=False)
    __pydantic_extra__: dict[str, Sent | list[Sent]] = Field(init=False)

    TEXT: str = parameter(
        "", title="Text", description="What the result says.", max_length=TEXT_LENGTH
    )
    SECONDS: float = parameter(
        0.0, title="Seconds", description="How long it takes.", unit="s", ge=0, le=MOST_SECONDS
    )
    FAIL: str | None = parameter(
        None, title="Failure", description="The message with which the job fails.", max_length=1000
    )
    FILE: Upload | None = parameter(None, title="File", description="The log says how large it is.")
    ROWS: int = parameter(
        1, title="Rows", description="How often the result says it.", ge=0, le=MOST_ROWS
    )


class Echo(Query):
    """Says what it was told."""

    id = "test.echo"
    title = "Echo"
    description = "Says what it was told. Any parameter is accepted, and kept."
    Parameters = EchoParameters
    examples = (
        Example(title="At once", parameters={"TEXT": "hello"}),
        Example(title="In three seconds", parameters={"TEXT": "hello", "SECONDS": "3"}),
        Example(title="Never", parameters={"FAIL": "The telescope is closed."}),
    )

    def text(self, parameters: EchoParameters) -> str:
        """Return what will be said."""
        return parameters.TEXT

    def run(self, parameters: EchoParameters, context: JobContext) -> ResultTable:
        """Wait, then fail or say it; an abort ends the wait."""
        _wait(parameters.SECONDS, context)
        if parameters.FAIL:
            raise UsageError(parameters.FAIL)
        if parameters.FILE:
            context.log(f"FILE has {context.upload('FILE').stat().st_size} bytes.")
        column = Column(name="text", datatype="unicodeChar", arraysize="*")
        return ResultTable.from_rows([column], ([parameters.TEXT] for _ in range(parameters.ROWS)))


@hookimpl
def portal_register_archives() -> list[Archive]:
    """Offer the echo, without a card of its own."""
    return [
        Archive(
            id=NAME,
            title="Tests",
            description="Job types made for testing.",
            queries=(Echo(),),
            visible=False,
        )
    ]


def _wait(seconds: float, context: JobContext) -> None:
    aborted = threading.Event()
    context.on_abort(aborted.set)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        context.report(1 - left / seconds, f"{left:.0f} s to go")
        if aborted.wait(min(left, STEP_SECONDS)):
            raise UsageError("The wait was ended by an abort.")
