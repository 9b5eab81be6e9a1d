import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from portal_vo.sky.coverage import CELLS
from portal_vo.sky.coverage import contains
from portal_vo.sky.coverage import place
from portal_vo.sky.coverage import read_moc


@pytest.mark.parametrize(
    ("text", "ranges", "fraction"),
    [
        ("0/0-11", [[0, CELLS]], 1.0),
        ("6/1-3 7", [[1, 4], [7, 8]], 4 / CELLS),
        ("6/3,1,2", [[1, 4]], 3 / CELLS),
        ("5/0 6/4\n7/32 8/", [[0, 5], [8, 9]], (4 + 1 + 0.25) / CELLS),
        ("29/0", [[0, 1]], 1 / (12 * 4**29)),
    ],
)
def test_a_moc_is_ranges_of_cells(text, ranges, fraction):
    coverage = read_moc(text)
    assert coverage.ranges.tolist() == ranges
    assert coverage.fraction == pytest.approx(fraction)
    assert coverage.is_all_sky == (fraction == 1.0)


@pytest.mark.parametrize(
    "text",
    [None, "", "6/", "nonsense", "1 2", "6/5-3", "0/12", "30/1", '{"6": [1]}', "6/1-", "-1/2"],
)
def test_a_broken_moc_is_none(text):
    assert read_moc(text) is None


@given(st.text("0123456789/-, \n", max_size=40))
def test_no_text_breaks_the_reader(text):
    coverage = read_moc(text)
    assert coverage is None or 0 < coverage.fraction <= 1


@given(st.sets(st.integers(0, CELLS - 1), min_size=1, max_size=30))
def test_mocs_are_read_as_mocpy_reads_them(cells):
    text = "6/" + " ".join(map(str, cells))
    theirs = MOC.from_string(text).to_depth29_ranges >> 46
    assert read_moc(text).ranges.tolist() == theirs.astype(int).tolist()


@pytest.mark.parametrize("radius", [None, 0.01, 2, 30, 90])
@pytest.mark.parametrize("position", [(0, 0), (360, 0), (123.4, 89.99), (200, -90)])
def test_the_whole_sky_contains_every_place(position, radius):
    assert contains(read_moc("0/0-11").to_bytes(), place(*position, radius))


def test_a_place_is_contained_only_as_a_whole():
    wanted = place(10, 20, 2)
    cells = [cell for low, high in wanted.tolist() for cell in range(low, high)]
    whole = read_moc("6/" + " ".join(map(str, cells)))
    assert contains(whole.to_bytes(), wanted)
    for missing in (cells[0], cells[len(cells) // 2], cells[-1]):
        rest = read_moc("6/" + " ".join(str(one) for one in cells if one != missing))
        assert not contains(rest.to_bytes(), wanted)
    assert len(np.unique([one >> 6 for one in cells])) >= 1
    assert cells[0] >> 6 in whole.coarse_cells()
