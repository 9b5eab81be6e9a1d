import math

import numpy as np
import pyarrow as pa
import pytest

from portal.results.meta import ColumnStatistics
from portal.results.survey import ColumnSurvey
from portal.tables import arrow_type
from portal.tables import Column

DOUBLE = Column(name="x", datatype="double")


@pytest.mark.parametrize(
    ("column", "batches", "expected"),
    [
        (
            DOUBLE,
            [[2.0, None], [math.nan, -1.5]],
            ColumnStatistics(missing=2, minimum=-1.5, maximum=2),
        ),
        (DOUBLE, [[math.inf, -math.inf, 3.0]], ColumnStatistics(missing=0, minimum=3, maximum=3)),
        (DOUBLE, [[math.inf], [None]], ColumnStatistics(missing=1)),
        (DOUBLE, [], ColumnStatistics(missing=0)),
        (
            Column(name="n", datatype="long"),
            [[2**63 - 1, None, -(2**63)]],
            ColumnStatistics(missing=1, minimum=-(2**63), maximum=2**63 - 1),
        ),
        (Column(name="t", arraysize="*"), [["a", None]], ColumnStatistics(missing=1)),
        (Column(name="b", datatype="boolean"), [[True, None]], ColumnStatistics(missing=1)),
        (
            Column(name="a", datatype="int", arraysize="2"),
            [[[1, 2], None]],
            ColumnStatistics(missing=1),
        ),
    ],
)
def test_what_is_learnt_of_a_column(column, batches, expected):
    survey = ColumnSurvey(column, rows=4)
    for values in batches:
        survey.add(pa.array(values, arrow_type(column)))
    assert survey.statistics == expected
    assert survey.sample() is None


def test_the_sample_of_a_large_column_is_like_the_column():
    values = np.random.default_rng(5).normal(size=200_000)
    survey = ColumnSurvey(DOUBLE, rows=len(values))
    for part in np.split(values, 10):
        survey.add(pa.array(part))
    sample = survey.sample()
    assert len(sample) == pytest.approx(len(values) / 16, rel=0.01)
    assert (np.diff(sample) >= 0).all()
    assert np.isin(sample, values).all()
    for share in (0.01, 0.25, 0.5, 0.99):
        assert np.mean(values <= np.quantile(sample, share)) == pytest.approx(share, abs=0.02)
