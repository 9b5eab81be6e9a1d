import pytest

from portal_names.keys import key_of


@pytest.mark.parametrize(
    "names",
    [
        ("M31", "m 31", "M 031", "Messier 31", "MESSIER31", "M-31"),
        ("NGC224", "ngc 0224", "NGC-224", "N G C 224"),
        ("α CMa", "alf CMa", "Alpha CMa", "* alf CMa", "ALPHA cma"),
        ("α1 Cen", "alf01 Cen", "alpha 1 Cen", "α¹ Cen"),
        ("ξ UMa", "ksi UMa", "Xi UMa"),
        ("Barnard's Star", "barnards star", "NAME Barnard's star"),
        ("Bélénos", "belenos"),
        ("Crab Nebula", "The Crab Nebula", "crab-nebula"),
        ("ESO 56-115", "ESO 056-115"),
    ],
)
def test_spellings_of_one_name_have_one_key(names):
    assert len({key_of(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M 3", "M 31"),
        ("NGC 224", "IC 224"),
        ("NGC 10", "NGC 100"),
        ("α CMa", "α CMi"),
        ("PSR B1919+21", "PSR B1919-21"),
        ("61 Cyg", "16 Cyg"),
        ("Gl 1.2", "Gl 12"),
    ],
)
def test_different_names_have_different_keys(one, other):
    assert key_of(one) != key_of(other)
