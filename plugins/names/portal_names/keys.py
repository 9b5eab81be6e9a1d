# ruff: noqa: RUF001, RUF002 - Greek letters are meant
"""What makes two ways to write a name the same name."""

import re
import unicodedata

# The letter, SIMBAD's abbreviation and other spellings, all for the name of the letter.
LETTERS = (
    "α alpha alf alp",
    "β beta bet",
    "γ gamma gam",
    "δ delta del",
    "ε epsilon eps",
    "ζ zeta zet",
    "η eta",
    "θ theta the tet",
    "ι iota iot",
    "κ kappa kap",
    "λ lambda lam",
    "μ mu",
    "ν nu",
    "ξ xi ksi",
    "ο omicron omi",
    "π pi",
    "ρ rho",
    "σ sigma sig",
    "τ tau",
    "υ upsilon ups",
    "φ phi",
    "χ chi",
    "ψ psi",
    "ω omega ome",
)
GREEK = {word: line.split()[1] for line in LETTERS for word in line.split()}
BAYER = re.compile(r"([^\W\d_]+)\.?\s*(\d*)\s+(\D+)")
PREFIX = re.compile(r"^(?:\*+|v\*|name|the)\s+|^\*+")
MESSIER = re.compile(r"^messier\s*(?=\d)")
LEADING_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
INSIGNIFICANT = re.compile(r"(?<!\d)-|-(?!\d)|[^\w+\-.]+|_")


def key_of(name: str) -> str:
    """Return what is left of a name without case, accents, space, and zeros before numbers.

    Greek letters are spelt out: "α CMa", "alf CMa" and "Alpha CMa" have the same key, as have
    "M31", "M 031" and "Messier 31".
    """
    text = name if name.isascii() else unicodedata.normalize("NFKC", name)
    text = PREFIX.sub("", text.casefold().strip())
    if match := BAYER.fullmatch(text):
        letter, number, place = match.groups()
        text = f"{GREEK.get(letter, letter)}{number} {place}"
    elif text.startswith("messier"):
        text = MESSIER.sub("m", text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(one for one in decomposed if not unicodedata.combining(one))
    return LEADING_ZEROS.sub("", INSIGNIFICANT.sub("", text))
