"""Hypothesis strategies: columns, and cells as documents write them."""

import math
import struct
from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import strategies as st

LIMITS = {
    "unsignedByte": (0, 255, "B"),
    "short": (-(2**15), 2**15 - 1, "h"),
    "int": (-(2**31), 2**31 - 1, "i"),
    "long": (-(2**63), 2**63 - 1, "q"),
}
REALS = {"float": "f", "double": "d", "floatComplex": "f", "doubleComplex": "d"}
EXCLUDED = {"exclude_categories": ("Cs", "Cc"), "exclude_characters": "\ufffe\uffff"}
BASIC = st.characters(max_codepoint=0xFFFF, **EXCLUDED)
ANY = st.characters(**EXCLUDED)
ASCII = st.characters(min_codepoint=33, max_codepoint=126)
BLANKS = st.sampled_from(["", "", "", " ", "\n", "\t ", "\r\n"])


@dataclass(frozen=True)
class Field:
    """A FIELD element, and a strategy for the cells of its column."""

    datatype: str
    arraysize: str | None
    null: int | None
    cells: st.SearchStrategy

    @property
    def is_text(self):
        return self.datatype in ("char", "unicodeChar")

    def xml(self, name):
        size = f' arraysize="{self.arraysize}"' if self.arraysize else ""
        values = "" if self.null is None else f'<VALUES null="{self.null}"/>'
        return f'<FIELD name="{name}" datatype="{self.datatype}"{size}>{values}</FIELD>'


def integer_texts(datatype):
    least, greatest, _ = LIMITS[datatype]
    numbers = st.integers(least, greatest)
    plain = numbers.map(str)
    odd = st.one_of(
        st.integers(0, greatest).map(hex),
        st.integers(0, greatest).map(lambda n: f"+{n}"),
        st.integers(0, greatest).map(lambda n: f"00{n}"),
        st.integers(least * 3 - 1, greatest * 3).map(str),  # astropy takes the nearest limit
        st.sampled_from(["", "NaN", "-0", "0XA", "1_0"]),
    )
    return st.one_of(plain, plain, plain, odd)


def real_texts(datatype):
    plain = st.floats(width=32 if REALS[datatype] == "f" else 64).map(repr)
    odd = st.one_of(
        st.floats().map(lambda x: f"{x:.3e}"),
        st.floats(allow_nan=False).map(lambda x: f"{x:+f}"),
        st.sampled_from(["", "NaN", "+Inf", "-Inf", "Infinity", "null", "--", ".5", "5.", "1E5"]),
        st.sampled_from(["1_0", "1e400", "-1e-400", "0x10", "nan(1)"]),
    )
    return st.one_of(plain, plain, plain, odd)


BOOLEAN_TEXTS = st.sampled_from(["T", "f", "TRUE", "false", "tRue", "1", "0", "?", ""])


@st.composite
def marked_up(draw, characters=ANY):
    """Text with every way XML has to write a character."""
    parts = []
    for character in draw(st.text(characters, max_size=12)):
        style = draw(st.sampled_from(["plain"] * 12 + ["decimal", "hex", "cdata", "comment"]))
        parts.append(_written(character, style))
    return "".join(parts)


def _written(character, style):
    if style == "decimal":
        return f"&#{ord(character)};"
    if style == "hex":
        return f"&#x{ord(character):X};"
    if style == "cdata":
        return f"<![CDATA[{character}]]>"
    text = escape(character, {'"': "&quot;", "'": "&apos;"})
    return f"<!-- </TD> -->{text}" if style == "comment" else text


@st.composite
def text_fields(draw):
    """A column of TABLEDATA: its cells are marked-up text."""
    datatype = draw(st.sampled_from([*LIMITS, *REALS, "boolean", "bit", "char", "unicodeChar"]))
    if datatype in ("char", "unicodeChar"):
        return Field(datatype, draw(st.sampled_from(["*", "300", "300*"])), None, marked_up())
    null = draw(st.none() | st.integers(*LIMITS[datatype][:2])) if datatype in LIMITS else None
    arraysize = draw(st.sampled_from([None, None, None, "1", "2", "2x3", "*", "2x*"]))
    if datatype == "bit" and arraysize in ("*", "2x*"):
        arraysize = "5"  # astropy does not read packed bits of any number
    elements = _elements(datatype, null, in_array=arraysize not in (None, "1"))
    if arraysize not in (None, "1"):
        elements = _arrays(elements, arraysize, "" if datatype == "bit" else " ")
        if not (datatype.endswith("Complex") or arraysize.endswith("*")):
            elements = elements | st.just("")  # astropy refuses empty cells of complex arrays
    return Field(datatype, arraysize, null, st.tuples(BLANKS, elements, BLANKS).map("".join))


