"""Reading a service: every part by itself, so that a broken one does not spoil the others."""

from collections.abc import Callable
from urllib.parse import urljoin
from urllib.parse import urlsplit

from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import ServiceError
from portal.plugins import ServiceFact
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.connector import TapService
from portal_vo.metadata.capabilities import read_capabilities
from portal_vo.metadata.examples import read_examples
from portal_vo.metadata.records import Capabilities
from portal_vo.metadata.records import TableRecord
from portal_vo.metadata.tableset import read_tableset
from portal_vo.metadata.tap_schema import TapSchemaReader
from portal_vo.metadata.writing import StoreWriter
from portal_vo.xml import read_xml

FAILURES = (ServiceError, TransientError, UsageError)
SHORTCOMINGS = "What is missing"
# Of more tables, the columns are read when somebody looks at one.
MOST_WITH_COLUMNS = 5_000
MOST_PAGES = 5  # of examples
MOST_EXAMPLES_BYTES = 2_000_000
TABLES_BETWEEN_REPORTS = 500


class ServiceReader:
    """Reads one service into a writer, and notes what could not be read."""

    def __init__(self, service: TapService, writer: StoreWriter, context: JobContext) -> None:
        """Keep whom to ask, where to write, and whom to tell."""
        self._service = service
        self._writer = writer
        self._context = context
        self._shortcomings: list[ServiceFact] = []

    def read(self) -> None:
        """Read everything; raises in the service's own words when no table could be read."""
        is_complete = self._read_tables()
        self._try("capabilities", self._read_capabilities)
        self._try("examples", self._read_examples)
        self._writer.add_capabilities(Capabilities(facts=self._shortcomings))
        self._context.report(None, "making it searchable")
        self._writer.finish(url=self._service.url, is_complete=is_complete)

    def _read_tables(self) -> bool:
        """Read the tables from the document, or else by queries; say whether all are there."""
        self._context.report(None, "reading the tables")
        try:
            self._read_documents()
        except FAILURES as error:
            self._note("The document /tables", error.message)
        else:
            if self._writer.table_count:
                return True
            self._note("The document /tables", "it lists no tables")
        self._context.report(None, "asking TAP_SCHEMA for the tables")
        return self._read_tap_schema()

    def _read_documents(self) -> None:
        """Read /tables; of a service with very many tables that can leave columns out, so."""
        try:
            with_columns = self._read_document(detail="min")
        except (UsageError, ServiceError):
            if self._writer.table_count:
                raise
            with_columns = False  # perhaps it stumbles over the parameter only
        if with_columns:
            return
        if self._writer.table_count > MOST_WITH_COLUMNS:
            self._note(
                "Columns", f"of {self._writer.table_count:,} tables: they are read one by one"
            )
            return
        with self._writer.instead():
            self._read_document()

    def _read_document(self, **asked: str) -> bool:
        """Read one document; say whether its tables have columns."""
        with_columns = False
        for one in read_tableset(self._service.get("tables", **asked)):
            if not isinstance(one, TableRecord):
                self._writer.add_schema(one)
                continue
            self._writer.add_table(one)
            with_columns = with_columns or bool(one.columns)
            if self._writer.table_count % TABLES_BETWEEN_REPORTS == 0:
                self._context.report(None, f"reading the tables: {self._writer.table_count:,}")
        return with_columns

    def _read_tap_schema(self) -> bool:
        """Ask for the tables; when that fails too, keep what the broken document had."""
        reader = TapSchemaReader(self._service)
        try:
            with self._writer.instead():
                reader.read(self._writer)
                if not self._writer.table_count:
                    raise ServiceError("TAP_SCHEMA lists no tables")
        except FAILURES as error:
            if not self._writer.table_count:
                said = self._shortcomings[-1].value
                raise type(error)(f"{error.message} (and for /tables: {said})") from error
            self._note("TAP_SCHEMA", error.message)
            return False
        return reader.is_complete

    def _read_capabilities(self) -> None:
        found = read_capabilities(read_xml(self._service.get("capabilities")))
        if not found.facts:
            raise ServiceError("they do not speak of TAP")
        self._writer.add_capabilities(found)

    def _read_examples(self) -> None:
        """Read the page of examples, and those it leads to on the same host; there may be none."""
        todo, seen = [f"{self._service.url}/examples"], set[str]()
        host = urlsplit(self._service.url).netloc
        while todo and len(seen) < MOST_PAGES:
            url = todo.pop(0)
            if url in seen or urlsplit(url).netloc != host:
                continue
            seen.add(url)
            response = self._service.fetch(url)
            if response is None:
                continue
            with open_body(response) as body:
                page = _beginning(body.read, MOST_EXAMPLES_BYTES).decode(errors="replace")
            parser = read_examples(page)
            self._writer.add_examples(parser.examples)
            todo += [urljoin(url, one) for one in parser.continuations]

    def _try(self, part: str, read: Callable[[], None]) -> None:
        self._context.report(None, f"reading the {part}")
        try:
            read()
        except FAILURES as error:
            self._note(f"The document /{part}", error.message)

    def _note(self, what: str, why: str) -> None:
        self._context.log(f"{what}: {why}")
        self._shortcomings.append(ServiceFact(group=SHORTCOMINGS, name=what, value=why))


def _beginning(read: Callable[[int], bytes], most: int) -> bytes:
    found = b""
    while len(found) < most and (data := read(65_536)):
        found += data
    return found[:most]
