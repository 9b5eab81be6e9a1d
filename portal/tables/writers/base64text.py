"""Base64 of a stream of bytes, for the STREAM element of a VOTable."""

import binascii

GROUP = 3


class Base64:
    """Encode bytes that come in pieces: no padding before the end."""

    def __init__(self) -> None:
        self._rest = b""

    def encode(self, data: bytes) -> bytes:
        """Return a line of base64 for the whole groups so far."""
        data = self._rest + data
        whole = len(data) // GROUP * GROUP
        self._rest = data[whole:]
        return binascii.b2a_base64(memoryview(data)[:whole])

    def finish(self) -> bytes:
        """Return the last line, padded."""
        return binascii.b2a_base64(self._rest)
