"""Downloads: every format that a table can be written as, streamed."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.tables.writers.csv import write_csv
from portal.tables.writers.ecsv import write_ecsv
from portal.tables.writers.fits import write_fits
from portal.tables.writers.format import Batches
from portal.tables.writers.format import Format
from portal.tables.writers.parquet import write_parquet
from portal.tables.writers.votable import write_binary2
from portal.tables.writers.votable import write_tabledata

__all__ = ["FORMATS", "Batches", "Format"]

_ALL = (
    Format(
        id="votable",
        title="VOTable",
        extension="vot",
        media_type="application/x-votable+xml;serialization=BINARY2",
        write=write_binary2,
    ),
    Format(
        id="votable-tabledata",
        title="VOTable (TABLEDATA)",
        extension="xml",
        media_type="application/x-votable+xml;serialization=TABLEDATA",
        write=write_tabledata,
    ),
    Format(
        id="fits",
        title="FITS binary table",
        extension="fits",
        media_type="application/fits",
        write=write_fits,
    ),
    Format(
        id="csv",
        title="CSV",
        extension="csv",
        media_type="text/csv;charset=utf-8;header=present",
        write=write_csv,
    ),
    Format(
        id="ecsv",
        title="ECSV",
        extension="ecsv",
        media_type="application/x-ecsv",
        write=write_ecsv,
    ),
    Format(
        id="parquet",
        title="Parquet",
        extension="parquet",
        media_type="application/vnd.apache.parquet",
        write=write_parquet,
    ),
)

# By id; extensions are unique as well.
FORMATS: Mapping[str, Format] = MappingProxyType({one.id: one for one in _ALL})
