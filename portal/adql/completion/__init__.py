"""What can be written at a place in a query: words of ADQL, functions, tables and columns."""

from portal.adql.completion.options import complete
from portal.adql.completion.options import Completions
from portal.adql.completion.options import Option

__all__ = ["Completions", "Option", "complete"]
