"""FITS files as their headers and images: opened without trust, read in strips."""

import warnings
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed._compression import CfitsioException
from astropy.io.fits.verify import VerifyError
from numpy.typing import NDArray

from portal.plugins import AbortedError
from portal.plugins import UsageError

LARGEST_SIDE = 1024
SMALLEST_SIDE = 256
MOST_HDUS = 1_000
LONGEST_RATIO = 16  # images that are longer than that are squeezed
STRIP_PIXELS = 1 << 22
IMAGE_AXES = 2
# What astropy raises for files that no standard allows.
FITS_ERRORS = (
    OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError,
    RuntimeError, VerifyError, CfitsioException, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One plane of an image, made smaller if it was large; the first row is the lowest.

    `shape` is that of the file, in the order of numpy. `plane` counts from 1; None: there is
    only one of `planes`.
    """

    hdu: int
    name: str
    header: fits.Header
    shape: tuple[int, ...]
    plane: int | None
    planes: int
    values: NDArray[np.float32]


@contextmanager
def open_fits(path: Path) -> Iterator[list[Any]]:
    """Open a file as its HDUs; UsageError with the reason when it is damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            path.open("rb") as file,  # which astropy leaves open when it fails
            _in_words(),
            fits.open(file, memmap=True, do_not_scale_image_data=True) as hdus,
        ):
            yield _listed(hdus)


def find_image(hdus: Sequence[Any], wanted: str | None) -> int | None:
    """Return the number of the HDU to show: the one asked for, else the first image.

    `wanted` is a number or the name of an extension. None when no HDU is an image.
    Raises UsageError when the one asked for is none.
    """
    if wanted is None:
        return next((number for number, hdu in enumerate(hdus) if _is_image(hdu)), None)
    number = _number_of(hdus, wanted)
    if not _is_image(hdus[number]):
        raise UsageError(f"HDU {wanted} of this file is no image")
    return number


def read_image(
    hdus: Sequence[Any], number: int, plane: int | None, is_aborted: Callable[[], bool]
) -> Image:
    """Read one plane of an image, the middle one unless told, at most 1,024 pixels a side.

    Raises UsageError when there is no such plane, and when pixels are missing at the end.
    """
    hdu = hdus[number]
    shape = tuple(int(length) for length in hdu.shape)
    planes = int(np.prod(shape[:-IMAGE_AXES], dtype=np.int64)) if len(shape) > IMAGE_AXES else 1
    index = planes // 2 if plane is None else plane - 1
    if not 0 <= index < planes:
        raise UsageError(f"this image has the planes 1 to {planes}")
    _require_whole(hdu)
    place = np.unravel_index(index, shape[:-IMAGE_AXES]) if len(shape) > IMAGE_AXES else ()
    values = _read_small(hdu, tuple(int(one) for one in place), is_aborted)
    return Image(
        hdu=number,
        name=str(hdu.name or ""),
        header=hdu.header,
        shape=shape,
        plane=index + 1 if planes > 1 else None,
        planes=planes,
        values=_enlarged(values),
    )


def _listed(hdus: Any) -> list[Any]:
    found = []
    for number in range(MOST_HDUS):
        try:
            found.append(hdus[number])
        except IndexError:
            break
    return found


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except FITS_ERRORS as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UsageError(f"this FITS file is damaged, or was cut: {reason}") from error


def _number_of(hdus: Sequence[Any], wanted: str) -> int:
    if wanted.isdecimal() and len(wanted) < len("1000000"):
        if int(wanted) < len(hdus):
            return int(wanted)
    else:
        for number, hdu in enumerate(hdus):
            if str(hdu.name).casefold() == wanted.casefold():
                return number
    raise UsageError(f"this file has no HDU {wanted}: they are 0 to {len(hdus) - 1}")


def _is_image(hdu: Any) -> bool:
    if not getattr(hdu, "is_image", False) or isinstance(hdu, fits.GroupsHDU):
        return False
    shape = hdu.shape
    return len(shape) >= IMAGE_AXES and min(shape) > 0 and min(shape[-IMAGE_AXES:]) > 1


def _require_whole(hdu: Any) -> None:
    about = hdu.fileinfo()
    if about is None or isinstance(hdu, fits.CompImageHDU):
        return
    there = Path(about["file"].name).stat().st_size
    bits = abs(int(hdu.header["BITPIX"]))
    needed = about["datLoc"] + bits // 8 * int(np.prod(hdu.shape, dtype=np.int64))
    if there < needed:
        raise UsageError(
            f"this FITS file was cut: it has {there:,} bytes, and its image ends at {needed:,}"
        )


def _read_small(
    hdu: Any, place: tuple[int, ...], is_aborted: Callable[[], bool]
) -> NDArray[np.float32]:
    height, width = hdu.shape[-IMAGE_AXES:]
    down, across = _steps(height, width)
    rows = max(1, STRIP_PIXELS // max(width, 1) // down) * down
    strips = []
    for first in range(0, height // down * down, rows):
        if is_aborted():
            raise AbortedError("the job was aborted")
        last = min(first + rows, height // down * down)
        strips.append(_shrunk(_values(hdu, place, slice(first, last)), down, across))
    return np.vstack(strips)


def _steps(height: int, width: int) -> tuple[int, int]:
    down, across = -(-height // LARGEST_SIDE), -(-width // LARGEST_SIDE)
    if max(height, width) <= LONGEST_RATIO * min(height, width):
        down = across = max(down, across)
    return down, across


def _values(hdu: Any, place: tuple[int, ...], rows: slice) -> NDArray[np.float64]:
    """Return some rows in physical units, NaN where there is no value."""
    if isinstance(hdu, fits.CompImageHDU):
        return np.asarray(hdu.section[(*place, rows, slice(None))], dtype=np.float64)
    raw = np.asarray(hdu.data[(*place, rows, slice(None))])
    header = hdu.header
    values = raw.astype(np.float64)
    if raw.dtype.kind in "iu" and (blank := header.get("BLANK")) is not None:
        values[raw == blank] = np.nan
    scale, zero = float(header.get("BSCALE", 1)), float(header.get("BZERO", 0))
    with np.errstate(all="ignore"):
        return values * scale + zero if (scale, zero) != (1, 0) else values


def _shrunk(values: NDArray[np.float64], down: int, across: int) -> NDArray[np.float32]:
    """Return the means of blocks; what has no value does not count."""
    height, width = values.shape[0] // down, values.shape[1] // across
    blocks = values[: height * down, : width * across].reshape(height, down, width, across)
    known = np.isfinite(blocks)
    with np.errstate(all="ignore"):
        sums = np.where(known, blocks, 0).sum(axis=(1, 3))
        means: NDArray[np.float64] = sums / known.sum(axis=(1, 3))
    return means.astype(np.float32)


def _enlarged(values: NDArray[np.float32]) -> NDArray[np.float32]:
    factor = SMALLEST_SIDE // max(values.shape)
    return values if factor <= 1 else values.repeat(factor, 0).repeat(factor, 1)
