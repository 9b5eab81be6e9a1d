import ast
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import UTC
from pathlib import Path

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn
from astropy.time import Time

import portal_client
from portal_client.values import as_form
from portal_client.values import as_instant
from portal_client.values import as_json

FOLDER = Path(portal_client.__file__).parent


def test_values_of_numpy_and_astropy_become_plain_ones():
    values = {
        "a": np.float32(1.5),
        "b": np.int64(2),
        "c": np.bool_(True),
        "d": np.array([1.0, 2.0]),
        "e": MaskedColumn([1, 2], mask=[False, True]),
        "f": Time("2026-01-31T12:00:00"),
        "g": None,
    }

    assert as_json(values) == {
        "a": 1.5,
        "b": 2,
        "c": True,
        "d": [1.0, 2.0],
        "e": [1, None],
        "f": "2026-01-31T12:00:00.000Z",
        "g": None,
    }


def test_quantities_are_converted_to_the_unit_of_their_parameter():
    values = {"SR": 30 * u.arcmin, "band": [1, 2] * u.GHz}

    assert as_json(values, {"sr": "deg", "band": "MHz"}) == {"SR": 0.5, "band": [1000, 2000]}


def test_a_quantity_of_another_kind_is_refused():
    with pytest.raises(u.UnitConversionError, match="not convertible"):
        as_json({"sr": 1 * u.s}, {"sr": "deg"})


@pytest.mark.parametrize("value", [1 * u.deg, [1, 2] * u.arcmin, [1 * u.deg]])
def test_a_unit_is_not_dropped_in_silence(value):
    with pytest.raises(TypeError, match=r"deg|arcmin"):
        as_json({"name": value}, {"sr": "deg"})


def test_a_position_becomes_its_icrs_degrees():
    galactic_centre = SkyCoord(0 * u.deg, 0 * u.deg, frame="galactic")

    ra, dec = as_json({"position": galactic_centre})["position"].split()

    assert float(ra) == pytest.approx(266.404988, abs=1e-6)
    assert float(dec) == pytest.approx(-28.936178, abs=1e-6)


def test_several_positions_are_not_one():
    with pytest.raises(TypeError, match="SkyCoord is no value"):
        as_json({"position": SkyCoord([1, 2] * u.deg, [3, 4] * u.deg)})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"sr": value})


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError, match="set is no value of a parameter"):
        as_json({"names": {"a"}})


def test_times_are_written_in_utc():
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=1)))

    assert as_instant(noon) == "2026-01-31T11:00:00Z"
    assert as_instant(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "2026-01-31T12:00:00Z"
    assert as_instant("2026") == "2026"


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        as_instant(datetime(2026, 1, 31))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_the_client_is_written_in_python_3_10(module):
    ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 10))


def test_values_of_a_form_repeat_lists_and_leave_out_what_is_not_there():
    values = {"text": "a b", "number": 1.5, "yes": True, "none": None, "many": [1, "x"]}

    assert as_form(values) == [
        ("text", "a b"), ("number", "1.5"), ("yes", "true"), ("many", "1"), ("many", "x"),
    ]  # fmt: skip
