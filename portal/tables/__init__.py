"""Tables as the portal carries them: VOTable columns over streams of Arrow batches."""

from portal.tables.columns import arrow_schema
from portal.tables.columns import arrow_type
from portal.tables.columns import Column
from portal.tables.columns import unique_names
from portal.tables.result import ResultTable
from portal.tables.result import TableEnd
from portal.tables.writers import Batches
from portal.tables.writers import Format
from portal.tables.writers import FORMATS

__all__ = [
    "FORMATS",
    "Batches",
    "Column",
    "Format",
    "ResultTable",
    "TableEnd",
    "arrow_schema",
    "arrow_type",
    "unique_names",
]
