"""What is wrong with a query, and where."""

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from portal.problems import UsageError


class AdqlError(UsageError):
    """A query that cannot be used; `line` and `column` count from 1, None when unknown."""

    title = "This query cannot be run"

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        """Put the place, where there is one, before the message."""
        self.line = line
        self.column = column
        super().__init__(message if line is None else f"Line {line}, column {column}: {message}")


def error_at_token(message: str, token: Token) -> AdqlError:
    """Return an error that points to the first character of `token`."""
    return AdqlError(message, line=token.line, column=token.col - (token.end - token.start))


def error_at_node(message: str, node: exp.Expr) -> AdqlError:
    """Return an error that points to the first word of `node` whose place is known."""
    placed = (part.meta for part in node.walk() if "line" in part.meta)
    first = min(placed, key=lambda meta: int(meta["start"]), default=None)
    if first is None:
        return AdqlError(message)
    width = int(first["end"]) - int(first["start"])
    return AdqlError(message, line=int(first["line"]), column=int(first["col"]) - width)
