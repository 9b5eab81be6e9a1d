"""The syntax tree of a query as it was written, each node with its place in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field


@dataclass(slots=True)
class Node:
    """Something from `start` to `end`, parentheses around it included."""

    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """Return where the node stands."""
        return self.start, self.end


@dataclass(slots=True)
class Name(Node):
    """One identifier without its quotes."""

    text: str
    is_quoted: bool = False

    @property
    def key(self) -> str:
        """Return the name as names are compared: without regard to case."""
        return self.text.casefold()


@dataclass(slots=True)
class Value(Node):
    """Anything that has a value, or is true or false."""

    def parts(self) -> Iterator["Value"]:
        """Yield the values inside, one level down."""
        yield from ()

    def walk(self) -> Iterator["Value"]:
        """Yield this value and all inside it, but nothing of subqueries."""
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(slots=True)
class Literal(Value):
    """A number, a text, NULL, TRUE or FALSE: `kind` is one of those in lower case."""

    kind: str
    text: str


@dataclass(slots=True)
class Column(Value):
    """A column with what qualifies it: `names` ends with the column's own."""

    names: tuple[Name, ...]

    @property
    def name(self) -> Name:
        """Return the column's own name."""
        return self.names[-1]


@dataclass(slots=True)
class Star(Value):
    """All columns, of one table when `names` says which."""

    names: tuple[Name, ...] = ()


@dataclass(slots=True)
class Call(Value):
    """A function with its arguments; `is_opaque` when they are not written as a plain list."""

    name: Name
    arguments: list[Value]
    is_opaque: bool = False
    is_window: bool = False

    @property
    def function(self) -> str:
        """Return the name of the function in upper case."""
        return self.name.text.upper()

    def parts(self) -> Iterator[Value]:
        """Yield the arguments."""
        yield from self.arguments


@dataclass(slots=True)
class Operation(Value):
    """Operands joined by an operator, such as +, ||, =, AND, LIKE, BETWEEN, CAST or CASE."""

    operator: str
    operands: list[Value]
    at: tuple[int, int] = (0, 0)  # where the operator stands

    @property
    def is_condition(self) -> bool:
        """Say whether this is true or false, and so no value in ADQL."""
        return self.operator in CONDITIONS

    def parts(self) -> Iterator[Value]:
        """Yield the operands."""
        yield from self.operands


@dataclass(slots=True)
class Subquery(Value):
    """A query in parentheses where a value stands."""

    query: "Query"


CONDITIONS = frozenset(
    [
        "=",
        "<>",
        "!=",
        "<",
        ">",
        "<=",
        ">=",
        "AND",
        "OR",
        "NOT",
        "LIKE",
        "ILIKE",
        "IN",
        "BETWEEN",
        "EXISTS",
        "IS NULL",
    ]
)
COMPARISONS = frozenset(["=", "<>", "!=", "<", ">", "<=", ">="])


@dataclass(slots=True)
class Item(Node):
    """One entry of the list after SELECT."""

    value: Value
    alias: Name | None = None


@dataclass(slots=True)
class Table(Node):
    """A table in FROM: one with a name, or a subquery."""

    names: tuple[Name, ...] = ()
    query: "Query | None" = None
    alias: Name | None = None
    is_joined_table: bool = False  # a join in parentheses that has an alias


@dataclass(slots=True)
class Tables:
    """All that stands after one FROM, joins taken apart."""

    tables: list[Table] = field(default_factory=list)
    conditions: list[Value] = field(default_factory=list)
    using: list[Name] = field(default_factory=list)
    natural_joins: int = 0
    joins: int = 0


@dataclass(slots=True)
class Common(Node):
    """A part of WITH."""

    name: Name
    columns: tuple[Name, ...]
    query: "Query"


@dataclass(slots=True)
class Query(Node):
    """What SELECT and the set operations have in common."""

    common: list[Common] = field(default_factory=list)
    order: list[Value] = field(default_factory=list)
    has_offset: bool = False


@dataclass(slots=True)
class Select(Query):
    """One SELECT; `head` is where TOP may stand."""

    head: int = 0
    top: int | None = None
    is_distinct: bool = False
    items: list[Item] = field(default_factory=list)
    tables: Tables = field(default_factory=Tables)
    from_end: int = 0
    where: Value | None = None
    group: list[Value] = field(default_factory=list)
    having: Value | None = None


@dataclass(slots=True)
class SetQuery(Query):
    """Queries joined by UNION, EXCEPT and INTERSECT."""

    branches: list[Query] = field(default_factory=list)
