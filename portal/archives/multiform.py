"""The form of a search of all archives: what is filled in, and what is known of it so far."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import FileStorage
from werkzeug.datastructures import MultiDict

from portal.archives.candidates import Candidate
from portal.archives.resolve import find_place
from portal.archives.resolve import Place
from portal.archives.resolve import split_name
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.parameters import write_defaults
from portal.plugins.multi.parameters import MOST_PLACES
from portal.plugins.multi.parameters import MultiParameters
from portal.plugins.resolving import COORDINATES

SHOWN = ("position", "radius", "band", "time", "rows")
ARCHIVES, POSITIONS, FILE, WAIT = "archives", "positions", "file", "wait"
ALL = "all"
LISTED = f"{ARCHIVES}.present"  # the boxes were there, even if none of them is ticked
WAITS = {60: "1 minute", 300: "5 minutes", 900: "15 minutes", 3600: "1 hour"}
USUAL_WAIT = 300
MOST_BYTES = 100_000
UNREAD = f"the file is no text of at most {MOST_BYTES:,} bytes"
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
SOMEWHERE = "0 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """What was sent: `texts` of single fields, `lines` of further positions.

    `has_text` is False for a file that is none, of which no line is taken.
    `place` is where the position is, `others` where the lines are. `ticked` are ids of
    targets or archives; None stands for all. `preferred` are those ticked where nothing is said.
    """

    texts: Mapping[str, str]
    lines: Sequence[str]
    place: Place
    others: Sequence[Place]
    ticked: frozenset[str] | None
    wait: int
    preferred: frozenset[str] = frozenset()
    has_text: bool = True

    @classmethod
    def read(
        cls,
        values: MultiDict[str, str],
        files: Mapping[str, FileStorage] | None = None,
        *,
        asks_others: bool = False,
        preferred: Iterable[str] = (),
    ) -> "SearchForm":
        """Read what was sent; of names, only that of the first position is asked elsewhere."""
        texts = {name: values[name].strip() for name in SHOWN if name in values}
        written = [line for text in values.getlist(POSITIONS) for line in text.splitlines()]
        in_file = _file_lines((files or {}).get(FILE))
        lines = _lines([*written, *(in_file or ())])
        if lines and not texts.get("position"):
            texts["position"], *lines = lines
        usual = frozenset(preferred)
        ticked = frozenset(values.getlist(ARCHIVES))
        is_said = bool(ticked) or LISTED in values
        wait = values.get(WAIT, USUAL_WAIT, type=int)
        return cls(
            texts=texts,
            lines=lines,
            place=_find(texts.get("position", ""), asks_others=asks_others),
            others=[_find(line, asks_others=False) for line in lines[:MOST_PLACES]],
            ticked=(ticked if is_said else usual or None) if ALL not in ticked else None,
            preferred=usual,
            has_text=in_file is not None,
            wait=wait if wait in WAITS else USUAL_WAIT,
        )

    @property
    def fields(self) -> Sequence[FormField]:
        """The fields with one value."""
        fields = {field.name: field for field in form_fields(MultiParameters)}
        return [fields[name] for name in SHOWN]

    @property
    def values(self) -> Mapping[str, str]:
        """What the fields show."""
        return {**dict(write_defaults(MultiParameters)), **self.texts}

    @property
    def known_places(self) -> Sequence[tuple[float, float]]:
        """Where the positions are that are known already."""
        found = [one.position for one in (self.place, *self.others)]
        return [(one.ra, one.dec) for one in found if one is not None]

    def parameters(self) -> tuple[MultiParameters | None, list[FieldError]]:
        """Return what a job is to ask, or what is wrong."""
        places = [("position", self.place), *((POSITIONS, one) for one in self.others)]
        errors = [
            FieldError(name=name, message=_why_nowhere(place))
            for name, place in places
            if place.name and place.position is None
        ]
        if not self.has_text:
            errors.append(FieldError(name=POSITIONS, message=UNREAD))
        said = {one.name for one in errors}
        read, more = _read([*self._pairs(), *self._further()])
        return read, [*errors, *(one for one in more if one.name not in said)]

    @property
    def unknown_names(self) -> Sequence[str]:
        """All names and positions, if one of the names is to be looked up elsewhere first."""
        places = [self.place, *self.others]
        if not any(one.others and one.position is None for one in places):
            return ()
        return [self.texts.get("position", ""), *self.lines]

    def errors_so_far(self) -> list[FieldError]:
        """Return what is wrong, but for a position that is not filled in yet, or not known."""
        if any(self.texts.values()):
            return self._so_far()[1]
        return []

    def known_parameters(self) -> MultiParameters | None:
        """Return what is known of the question, about wherever; None when some of it is wrong."""
        return self._so_far()[0]

    def address(self, candidates: Iterable[Candidate]) -> str:
        """Return the address of what is filled in; all archives are ticked if it names none."""
        pairs = [(name, text) for name, text in self.texts.items() if text]
        pairs += [(POSITIONS, line) for line in self.lines]
        pairs += [(WAIT, str(self.wait))] if self.wait != USUAL_WAIT else []
        chosen = [(one.target.id, one.is_ticked) for one in candidates]
        if not all(is_ticked for _, is_ticked in chosen):
            ticked = [(ARCHIVES, name) for name, is_ticked in chosen if is_ticked]
            pairs += ticked or [(LISTED, "1")]
        elif self.preferred:
            pairs.append((ARCHIVES, ALL))
        page = url_for("multi.show")
        return f"{page}?{urlencode(pairs)}" if pairs else page

    def _so_far(self) -> tuple[MultiParameters | None, list[FieldError]]:
        pairs = [pair for pair in self._pairs() if pair[0] not in ("position", "name")]
        return _read([*pairs, ("position", SOMEWHERE)])

    def _pairs(self) -> list[tuple[str, str]]:
        """Return the strings of single fields; of a name, where it is and the name."""
        name, position = split_name(self.texts.get("position", ""))
        pairs = {**self.texts, "position": position, "name": name}
        found = self.place.position
        if found is not None and found.resolver != COORDINATES:
            pairs |= {
                "position": f"{found.ra:.6f} {found.dec:+.6f}",
                "name": self.place.name,
            }
        return [(name, text) for name, text in pairs.items() if text]

    def _further(self) -> list[tuple[str, str]]:
        """Return the further positions, and what each of them is called."""
        split = [split_name(line) for line in self.lines]
        pairs = [(POSITIONS, position) for _, position in split]
        if any(name for name, _ in split):
            pairs += [("names", name or position) for name, position in split]
        return pairs


def _find(text: str, *, asks_others: bool) -> Place:
    name, position = split_name(text)
    place = find_place(position, with_others=asks_others)
    return replace(place, name=name) if name else place


def _read(pairs: Iterable[tuple[str, str]]) -> tuple[MultiParameters | None, list[FieldError]]:
    try:
        read = read_form(MultiParameters, pairs)
    except InvalidParametersError as error:
        return None, list(error.errors)
    return (read, []) if isinstance(read, MultiParameters) else (None, [])


def _lines(texts: Iterable[str]) -> list[str]:
    """Return positions and names, each once; a comment begins with #."""
    tidy = (text.strip().strip('"').strip() for text in texts)
    return list(dict.fromkeys(one for one in tidy if one and not one.startswith("#")))


def _file_lines(sent: FileStorage | None) -> list[str] | None:
    """Return the lines of a text in UTF-8 or Latin-1; None for what is none, or too long."""
    content = sent.read(MOST_BYTES + 1) if sent else b""
    if len(content) > MOST_BYTES or NO_TEXT.search(content):
        return None
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return content.decode("latin-1").splitlines()


def _why_nowhere(place: Place) -> str:
    hint = f" Did you mean {' or '.join(place.suggested)}?" if place.suggested else ""
    return place.message + ("" if "Did you mean" in place.message else hint)
