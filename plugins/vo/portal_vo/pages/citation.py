"""How to cite a resource of the registry: in a sentence, and for BibTeX."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "%": r"\%", "_": r"\_", "^": r"\^{}", "~": r"\~{}",
    }
)  # fmt: skip
YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
DOI = re.compile(
    r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\x00-\x1f]+)", re.IGNORECASE
)
MOST_NAMED = 3
MOST_CREATORS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What a citation says of a resource; missing parts are empty."""

    ivoid: str
    title: str
    creators: Sequence[str]
    publisher: str
    date: str
    version: str
    doi: str
    url: str

    @property
    def year(self) -> str:
        """Return the year, or nothing."""
        found = YEAR.search(self.date)
        return found[1] if found else ""

    def text(self) -> str:
        """Return the citation as a sentence."""
        names = list(self.creators[:MOST_NAMED])
        if len(self.creators) > MOST_NAMED:
            names.append("et al.")
        who = f"{', '.join(names)}" if names else self.publisher
        when = f" ({self.year})" if self.year else ""
        version = f", version {self.version}" if self.version else ""
        by = f" {self.publisher}." if self.publisher and names else ""
        where = f"https://doi.org/{self.doi}" if self.doi else self.ivoid
        return f"{who}{when}: {self.title}{version}.{by} {where}".strip()

    def bibtex(self) -> str:
        """Return the entry for BibTeX."""
        fields = {
            "author": " and ".join(_name(one) for one in self.creators[:MOST_CREATORS]),
            "title": "{" + _escaped(self.title) + "}",
            "year": self.year,
            "publisher": _escaped(self.publisher),
            "version": _escaped(self.version),
            "doi": self.doi.translate(str.maketrans("", "", "{}\\")),
            "url": self.url.translate(str.maketrans("", "", "{}\\")),
            "howpublished": "VO resource provided by "
            + _escaped(self.publisher or "its publisher"),
            "note": f"VO identifier {_escaped(self.ivoid)}",
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{self._key()},", *lines, "}"])

    def _key(self) -> str:
        first = self.creators[0] if self.creators else self.publisher or "vo"
        word = re.sub(r"[^A-Za-z0-9]", "", first.split(",")[0].split()[-1] if first.split() else "")
        tail = re.sub(r"[^A-Za-z0-9]+", "-", self.ivoid.rpartition("/")[2]).strip("-")[:40]
        return f"{word or 'vo'}{self.year}-{tail or 'resource'}"


def doi_of(identifier: str) -> str:
    """Return the DOI that an identifier is, without prefix; empty when it is another one."""
    found = DOI.fullmatch(identifier.strip())
    return found[1] if found else ""


def _name(creator: str) -> str:
    escaped = _escaped(creator)
    return (
        "{" + escaped + "}"
        if " and " in creator or ("," not in creator and " " in creator)
        else escaped
    )


def _escaped(text: str) -> str:
    return " ".join(text.translate(SPECIAL).split())
