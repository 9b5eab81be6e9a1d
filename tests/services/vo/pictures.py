"""Small FITS images with a WCS, written without a library: what the test services cut from."""

import math
import struct
from pathlib import Path

SIDE = 64
PIXEL = 4 / 3600  # degrees
BLOCK = 2880
PLACES = {"first": (180.0, 40.0), "second": (10.0, -20.0)}


def write_pictures(folder: Path) -> None:
    """Write one image for each of `PLACES`: a bright source in the middle of a ramp."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (ra, dec) in PLACES.items():
        (folder / f"{name}.fits").write_bytes(_header(name, ra, dec) + _pixels())


def _header(name: str, ra: float, dec: float) -> bytes:
    middle = (SIDE + 1) / 2
    cards = {
        "SIMPLE": "T", "BITPIX": "-32", "NAXIS": "2", "NAXIS1": str(SIDE), "NAXIS2": str(SIDE),
        "OBJECT": f"'{name:<8}'", "BUNIT": "'Jy/beam '", "DATE-OBS": "'2020-01-01T00:00:00'",
        "CTYPE1": "'RA---TAN'", "CTYPE2": "'DEC--TAN'", "CUNIT1": "'deg     '",
        "CUNIT2": "'deg     '", "CRPIX1": str(middle), "CRPIX2": str(middle),
        "CRVAL1": str(ra), "CRVAL2": str(dec), "CDELT1": str(-PIXEL), "CDELT2": str(PIXEL),
        "EQUINOX": "2000.0", "RADESYS": "'ICRS    '",
    }  # fmt: skip
    lines = [f"{key:<8}= {value:>20}" for key, value in cards.items()]
    text = "".join(line.ljust(80) for line in [*lines, "END"])
    return text.ljust(_whole(len(text))).encode()


def _pixels() -> bytes:
    middle = (SIDE - 1) / 2
    values = [
        x / SIDE + 50 * math.exp(-((x - middle) ** 2 + (y - middle) ** 2) / 18)
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    data = struct.pack(f">{len(values)}f", *values)
    return data.ljust(_whole(len(data)), b"\0")


def _whole(length: int) -> int:
    return -(-length // BLOCK) * BLOCK
