"""Which columns of a table are its positions."""

from collections.abc import Sequence

from portal.plugins import Column

UCDS = (
    ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main"),
    ("pos_eq_ra_main", "pos_eq_dec_main"),
    ("pos.eq.ra", "pos.eq.dec"),
)
NAMES = (
    ("ra", "dec"),
    ("s_ra", "s_dec"),
    ("ra_icrs", "de_icrs"),
    ("raj2000", "dej2000"),
    ("_raj2000", "_dej2000"),
    ("ra_deg", "dec_deg"),
    ("radeg", "decdeg"),
    ("alpha_j2000", "delta_j2000"),
    ("alpha", "delta"),
    ("right_ascension", "declination"),
)
DEGREES = frozenset({None, "", "deg", "degree", "degrees"})


def find_position(columns: Sequence[Column]) -> tuple[Column, Column] | None:
    """Return the columns of right ascension and declination: by UCD, else by name.

    Only numbers in degrees will do; sexagesimal text and other units are passed over.
    """
    usable = [one for one in columns if one.is_numeric and one.unit in DEGREES]
    by_ucd = {(one.ucd or "").casefold(): one for one in reversed(usable)}
    by_name = {one.name.casefold(): one for one in usable}
    for known, pairs in ((by_ucd, UCDS), (by_name, NAMES)):
        for ra, dec in pairs:
            if ra in known and dec in known:
                return known[ra], known[dec]
    return None
