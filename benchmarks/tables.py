"""The table that the benchmarks read and write: 20 columns of seeded random values.

Floats have full precision, which is the worst case for compression; names hold markup
characters, one text column is not ASCII, and four columns have 3 % nulls.
"""

from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from portal.tables import arrow_schema
from portal.tables import Column

ROWS_PER_BATCH = 50_000
NULLS = 0.03
BANDS = ("u", "g", "r", "i", "z")
CLASSES = ("star", "galaxy", "QSO", "unknown <5 sigma", "artefact & ghost")
WORDS = ("étoile", "галактика", "naïve", "星", "Ångström")

COLUMNS = (
    Column(name="source_id", datatype="long", ucd="meta.id;meta.main"),
    Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
    Column(name="dec", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
    Column(name="pmra", datatype="double", unit="mas/yr"),
    Column(name="pmdec", datatype="double", unit="mas/yr"),
    Column(name="parallax", datatype="double", unit="mas"),
    Column(name="epoch", datatype="double", unit="yr"),
    Column(name="mag_g", datatype="float", unit="mag", ucd="phot.mag"),
    Column(name="mag_bp", datatype="float", unit="mag", ucd="phot.mag"),
    Column(name="mag_rp", datatype="float", unit="mag", ucd="phot.mag"),
    Column(name="rv", datatype="float", unit="km/s"),
    Column(name="healpix", datatype="long"),
    Column(name="solution_id", datatype="long"),
    Column(name="n_obs", datatype="int"),
    Column(name="flags", datatype="int"),
    Column(name="designation", datatype="char", arraysize="*"),
    Column(name="band", datatype="char", arraysize="*"),
    Column(name="class", datatype="char", arraysize="*"),
    Column(name="note", datatype="unicodeChar", arraysize="*"),
    Column(name="variable", datatype="boolean"),
)


def batches(rows: int, seed: int, rows_per_batch: int = ROWS_PER_BATCH) -> Iterator[pa.RecordBatch]:
    """Yield the table's rows; the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    for begin in range(0, rows, rows_per_batch):
        count = min(rows_per_batch, rows - begin)
        yield pa.RecordBatch.from_arrays(_arrays(rng, begin, count), schema=arrow_schema(COLUMNS))


def _arrays(rng: np.random.Generator, begin: int, count: int) -> list[pa.Array]:
    numbers = np.arange(begin, begin + count)
    floats = [rng.uniform(0, 360, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))]
    floats += [rng.normal(0, 30, count) for _ in range(3)]
    floats += [rng.uniform(2014, 2017, count)]
    magnitudes = [rng.normal(18, 2, count).astype(np.float32) for _ in range(4)]
    return [
        pa.array(rng.integers(1, 2**62, count)),
        *(pa.array(values) for values in floats[:3]),
        _with_nulls(rng, floats[3]),
        _with_nulls(rng, floats[4]),
        pa.array(floats[5]),
        *(pa.array(values) for values in magnitudes[:3]),
        _with_nulls(rng, magnitudes[3]),
        pa.array(rng.integers(0, 12 * 4**12, count)),
        pa.array(np.full(count, 1636148068921376768)),
        _with_nulls(rng, rng.integers(0, 2000, count).astype(np.int32)),
        pa.array(rng.integers(-(2**31), 2**31, count).astype(np.int32)),
        pa.array([f"Survey DR3 {number:012d}" for number in numbers]),
        _chosen(rng, BANDS, count),
        _chosen(rng, CLASSES, count),
        _chosen(rng, [f"{a} {b}" for a in WORDS for b in WORDS], count),
        pa.array(rng.integers(0, 2, count).astype(bool)),
    ]


def _with_nulls(rng: np.random.Generator, values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < NULLS)


def _chosen(rng: np.random.Generator, texts: Sequence[str], count: int) -> pa.Array:
    return pa.array(texts).take(pa.array(rng.integers(0, len(texts), count)))
