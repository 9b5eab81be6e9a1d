"""Text that XML can carry."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Characters that no XML 1.0 document may contain, escaped or not (XML 1.0, section 2.2).
ILLEGAL = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
REPLACEMENT = "\ufffd"
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def legal(text: str) -> str:
    """Return text with U+FFFD for every character that XML forbids."""
    return re.sub(f"{ILLEGAL}|[\ud800-\udfff]", REPLACEMENT, text)


def escaped(texts: pa.Array) -> pa.Array:
    """Return strings as character data of XML; U+FFFD for what XML forbids."""
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    found = np.zeros(256, bool)
    found[np.unique(data)] = True
    for character, entity in ESCAPES.items():
        if found[ord(character)]:
            texts = pc.replace_substring(texts, character, entity)
    if found[:32].any() or found[0xEF]:
        texts = pc.replace_substring_regex(texts, ILLEGAL, REPLACEMENT)
    return texts
