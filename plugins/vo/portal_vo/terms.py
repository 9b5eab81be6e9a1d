"""The words of the registry: search terms, and the vocabulary of wavebands."""

import re

# A phrase between quotation marks, or a word.
TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
# The terms of http://www.ivoa.net/rdf/messenger, as the registry writes them.
WAVEBANDS = {
    "radio": "Radio",
    "millimeter": "Millimetre",
    "infrared": "Infrared",
    "optical": "Optical",
    "uv": "Ultraviolet",
    "euv": "Extreme ultraviolet",
    "x-ray": "X-ray",
    "gamma-ray": "Gamma ray",
    "neutrino": "Neutrinos",
}


def split_terms(text: str) -> list[str]:
    """Return the words and the "quoted phrases" of a search, in order."""
    return [(phrase or word).strip() for phrase, word in TERM.findall(text)]
