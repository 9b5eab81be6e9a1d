import importlib.util
from pathlib import Path

import pytest

from portal_names.catalogue import BrightStars
from portal_names.catalogue import DeepSkyObjects
from portal_names.catalogue import index
from portal_names.catalogue import read_entry
from portal_names.keys import key_of

NO_NETWORK = None
DATA = Path(importlib.util.find_spec("portal_names").origin).parent / "data"


def place(resolver, name):
    found = resolver.resolve(name, NO_NETWORK)
    return found and (found.ra, found.dec)


@pytest.mark.parametrize(
    ("names", "ra", "dec"),
    [  # positions from SIMBAD
        (["M31", "m 31", "NGC 224", "NGC0224", "Andromeda Galaxy"], 10.68471, 41.26875),
        (["M 1", "Crab Nebula", "NGC 1952"], 83.6324, 22.0174),
        (["Whirlpool Galaxy", "M51", "messier 51"], 202.46957, 47.19526),
        (["Pleiades", "M45"], 56.60, 24.11),
        (["Large Magellanic Cloud", "LMC"], 80.89417, -69.75611),
        (["IC 434"], 85.25, -2.5),
        (["M102"], 210.80227, 54.34895),
    ],
)
def test_objects_are_found_by_all_their_names(names, ra, dec):
    for name in names:
        assert place(DeepSkyObjects(), name) == pytest.approx((ra, dec), abs=0.3), name


@pytest.mark.parametrize(
    ("names", "ra", "dec"),
    [
        (["Sirius", "alf CMa", "α CMa", "Alpha Canis Majoris", "9 CMa"], 101.2872, -16.7161),
        (["Vega", "HIP 91262", "alpha Lyr", "3 Lyr"], 279.2347, 38.7837),
        (["61 Cyg", "61 Cygni"], 316.7248, 38.7494),
        (["Rigil Kentaurus", "Alpha Cen", "alf01 Cen"], 219.9021, -60.8340),
        (["Barnard's Star"], 269.4521, 4.6934),
    ],
)  # fmt: skip
def test_stars_are_found_by_name_and_designation(names, ra, dec):
    for name in names:
        assert place(BrightStars(), name) == pytest.approx((ra, dec), abs=1e-3), name


@pytest.mark.parametrize("name", ["", "x", "NGC 99999", "M 111", "3C 273", "' OR 1=1", "\0", "α"])
def test_what_is_not_in_the_lists_is_unknown(name):
    assert place(DeepSkyObjects(), name) is None
    assert place(BrightStars(), name) is None


def test_the_answer_says_who_gave_it_and_how_the_object_is_called():
    found = DeepSkyObjects().resolve("ngc 224", NO_NETWORK)

    assert found.name == "M 31"
    assert "OpenNGC" in found.resolver


@pytest.mark.parametrize(
    ("resolver", "wanted", "suggested"),
    [
        (DeepSkyObjects, "Andromdea", "Andromeda Galaxy"),
        (DeepSkyObjects, "Crab", "Crab Nebula"),
        (DeepSkyObjects, "Whirlpol Galaxy", "Whirlpool Galaxy"),
        (BrightStars, "Betelgeuze", "Betelgeuse"),
    ],
)
def test_names_like_the_one_asked_for_are_suggested(resolver, wanted, suggested):
    found = resolver().suggest(wanted)

    assert suggested in found
    assert len(found) <= 3
    assert resolver().resolve(found[0], NO_NETWORK) is not None


@pytest.mark.parametrize("wanted", ["", "x", "qqqqqqqq", "NGC 99999", "1" * 200])
def test_nothing_is_suggested_for_nothing(wanted):
    assert list(DeepSkyObjects().suggest(wanted)) == []


@pytest.mark.parametrize(("name", "least"), [("objects", 14_000), ("stars", 20_000)])
def test_every_line_is_a_place_with_the_keys_of_its_names(name, least):
    lines = (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        entry = read_entry(line)
        keys = line.rpartition("\t")[2].split("|")
        assert 0 <= entry.ra < 360
        assert -90 <= entry.dec <= 90
        assert keys == list(dict.fromkeys(map(key_of, entry.names)))
        assert all(keys)

    assert len(index(name)) > least
