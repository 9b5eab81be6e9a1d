"""A small registry: RegTAP's tables in SQLite, asked in ADQL over HTTP.

What the portal asks of a registry is SQL but for TOP, so that no parser is needed.
"""

import re
import sqlite3
import threading
from xml.sax.saxutils import escape

from portal_vo.mirror.indexing import entry_of
from portal_vo.mirror.source import Record
from portal_vo.mirror.staging import open_staging
from portal_vo.mirror.tables import TABLES

TOP = re.compile(r"^SELECT TOP (\d+) ")
STANDARD = "ivo://ivoa.net/std/"
TEXT = '<FIELD name="{name}" datatype="char" arraysize="*"/>'
NUMBER = '<FIELD name="{name}" datatype="double"/>'
NUMBERS = {"time_start", "time_end", "spectral_start", "spectral_end", "resources"}


class FakeRegistry:
    """A registry behind a loopback server; rows come and go by `put` and `remove`."""

    def __init__(self, server, *, hard_limit=100_000, without=()):
        self.server = server
        self.url = f"{server.url}/tap"
        self.hard_limit = hard_limit
        self.queries = []
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.executescript("ATTACH ':memory:' AS rr; ATTACH ':memory:' AS tap_schema;")
        self._rows.execute("CREATE TABLE tap_schema.columns (table_name, column_name)")
        for name, columns in TABLES.items():
            self._rows.execute(f"CREATE TABLE rr.{name} ({', '.join(columns)})")
            if name not in without:
                named = [(f"rr.{name}", column) for column in columns]
                self._rows.executemany("INSERT INTO tap_schema.columns VALUES (?, ?)", named)
        server.routes["/tap/sync"] = self._answer

    def put(self, ivoid, record):
        self.remove(ivoid)
        self._insert("resource", ivoid, record.resource)
        for name, rows in record.rows.items():
            for row in rows:
                self._insert(name, ivoid, row)

    def remove(self, ivoid):
        for name in TABLES:
            self._rows.execute(f"DELETE FROM rr.{name} WHERE ivoid = ?", [ivoid])

    def _insert(self, table, ivoid, row):
        values = {"ivoid": ivoid, **row}
        marks = ", ".join("?" * len(values))
        self._rows.execute(
            f"INSERT INTO rr.{table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
        )

    def _answer(self, exchange):
        query, maxrec = exchange.form["QUERY"], int(exchange.form["MAXREC"])
        self.queries.append(query)
        most = maxrec if "TAP_SCHEMA" in query else min(maxrec, self.hard_limit)
        top = TOP.match(query)
        sql = TOP.sub("SELECT ", query) + (f" LIMIT {top[1]}" if top else "")
        with self._lock:
            found = self._rows.execute(sql)
            names = [one[0] for one in found.description]
            rows = found.fetchall()
        exchange.answer(_votable(names, rows[:most], is_cut=len(rows) > most))


def _votable(names, rows, *, is_cut):
    fields = "".join((NUMBER if name in NUMBERS else TEXT).format(name=name) for name in names)
    body = "".join(
        "<TR>"
        + "".join(f"<TD>{escape(str('' if one is None else one))}</TD>" for one in row)
        + "</TR>"
        for row in rows
    )
    overflow = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' if is_cut else ""
    return (
        '<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        '<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/>'
        f"<TABLE>{fields}<DATA><TABLEDATA>{body}</TABLEDATA></DATA></TABLE>{overflow}"
        "</RESOURCE></VOTABLE>"
    )


def record(title="A survey", *, services=(("tap", "http://vo.example.org/tap"),), **more):
    """Return a resource; `more` are columns of rr.resource, or rows of other tables."""
    tables = {name: rows for name, rows in more.items() if name in TABLES}
    columns = {name: value for name, value in more.items() if name not in TABLES}
    rows = {
        "capability": [
            {"cap_index": index, "standard_id": STANDARD + standard}
            for index, (standard, _) in enumerate(services, 1)
        ],
        "interface": [
            {"cap_index": index, "intf_index": 1, "intf_role": "std", "access_url": url}
            for index, (_, url) in enumerate(services, 1)
        ],
    }
    resource = {"res_title": title, "updated": "2026-01-01T00:00:00", **columns}
    return Record(resource=resource, rows={**rows, **tables})


def write_mirror(files, records, *, as_of):
    """Write a copy of a registry that has these records, by their identifiers."""
    files.folder.mkdir(parents=True, exist_ok=True)
    copy = open_staging(files.staging, live=files.live, registry=files.registry)
    copy.put(entry_of(ivoid, one) for ivoid, one in records.items())
    copy.finish(files.live, as_of=as_of)
    copy.close()
