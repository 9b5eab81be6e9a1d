"""The words of the vocabulary http://www.ivoa.net/rdf/datalink/core, so that nobody fetches it.

Labels are ours: what the terms mean to somebody who looks for data.
"""

VOCABULARY = "http://www.ivoa.net/rdf/datalink/core#"
THIS = "#this"
# In the order in which groups are shown.
LABELS = {
    THIS: "The data",
    "#preview": "Preview",
    "#preview-image": "Preview image",
    "#preview-plot": "Preview plot",
    "#thumbnail": "Thumbnail",
    "#proc": "Processing of the data",
    "#cutout": "Cut-outs of the data",
    "#package": "All of it in one package",
    "#coderived": "Made from the same data",
    "#counterpart": "The same in another way",
    "#derivation": "Made from the data",
    "#progenitor": "What the data were made from",
    "#calibration": "Calibration",
    "#bias": "Bias frames",
    "#dark": "Dark frames",
    "#flat": "Flat fields",
    "#auxiliary": "Further data",
    "#error": "Errors of the values",
    "#noise": "Noise",
    "#weight": "Weights",
    "#detached-header": "Header on its own",
    "#documentation": "Documentation",
}
PREVIEWS = frozenset({"#preview", "#preview-image", "#preview-plot", "#thumbnail"})
OTHER = "Other"
ORDER = {term: number for number, term in enumerate(LABELS)}


def short_term(semantics: str) -> str:
    """Return a term as documents write it, "#this", whether or not its vocabulary is named."""
    text = semantics.strip()
    return "#" + text.removeprefix(VOCABULARY) if text.startswith(VOCABULARY) else text


def label_of(semantics: str) -> str:
    """Return a term in words; one of another vocabulary as it is, without its address."""
    term = short_term(semantics)
    if term in LABELS:
        return LABELS[term]
    name = term.rpartition("#")[2] or term.rpartition("/")[2]
    return name.replace("-", " ").replace("_", " ").strip().capitalize() or OTHER


def order_of(semantics: str) -> tuple[int, str]:
    """Return where the group of a term stands: known terms first."""
    term = short_term(semantics)
    return ORDER.get(term, len(ORDER)), term
