"""A TAP service in a thread that behaves as well or as badly as a test wants it to."""

import threading
import time
from dataclasses import dataclass
from dataclasses import field

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

TABLE = """\
<?xml version="1.0"?>
<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
<INFO name="QUERY_STATUS" value="OK"/>
<TABLE><FIELD name="n" datatype="int"/><DATA><TABLEDATA>
{rows}
</TABLEDATA></DATA></TABLE>{after}</RESOURCE></VOTABLE>"""
JOB = """\
<?xml version="1.0"?>
<uws:job xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
  {version}><uws:jobId>1</uws:jobId><uws:ownerId/><uws:phase>{phase}</uws:phase>
  <uws:destruction>{destruction}</uws:destruction>{error}<uws:results>{results}</uws:results></uws:job>"""
ERROR = """\
<uws:errorSummary type="{kind}" hasDetail="true"><uws:message>{message}</uws:message>
</uws:errorSummary>"""
RESULT = '<uws:result id="{id}" xlink:href="{href}"/>'
CAPABILITIES = """\
<c:capabilities xmlns:c="http://www.ivoa.net/xml/VOSICapabilities/v1.0">
<capability standardID="ivo://ivoa.net/std/TAP">{outputs}</capability></c:capabilities>"""
BINARY2_OUTPUT = """\
<outputFormat ivo-id="ivo://ivoa.net/std/TAPRegExt#output-votable-binary2">
<mime>application/x-votable+xml;serialization=BINARY2</mime><alias>b2</alias></outputFormat>"""


def table(*numbers: int, overflow: bool = False) -> str:
    """Return a VOTable with one column of numbers."""
    rows = "".join(f"<TR><TD>{number}</TD></TR>" for number in numbers)
    after = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' if overflow else ""
    return TABLE.format(rows=rows, after=after)


def refusal(message: str) -> str:
    """Return a VOTable that reports an error."""
    return (
        '<VOTABLE version="1.3"><RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="ERROR">{message}</INFO></RESOURCE></VOTABLE>'
    )


@dataclass
class TapService:
    """One service at `<url>`, with at most one job; set what it does before it is asked."""

    server: Loopback
    version: str | None = "1.1"
    outputs: str = ""
    last_phase: str = "COMPLETED"
    seconds: float = 0.0
    error: tuple[str, str] = ("fatal", "")
    error_document: str = ""
    results: tuple[tuple[str, str], ...] = (("result", "/tap/async/1/results/result"),)
    answer: str = field(default_factory=lambda: table(1, 2, 3))
    location: str = "/tap/async/1"
    honours_wait: bool = True
    destruction: str = "2099-01-01T00:00:00Z"
    phase: str = "PENDING"
    began: float = 0.0
    moved: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.server.routes |= {
            "/tap/capabilities": self._capabilities,
            "/tap/sync": self.answer_table,
            "/tap/async": self.create,
            "/tap/async/1": self._job,
            "/tap/async/1/phase": self._phase,
            "/tap/async/1/executionduration": self.note,
            "/tap/async/1/destruction": self.note,
            "/tap/async/1/error": lambda exchange: exchange.answer(self.error_document),
        }
        for _, href in self.results:
            self.server.routes[href] = self.answer_table

    @property
    def url(self) -> str:
        return f"{self.server.url}/tap"

    def asked(self) -> list[str]:
        return self.server.asked()

    def form(self, path: str) -> dict[str, str]:
        """Return the parameters of the last request to a path."""
        return next(one.form for one in reversed(self.server.requests) if one.path == path)

    def create(self, exchange: Exchange) -> None:
        self.phase = "PENDING"
        exchange.answer(status=303, location=self.location)

    def note(self, exchange: Exchange) -> None:
        exchange.answer(status=303, location="/tap/async/1")

    def answer_table(self, exchange: Exchange) -> None:
        exchange.answer(self.answer)

    def _capabilities(self, exchange: Exchange) -> None:
        exchange.answer(CAPABILITIES.format(outputs=self.outputs), content_type="text/xml")

    def _phase(self, exchange: Exchange) -> None:
        with self.moved:
            self.phase = {"RUN": "EXECUTING", "ABORT": "ABORTED"}[exchange.form["PHASE"]]
            self.began = time.monotonic()
            self.moved.notify_all()
        exchange.answer(status=303, location="/tap/async/1")

    def _job(self, exchange: Exchange) -> None:
        if exchange.method == "DELETE":
            exchange.answer(status=303, location="/tap/async")
            return
        if self.honours_wait and exchange.form.get("WAIT"):
            self._wait(exchange)
        exchange.answer(self.document(), content_type="text/xml")

    def _wait(self, exchange: Exchange) -> None:
        until = time.monotonic() + float(exchange.form["WAIT"])
        with self.moved:
            while (
                self.current() == exchange.form.get("PHASE")
                and time.monotonic() < until
                and not exchange.stopping.is_set()
            ):
                self.moved.wait(0.02)

    def current(self) -> str:
        if self.phase == "EXECUTING" and time.monotonic() - self.began >= self.seconds:
            return self.last_phase
        return self.phase

    def document(self) -> str:
        phase = self.current()
        kind, message = self.error
        results = "".join(RESULT.format(id=name, href=href) for name, href in self.results)
        return JOB.format(
            version=f'version="{self.version}"' if self.version else "",
            phase=phase,
            destruction=self.destruction,
            error=ERROR.format(kind=kind, message=message) if phase == "ERROR" else "",
            results=results if phase == "COMPLETED" else "",
        )
