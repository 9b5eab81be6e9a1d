"""Files of a form, matched to the parameters they are for (UWS 1.1, 2.1.11; DALI 1.1, 3.4.5)."""

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Request
from werkzeug.datastructures import FileStorage

from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import upload_names
from portal.uws.uploads import SentFile

UPLOAD = "upload"
INLINE = "param:"
MULTIPART = "multipart/form-data"
UNKNOWN_TYPE = "application/octet-stream"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
MEDIA_TYPE_LENGTH = 100
NAME_LENGTH = 200

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFiles:
    """A form whose files were replaced by references to them, and the files."""

    pairs: Pairs
    files: Sequence[SentFile]


def allow_files(request: Request, models: Iterable[type[Parameters]], max_bytes: int) -> None:
    """Let a request be larger by that much if it is a form for a type that takes files.

    To be called before anything reads the form, which the check for forged requests does.
    """
    if request.mimetype != MULTIPART or request.max_content_length is None:
        return
    if any(upload_names(model) for model in models):
        request.max_content_length += max_bytes


def read_files(
    model: type[Parameters], pairs: Pairs, files: Iterable[tuple[str, FileStorage]]
) -> ReadFiles:
    """Put references to the files into a form.

    A file is for the parameter whose name its field has, for the one whose value is
    `param:<field>`, or for the one that `UPLOAD=<parameter>,param:<field>` names. A field in
    which no file was chosen is none. Raises InvalidParametersError for a file that no
    parameter takes, and for one that did not come.
    """
    parts = [(field, one) for field, one in files if one.filename]
    fields = dict(parts)
    declared = {name.casefold(): name for name in upload_names(model)}
    own = [(field, field) for field in fields if field.casefold() in declared]
    wanted = [*own, *_named(pairs, declared)]
    if errors := list(_errors(wanted, [field for field, _ in parts], declared)):
        raise InvalidParametersError(errors)
    sent = {field: _sent_file(fields[field]) for _, field in wanted}
    references = [(declared[name.casefold()], sent[field].reference) for name, field in wanted]
    kept = [pair for pair in pairs if not _is_naming(pair, declared)]
    return ReadFiles(pairs=[*kept, *references], files=list(sent.values()))


def _errors(wanted: Pairs, sent: Sequence[str], declared: Iterable[str]) -> Iterator[FieldError]:
    """Go through what is wrong with pairs of parameter and field, and the fields that came."""
    for name, field in wanted:
        if name.casefold() not in declared:
            yield FieldError(name=name[:NAME_LENGTH], message="takes no file")
        elif field not in sent:
            yield FieldError(name=name, message=f"there is no file {field[:NAME_LENGTH]}")
    meant = Counter(field for _, field in {(name.casefold(), field) for name, field in wanted})
    for field, times in Counter(sent).items():
        if not meant[field]:
            yield FieldError(name=field[:NAME_LENGTH], message="takes no file")
        elif times > 1:
            yield FieldError(name=field[:NAME_LENGTH], message="is sent more than once")
        elif meant[field] > 1:
            yield FieldError(name=field[:NAME_LENGTH], message="is meant for two parameters")


def _named(pairs: Pairs, declared: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Go through the parameters that a form names a field for, and the fields."""
    for name, value in pairs:
        if name.casefold() == UPLOAD:
            for one in filter(None, value.split(";")):  # TAP 1.1 writes several in one value
                parameter, _, source = one.partition(",")
                yield parameter.strip(), source.strip().removeprefix(INLINE)
        elif _is_naming((name, value), declared):
            yield name, value.removeprefix(INLINE)


def _is_naming(pair: tuple[str, str], declared: Iterable[str]) -> bool:
    name, value = pair
    is_inline = name.casefold() in declared and value.startswith(INLINE)
    return is_inline or name.casefold() == UPLOAD


def _sent_file(part: FileStorage) -> SentFile:
    return SentFile(
        name=_clean_name(part.filename or ""),
        mime_type=_clean_type(part.mimetype),
        content=part.stream,
    )


def _clean_name(name: str) -> str:
    """Return the last part of a path, without what cannot be shown."""
    last = name.rpartition("/")[2]
    shown = "".join(one for one in last if one.isprintable()).strip(" .")
    return shown[-NAME_LENGTH:] or "upload"


def _clean_type(mime_type: str) -> str:
    known = MEDIA_TYPE.fullmatch(mime_type) and len(mime_type) <= MEDIA_TYPE_LENGTH
    return mime_type if known else UNKNOWN_TYPE