def _elements(datatype, null, *, in_array):
    if datatype in ("floatComplex", "doubleComplex"):
        numbers = st.floats(width=32).map(repr)
        return st.tuples(numbers, numbers).map(" ".join)
    if datatype == "boolean":
        return BOOLEAN_TEXTS.filter(bool) if in_array else BOOLEAN_TEXTS
    if datatype == "bit":
        return st.sampled_from(["0", "1"])
    texts = integer_texts(datatype) if datatype in LIMITS else real_texts(datatype)
    if null is not None:
        texts = texts | st.just(str(null))
    return texts.filter(bool) if in_array else texts


def _arrays(elements, arraysize, separator):
    *inner, last = arraysize.split("x")
    step = math.prod(int(size) for size in inner)
    times = (0, 3) if last == "*" else (int(last), int(last))
    groups = st.lists(elements, min_size=step, max_size=step).map(separator.join)
    return st.lists(groups, min_size=times[0], max_size=times[1]).map(separator.join)


@st.composite
def packed_fields(draw):
    """A column of BINARY: its cells are bytes, as astropy and the standard both pack them."""
    datatype = draw(st.sampled_from([*LIMITS, *REALS, "boolean", "bit", "char", "unicodeChar"]))
    null = draw(st.none() | st.integers(*LIMITS[datatype][:2])) if datatype in LIMITS else None
    sizes = ["1", "7", "*", "300*"]
    if datatype not in ("char", "unicodeChar"):
        sizes = [None, None, None, "1", "2", "2x3"] + (["*", "4*"] if datatype != "bit" else [])
    arraysize = draw(st.sampled_from(sizes))
    return Field(datatype, arraysize, null, _packed(datatype, arraysize, null))


def _packed(datatype, arraysize, null):
    if datatype in ("char", "unicodeChar"):
        return _packed_text(datatype, arraysize)
    if datatype == "bit":
        return _packed_bits(arraysize)
    elements = _packed_elements(datatype, null)
    if (arraysize or "1").endswith("*"):
        return st.lists(elements, max_size=4).map(lambda e: struct.pack(">I", len(e)) + b"".join(e))
    count = math.prod(int(size) for size in (arraysize or "1").split("x"))
    return st.lists(elements, min_size=count, max_size=count).map(b"".join)


def _packed_elements(datatype, null):
    if datatype == "boolean":
        return st.sampled_from([bytes([letter]) for letter in b"Tt1Ff0 ?\0"])
    if datatype in LIMITS:
        least, greatest, letter = LIMITS[datatype]
        numbers = st.integers(least, greatest)
        numbers = numbers if null is None else numbers | st.just(null)
        return numbers.map(lambda n: struct.pack(f">{letter}", n))
    letter = REALS[datatype]
    numbers = st.floats(width=32 if letter == "f" else 64)
    one = numbers.map(lambda x: struct.pack(f">{letter}", x))
    return st.tuples(one, one).map(b"".join) if datatype.endswith("Complex") else one


def _packed_bits(arraysize):
    if arraysize in (None, "1"):
        # Astropy looks at this bit of the byte; the standard means the first one.
        return st.sampled_from([b"\x00", b"\x88"])
    return st.integers(0, 3 if arraysize == "2" else 63).map(
        lambda bits: bytes([bits << (6 if arraysize == "2" else 2)])
    )


def _packed_text(datatype, arraysize):
    encoding, unit = ("ascii", 1) if datatype == "char" else ("utf-16-be", 2)
    characters = ASCII if datatype == "char" else BASIC
    if arraysize.endswith("*"):
        return st.text(characters, max_size=300).map(
            lambda text: struct.pack(">I", len(text)) + text.encode(encoding)
        )
    width = int(arraysize)
    return st.text(characters, max_size=width).map(
        lambda text: text.encode(encoding).ljust(width * unit, b"\0")
    )
