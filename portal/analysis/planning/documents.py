"""Documents that programs send and get: JSON or YAML, within limits, plain data only."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from typing import NoReturn

import yaml
from flask import request
from flask import Response

from portal.problems import PortalError
from portal.problems import UsageError

JSON = "application/json"
YAML = "application/yaml"
YAML_TYPES = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
MOST_BYTES = 100_000
DEEPEST = 20
MOST_NODES = 5_000
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where that was built
READ_AS_TEXT = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "int", "float")}


class UnsupportedTypeError(PortalError):
    """What was sent is of a media type that is not read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "This media type is not read here"


class NotAcceptableError(PortalError):
    """The caller accepts no media type in which this can be written."""

    status = HTTPStatus.NOT_ACCEPTABLE
    title = "This cannot be written as asked"


class TooLargeError(PortalError):
    """The document is larger than any that makes sense."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "This is too large"


class _Loader(SafeLoader):  # type: ignore[misc]
    """Reads plain data. Dates and numbers stay texts: a branch may be called 1.10."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML has it so
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in READ_AS_TEXT]
        for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
    }


def read_sent() -> Mapping[str, Any]:
    """Return the document in the body of this request.

    Raises UnsupportedTypeError, TooLargeError, and UsageError for what is no object.
    """
    check_size()
    if request.mimetype == JSON:
        found = _read_json(request.get_data())
    elif request.mimetype in YAML_TYPES:
        found = _read_yaml(request.get_data())
    else:
        raise UnsupportedTypeError(f"Send {JSON} or {YAML}.")
    if not isinstance(found, dict):
        raise UsageError("Send an object.")
    _check_plain(found)
    return found


def check_size() -> None:
    """Raise TooLargeError for a body that is larger than documents are."""
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLargeError(f"Documents may have {MOST_BYTES:,} bytes.")


def check_accepted() -> None:
    """Raise NotAcceptableError when the caller could not read the answer."""
    _answered_type()


def answer(document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer a document as the caller wants it: JSON, unless he asks for YAML."""
    media_type = _answered_type()
    if media_type == JSON:
        text = json.dumps(document, ensure_ascii=False)
    else:
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    response = Response(text, status=status, mimetype=media_type)
    response.vary.add("Accept")
    return response


def _answered_type() -> str:
    if not request.accept_mimetypes:
        return JSON
    offered = (JSON, YAML, *sorted(YAML_TYPES - {YAML}))
    best = request.accept_mimetypes.best_match(offered)
    if best is None:
        raise NotAcceptableError(f"The answer can be written as {JSON} or {YAML}.")
    return best


def _read_json(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError("This is no JSON.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _read_yaml(data: bytes) -> Any:
    """Read YAML without aliases and tags: a short text could become endless, or anything else."""
    try:
        _check_events(data)
        loader = _Loader(data)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise UsageError("This is no YAML that can be read here.") from error


def _check_events(data: bytes) -> None:
    """Go through the document without building it; raises UsageError."""
    depth = nodes = 0
    for event in yaml.parse(data, Loader=SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            raise UsageError("YAML with aliases (*name) or tags (!name) is not read here.")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or nodes > MOST_NODES:
            raise UsageError("The document has too many parts, or too many inside one another.")


def _check_plain(document: dict[str, Any]) -> None:
    """Refuse what no database takes or nobody sends: U+0000, half characters, deep nesting."""
    waiting: list[tuple[Any, int]] = [(document, 1)]
    seen = 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST or seen > MOST_NODES:
            raise UsageError("The document has too many parts, or too many inside one another.")
        if isinstance(one, dict):
            if not all(isinstance(key, str) for key in one):
                raise UsageError("The names in an object have to be texts.")
            waiting += [(key, depth) for key in one]
            waiting += [(value, depth + 1) for value in one.values()]
        elif isinstance(one, list):
            waiting += [(value, depth + 1) for value in one]
        elif isinstance(one, str):
            _check_text(one)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise UsageError("Texts cannot have the character U+0000 in them.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError("A text has half of a character in it.") from error
