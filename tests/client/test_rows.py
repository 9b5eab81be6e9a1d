import numpy as np
import pytest
from astropy.table import Column
from astropy.table import MaskedColumn

from portal_client.basket import _numbers

MAGNITUDES = MaskedColumn([5.0, 9.0, 3.0, 1.0], mask=[False, False, False, True])


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([2, 0], [2, 0]),
        (range(3), [0, 1, 2]),
        ((number for number in (1, 2)), [1, 2]),
        (np.array([4], dtype=np.uint8), [4]),
        ([True, False, True], [0, 2]),
        (Column([1.0, 2.0]) > 1.5, [1]),
        (MAGNITUDES < 6, [0, 2]),
        (np.ma.array([7, 8], mask=[True, False]), [8]),
        ([], []),
    ],
)
def test_rows_are_chosen_by_number_or_by_mask_and_never_where_nothing_is_known(rows, numbers):
    assert _numbers(rows) == numbers


@pytest.mark.parametrize("rows", [[0.5], ["0"], np.array([1.0])])
def test_what_is_neither_is_refused(rows):
    with pytest.raises(TypeError, match="numbers, or by a mask"):
        _numbers(rows)
