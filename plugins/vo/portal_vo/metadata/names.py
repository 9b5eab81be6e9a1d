"""Names of files, schemas and tables as they are kept, whatever a service writes."""

import hashlib

from portal.plugins import check_table_name
from portal.plugins import name_parts
from portal.plugins import quote_identifier

SEPARATOR = "\x1f"  # in no name: quote_identifier refuses control characters


def file_name(url: str) -> str:
    """Return the name of the file for the service at a base URL."""
    return f"{hashlib.sha256(url.encode(errors='surrogatepass')).hexdigest()}.sqlite"


def schema_name(written: str) -> str:
    """Return a schema's own name, without the quotes that some services write."""
    parts = name_parts(written)
    return parts[0] if written.startswith('"') and len(parts) == 1 else written


def table_name(written: str, schema: str) -> str:
    """Return what a query writes after FROM for a table as a service lists it.

    Services should quote the names that need it (TAP 1.1, section 4.2), and some do not: then
    it is done here. Raises ValueError for names that no query can write.
    """
    try:
        return check_table_name(written)
    except ValueError:
        pass
    inside = written.removeprefix(f"{schema}.") if schema else written
    if inside != written:
        return f"{quote_identifier(schema)}.{_quoted(inside)}"
    return _quoted(written)


def fold(parts: tuple[str, ...]) -> str:
    """Return the parts of a name as one text that no other parts have."""
    return SEPARATOR.join(parts)


def _quoted(name: str) -> str:
    try:
        return check_table_name(name)
    except ValueError:
        pass
    parts = name.split(".")
    if "/" in name or '"' in name or not all(parts):
        return quote_identifier(name)
    return ".".join(quote_identifier(part) for part in parts)
