"""SQLite databases that end with their test: they share statements and wait for no disk.

SQLAlchemy keeps what it compiled by dialect; here the dialects of all engines count as one.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_compiled: LRUCache[Any, Any] = LRUCache(2000)


class OneDialect(SQLiteDialect_pysqlite):
    """Equal to every other one: they differ in nothing that a statement is compiled to."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


def hurry(engine: Engine) -> None:
    """Let a SQLite database of the tests share statements, and lose what it wrote in a crash."""
    if type(engine.dialect) is SQLiteDialect_pysqlite:
        engine.dialect.__class__ = OneDialect
        engine.update_execution_options(compiled_cache=_compiled)
        event.listen(engine, "connect", _trust_the_disk)


def _trust_the_disk(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
