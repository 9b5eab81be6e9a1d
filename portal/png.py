"""Pictures as PNG (ISO/IEC 15948), written here so that no imaging library is needed."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DEPTH = 8
GREY, RGBA = 0, 6  # colour types
UP = 2  # filter type: each byte is the difference to the one above
LEVEL = 6


def write_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture of grey pixels (height, width), or of RGBA ones (height, width, 4).

    The first row is at the top.
    """
    height, width = pixels.shape[:2]
    colour_type = GREY if pixels.ndim == 2 else RGBA  # noqa: PLR2004 - one number a pixel
    rows = pixels.reshape(height, -1)
    lines = np.empty((height, rows.shape[1] + 1), np.uint8)
    lines[:, 0] = UP
    lines[0, 1:] = rows[0]
    lines[1:, 1:] = rows[1:] - rows[:-1]  # modulo 256, as the filter wants it
    header = struct.pack(">II5B", width, height, DEPTH, colour_type, 0, 0, 0)
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
