"""The service standards that the registry search knows, and what they are for."""

from dataclasses import dataclass

STANDARD = "ivo://ivoa.net/std/"


@dataclass(frozen=True, slots=True)
class ServiceType:
    """One kind of service: what users choose, and the standards it is registered under.

    The registry writes identifiers in lower case. "#aux" marks data that are reached
    through a service which holds other data as well (Discovering Data Collections 1.1).
    """

    key: str
    title: str
    standards: dict[str, str]


SERVICE_TYPES = (
    ServiceType(
        "tap",
        "Tables, by queries in ADQL (TAP)",
        {
            STANDARD + "tap": "Tables (TAP)",
            STANDARD + "tap#aux": "Tables (TAP, in a larger service)",
        },
    ),
    ServiceType(
        "scs",
        "Catalogues, by position (Cone Search)",
        {
            STANDARD + "conesearch": "Catalogue (Cone Search)",
            STANDARD + "conesearch#aux": "Catalogue (Cone Search, in a larger service)",
        },
    ),
    ServiceType(
        "sia",
        "Images (SIA)",
        {
            STANDARD + "sia": "Images (SIA 1)",
            STANDARD + "sia#aux": "Images (SIA 1, in a larger service)",
            STANDARD + "sia#query-2.0": "Images (SIA 2)",
            STANDARD + "sia#query-aux-2.0": "Images (SIA 2, in a larger service)",
        },
    ),
    ServiceType(
        "ssa",
        "Spectra (SSA)",
        {
            STANDARD + "ssa": "Spectra (SSA)",
            STANDARD + "ssa#aux": "Spectra (SSA, in a larger service)",
        },
    ),
)
TAP_STANDARDS = frozenset(SERVICE_TYPES[0].standards)


def standards_of(key: str | None) -> dict[str, str]:
    """Return the standards of one type of service, or of all, with their words."""
    chosen = [one for one in SERVICE_TYPES if key in (None, one.key)]
    return {standard: words for one in chosen for standard, words in one.standards.items()}
