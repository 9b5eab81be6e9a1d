"""Grey pictures as PNG (ISO/IEC 15948), written here so that no imaging library is needed."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY_8_BITS = (8, 0, 0, 0, 0)  # depth, colour type, compression, filter method, interlace
UP = 2  # filter type: each byte is the difference to the one above
LEVEL = 6


def write_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the picture; the first row of `pixels` is at the top."""
    height, width = pixels.shape
    above = np.vstack([np.zeros((1, width), np.uint8), pixels[:-1]])
    lines = np.empty((height, width + 1), np.uint8)
    lines[:, 0] = UP
    lines[:, 1:] = pixels - above  # modulo 256, as the filter wants it
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">II5B", width, height, *GREY_8_BITS)),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
