"""What can go wrong with a file."""

import zlib

import pyarrow as pa

from portal.plugins import ServiceError


class UnreadableFileError(Exception):
    """A file is no table that can be used; the message says why, without its path."""


# What the readers raise at files that are broken, cut or something else altogether.
READER_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ServiceError,
    SyntaxError,
    TypeError,
    ValueError,
    pa.ArrowException,
    zlib.error,
)
