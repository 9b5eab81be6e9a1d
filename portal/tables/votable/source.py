"""The bytes of a VOTable document: gunzipped, as UTF-8, in pieces that grow."""

import codecs
import re
import time
from collections.abc import Callable
from typing import BinaryIO

from isal import igzip_lib

from portal.problems import ServiceError

FIRST_PIECE = 64 * 1024
LARGEST_PIECE = 4 * 1024 * 1024
PATIENCE = 0.5
GZIP_MAGIC = b"\x1f\x8b"
LONGEST_DECLARATION = 256
DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*\?>\s*")
ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
EIGHT_BITS = re.compile(r"iso-8859-\d{1,2}|latin-?1|(?:windows-|cp)125\d|koi8-r", re.IGNORECASE)
ENDED_EARLY = "The service's answer ended in the middle."


class Source:
    """Read a stream in pieces: small ones first, so that the first rows come at once.

    `stream` has `read(n)` or better `read1(n)`, which returns what has arrived. A gzip
    stream is unpacked, the XML declaration dropped, and other encodings become UTF-8.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._read: Callable[[int], bytes] = getattr(stream, "read1", None) or stream.read
        self._size = FIRST_PIECE
        head = _filled(self._read, len(GZIP_MAGIC))
        if head == GZIP_MAGIC:
            self._read = _Gunzip(self._read, head).read
            head = b""
        head += _filled(self._read, LONGEST_DECLARATION - len(head))
        self._decoder = _decoder(head)
        self._head = _without_declaration(self._decode(head))

    def piece(self) -> bytes:
        """Return the next bytes, empty at the end; wait only briefly for more than a few."""
        parts, wanted, began = [self._head], self._size, time.monotonic()
        have, self._head = len(self._head), b""
        while have < wanted:
            data = self._read(wanted - have)
            if not data:
                parts.append(self._decode(b"", final=True))
                return b"".join(parts)
            parts.append(self._decode(data))
            have += len(parts[-1])
            if have and time.monotonic() - began > PATIENCE:
                return b"".join(parts)
        self._size = min(2 * wanted, LARGEST_PIECE)
        return b"".join(parts)

    def _decode(self, data: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            return data
        try:
            return self._decoder.decode(data, final).encode()
        except UnicodeError as error:
            raise ServiceError("The service's answer is not in the encoding it names.") from error


class _Gunzip:
    """`read` for a gzip stream of one or more members, in bounded memory."""

    def __init__(self, read: Callable[[int], bytes], head: bytes) -> None:
        self._read_packed = read
        self._head = head
        self._member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)

    def read(self, size: int) -> bytes:
        """Return at most `size` unpacked bytes; ServiceError where the stream is broken."""
        data = b""
        while not data and not (self._member.eof and not self._begin_next_member()):
            packed = self._packed() if self._member.needs_input else b""
            try:
                data = self._member.decompress(packed, size)
            except igzip_lib.IsalError as error:  # type: ignore[misc] # the stub has an instance
                raise ServiceError("The service's answer is damaged gzip data.") from error
        return data

    def _packed(self) -> bytes:
        head, self._head = self._head, b""
        packed = head or self._read_packed(FIRST_PIECE)
        if not packed:
            raise ServiceError(ENDED_EARLY)
        return packed

    def _begin_next_member(self) -> bool:
        head = self._member.unused_data
        head += _filled(self._read_packed, len(GZIP_MAGIC) - len(head))
        if not head.startswith(GZIP_MAGIC):
            return False
        self._head = head
        self._member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        return True


def _filled(read: Callable[[int], bytes], size: int) -> bytes:
    data = b""
    while len(data) < size and (more := read(size - len(data))):
        data += more
    return data


def _decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    """Return what turns the document into text, None where it is UTF-8.

    A declaration that can be read byte by byte is no UTF-16, whatever it says.
    """
    if head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return codecs.getincrementaldecoder("utf-16")()
    declaration = DECLARATION.match(head)
    named = ENCODING.search(declaration[0]) if declaration else None
    if named and EIGHT_BITS.fullmatch(name := named[1].decode("ascii")):
        return codecs.getincrementaldecoder(name)()
    return None


def _without_declaration(text: bytes) -> bytes:
    text = text.removeprefix(codecs.BOM_UTF8)
    declaration = DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text.lstrip()
