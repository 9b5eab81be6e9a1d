"""Cells of astropy's tables as plain Python, to compare with ours."""

import io
import warnings

import numpy as np
from astropy.io.votable import parse


def votable_rows(document):
    """All rows of the first table of a document; ValueError when astropy cannot read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of overflow, where a number is too great for a float
        table = parse(io.BytesIO(document), verify="ignore").get_first_table()
        return [_row(table, i) for i in range(len(table.array))]


def _row(table, i):
    array, named = table.array, zip(table.array.dtype.names, table.fields, strict=True)
    return [_votable_cell(array.data[name][i], array.mask[name][i], field) for name, field in named]


def _votable_cell(value, mask, field):
    if field.arraysize == "1" and not isinstance(value, str):
        value, mask = np.ma.getdata(value)[0], np.ma.getmaskarray(value) | mask
    if field.datatype == "float" and np.ndim(value):
        value = value.astype(np.float32)  # astropy makes doubles of "*" arrays in TABLEDATA
    return plain(value, mask)


def plain(value, mask=False):
    """A cell as plain Python: None for masked and NaN, flat lists, pairs for complex numbers."""
    if isinstance(value, (str, bytes)):
        return str(value)
    if isinstance(value, list):
        return value
    if np.ndim(value) == 0:
        return None if np.all(mask) or value is np.ma.masked else _number(value)
    if np.ndim(mask) == 0 and mask:
        return None
    hidden = np.broadcast_to(np.ma.getmaskarray(value) | mask, np.shape(value)).ravel()
    values = np.ma.getdata(value).ravel()
    return [None if h else _number(v) for v, h in zip(values, hidden, strict=True)]


def alike(cell):
    """A cell without what astropy cannot show: null text, and null arrays among arrays of nulls."""
    if isinstance(cell, list) and cell and all(element is None for element in cell):
        return None
    return None if cell == "" else cell


def _number(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex):
        return None if np.isnan(value) else [value.real, value.imag]
    return None if value != value else value  # noqa: PLR0124 - NaN
