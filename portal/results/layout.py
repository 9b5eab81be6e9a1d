"""The names of the files in the folder of a result: of a table, or of a single file."""

ROWS = "rows.arrow"
PARQUET = "rows.parquet"
HEADER = "header.xml"
META = "meta.json"

FILE = "file.bin"
FILE_META = "file.json"
SEALS = frozenset({META, FILE_META})  # written last: they make a result whole


def sample_file(index: int) -> str:
    """Return the name of the sample of a column, by the column's position."""
    return f"sample-{index}.npy"


def order_file(index: int, *, ascending: bool) -> str:
    """Return the name of the order of a column, by the column's position."""
    return f"order-{index}-{'asc' if ascending else 'desc'}.npy"
