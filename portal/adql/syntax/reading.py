"""From the text of a query to its tree: what may stand before and behind it."""

from portal.adql.findings import Fix
from portal.adql.findings import Report
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.cursor import SyntaxStop
from portal.adql.syntax.nodes import Query
from portal.adql.syntax.queries import QueryReader
from portal.adql.syntax.tokens import Kind

_STATEMENTS_OF_SQL = """
    INSERT UPDATE DELETE DROP CREATE ALTER TRUNCATE GRANT REVOKE EXEC EXECUTE CALL SET COPY
    ATTACH MERGE BEGIN COMMIT ROLLBACK USE
"""
_STATEMENTS = frozenset(_STATEMENTS_OF_SQL.split())


def read_query(text: str, report: Report, own_functions: frozenset[str]) -> Query | None:
    """Return the tree of the query in `text`; None, and a report, when it cannot be read.

    Raises RecursionError for a query that is nested too deeply.
    """
    reader = QueryReader(text, report)
    reader.own_functions = own_functions
    try:
        _start(reader)
        query = reader.query()
        _end(reader)
    except SyntaxStop:
        return None
    return query


def _start(reader: QueryReader) -> None:
    _block_comments(reader)
    token = reader.token
    if all(one.kind is Kind.END or one.word == ";" for one in reader.tokens):
        message = "There is no query: write one, such as SELECT TOP 10 * FROM ..."
        reader.stop(message, (0, 0), code="empty")
    if token.word in _STATEMENTS:
        message = f"ADQL only reads tables: it has no {token.word}"
        reader.stop(message, token.span, code="not-a-query")
    if token.word not in {"SELECT", "WITH", "("}:
        if reader.slip_of(token):
            reader.fail("SELECT")
        message = f"A query starts with SELECT or WITH, not with {shown(token)}"
        reader.stop(message, token.span, code="not-a-query")


def _block_comments(reader: QueryReader) -> None:
    """Report the comments of other languages, and go on without them."""
    for token in reader.tokens:
        if token.kind is Kind.BLOCK_COMMENT:
            lines = token.text.removeprefix("/*").removesuffix("*/").splitlines() or [""]
            replacement = "\n".join(f"--{line}" for line in lines) + "\n"
            fix = Fix("Write it with --", token.start, token.end, replacement)
            message = "ADQL has no /* */: a comment starts with -- and ends with the line"
            reader.report.add("error", "comment", message, token.span, fix)
    reader.tokens = [one for one in reader.tokens if one.kind is not Kind.BLOCK_COMMENT]


def _end(reader: QueryReader) -> None:
    semicolon = reader.token
    while reader.accept(";"):
        pass
    if reader.token.kind is Kind.END:
        if semicolon.word == ";":
            fix = Fix("Remove it", semicolon.start, reader.before.end, "")
            message = "A query needs no semicolon at its end: some services refuse it"
            reader.report.add("hint", "semicolon", message, semicolon.span, fix)
        return
    if semicolon.word == ";":
        message = "One query at a time: nothing may follow the semicolon"
        reader.stop(message, reader.token.span, code="several-queries")
    if reader.token.word == ")":
        fix = Fix("Remove it", reader.token.start, reader.token.end, "")
        reader.stop("This parenthesis was never opened", reader.token.span, fix)
    reader.fail("the end of the query")
