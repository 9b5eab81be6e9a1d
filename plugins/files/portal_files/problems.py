"""What can go wrong with a file."""

import zlib


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
    SyntaxError,
    TypeError,
    ValueError,
    zlib.error,
)
