"""The metadata of a table: astropy reads the document's header, and nothing but the header.

astropy never sees DATA or STREAM. As a second lock, the `urllib` with which its VOTable reader
would open a STREAM's href is replaced here, for the whole process, by one that refuses.
"""

import io
import re
import urllib.error
from collections.abc import Sequence
from types import SimpleNamespace
from typing import NoReturn

from astropy.io.votable import parse
from astropy.io.votable import tree
from astropy.io.votable.exceptions import VOWarning
from astropy.io.votable.tree import Field
from astropy.units import UnrecognizedUnit
from astropy.units.format import Base

from portal.problems import ServiceError
from portal.tables.columns import Column
from portal.tables.columns import unique_names
from portal.tables.votable.mend import mend
from portal.tables.votable.mend import strip

# What astropy's VOTable reader raises on a document that its specification does not allow.
ASTROPY_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, VOWarning)
POSITION = re.compile(r"^\S*:[\d?]+:[\d?]+: ")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise ServiceError("The table names data elsewhere (href), which is refused.")


tree.urllib = SimpleNamespace(request=SimpleNamespace(urlopen=_refuse), error=urllib.error)


class _Verbatim(Base):  # type: ignore[misc]
    """A unit syntax that keeps what the service wrote."""

    name = "verbatim"

    @classmethod
    def parse(cls, s: str, debug: object = None) -> UnrecognizedUnit:  # noqa: ARG003 - the base class's
        """Take any text as a unit."""
        return UnrecognizedUnit(s)


def read_fields(header: bytes, resource_depth: int) -> tuple[list[Field], bytes]:
    """Return astropy's fields of the last table in `header`, and the header as it was read.

    A header that astropy cannot read is tried again without its parameters and groups.
    Raises ServiceError when that does not help.
    """
    mended = mend(header)
    try:
        return _fields(mended, resource_depth), mended
    except ASTROPY_ERRORS:
        mended = strip(mended)
    try:
        return _fields(mended, resource_depth), mended
    except ASTROPY_ERRORS as error:
        raise ServiceError(f"The table's columns cannot be read: {words(error)}") from error


def columns_of(fields: Sequence[Field]) -> tuple[Column, ...]:
    """Return our columns for astropy's fields, with unique names."""
    return unique_names(
        Column(
            name=field.name or field.ID,
            datatype=field.datatype,
            arraysize=field.arraysize or None,
            unit=(None if field.unit is None else str(field.unit)) or None,
            ucd=field.ucd or None,
            utype=field.utype or None,
            xtype=field.xtype or None,
            description=" ".join((field.description or "").split()),
        )
        for field in fields
    )


def words(error: Exception) -> str:
    """Return what an astropy error says, without the place in a document nobody has."""
    return POSITION.sub("", str(error))


def _fields(header: bytes, resource_depth: int) -> list[Field]:
    document = parse(io.BytesIO(header), verify="ignore", unit_format=_Verbatim)
    for _ in range(resource_depth):
        document = document.resources[-1]
    fields = list(document.tables[-1].all_fields)
    if not fields:
        raise ServiceError("The service's table has no columns.")
    return fields
