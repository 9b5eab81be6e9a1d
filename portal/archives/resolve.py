"""Where a named object is, said while a form is filled in, and to programs."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import requests
from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import request
from flask import Response

from portal.config import Settings
from portal.htmx import render
from portal.htmx import wants_fragment
from portal.parameters import find_coordinates
from portal.parameters import normalised_name
from portal.parameters import write_sexagesimal
from portal.plugins.guard import Guard
from portal.plugins.http import DeadlineError
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.registry import PluginRegistry
from portal.plugins.resolvers import NameResolver
from portal.plugins.resolvers import ResolvedPosition
from portal.plugins.resolving import ask
from portal.plugins.resolving import read_coordinates
from portal.plugins.resolving import resolve
from portal.plugins.resolving import suggestions
from portal.problems import PortalError
from portal.problems import problem

bp = Blueprint("resolve", __name__)
LONGEST_NAME = 200
MEDIA_TYPES = ("text/html", "application/json")
FIELD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
REMOTE_SECONDS = 4.5
ANSWER_BYTES = 1_000_000
EXTENSION = "remote_names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is known of a name: its position, or why there is none.

    `suggested` are names like it, `others` who was not asked yet.
    """

    name: str
    position: ResolvedPosition | None = None
    message: str = ""
    status: HTTPStatus = HTTPStatus.OK
    suggested: Sequence[str] = ()
    others: Sequence[str] = ()

    @property
    def sexagesimal(self) -> str:
        """The position in hours and degrees with minutes and seconds; empty without one."""
        found = self.position
        return "" if found is None else write_sexagesimal(found.ra, found.dec)


@bp.get("/resolve")
def show() -> Response:
    """Answer where `name` is: a page, a fragment for a form, or JSON.

    Local resolvers are asked; the others with `remote=1` only. A form sends the name under
    that of its field, which `field` is.
    """
    field = request.args.get("field", "name")
    field = field if FIELD_NAME.fullmatch(field) else "name"
    name = request.args.get(field) or request.args.get("name", "")
    place = find_place(split_name(name)[1], with_others=request.args.get("remote") == "1")
    if request.accept_mimetypes.best_match(MEDIA_TYPES, MEDIA_TYPES[0]) != MEDIA_TYPES[0]:
        return _json(place)
    response = render("resolve.html", "_resolved.html", place=place, field=field)
    if (
        place.name and not wants_fragment()
    ):  # a form to fill in, or a word beside a field, is no failure
        response.status_code = place.status
    response.vary.add("Accept")
    return response


def split_name(text: str) -> tuple[str, str]:
    """Return the name and the position of `name = position`; without a name it is empty."""
    name, sign, position = text.rpartition(" = ")
    return (name.strip(), position.strip()) if sign and not _is_written(text) else ("", text)


def _is_written(text: str) -> bool:
    """Say whether the whole text is coordinates, such as `l = 0 b = 90`."""
    try:
        return find_coordinates(text) is not None
    except ValueError:
        return False


def find_place(name: str, *, with_others: bool) -> Place:
    """Return where something is: coordinates, or a name that a local resolver knows.

    The others are asked as well if so wished, all within a few seconds.
    """
    name = normalised_name(name)
    if not name:
        return Place(name="", status=HTTPStatus.BAD_REQUEST, message="Give a name.")
    if len(name) > LONGEST_NAME:
        message = f"A name has at most {LONGEST_NAME} characters."
        name = name[:LONGEST_NAME]
        return Place(name=name, status=HTTPStatus.BAD_REQUEST, message=message)
    try:
        position = read_coordinates(name)
    except PortalError as error:
        return Place(name=name, status=HTTPStatus(error.status), message=error.message)
    return Place(name=name, position=position) if position else _look_up(name, with_others)


def _look_up(name: str, with_others: bool) -> Place:  # noqa: FBT001 - as its caller's
    registry: PluginRegistry = current_app.extensions["plugins"]
    local = [one for one in registry.resolvers if one.local]
    for resolver in local:
        found = registry.call(resolver, partial(_quietly, resolver, name), otherwise=None)
        if found is not None:
            return Place(name=name, position=found)
    others = [one for one in registry.resolvers if not one.local]
    if with_others:
        return _ask_others(name, others, local)
    return Place(
        name=name,
        status=HTTPStatus.NOT_FOUND,
        message=f"{name} is in none of the lists of this portal.",
        suggested=_similar(name, local),
        others=[one.title for one in others],
    )


def _similar(name: str, local: Sequence[NameResolver]) -> Sequence[str]:
    registry: PluginRegistry = current_app.extensions["plugins"]
    none: Sequence[str] = ()
    return registry.guard.call("suggestions", lambda: suggestions(name, local), otherwise=none)


def _quietly(resolver: NameResolver, name: str) -> ResolvedPosition | None:
    try:
        return ask(resolver, name, _open_session)
    except PortalError:
        return None


def _ask_others(name: str, others: Sequence[NameResolver], local: Sequence[NameResolver]) -> Place:
    """Ask the remote resolvers, all within a few seconds; who does not answer is told."""
    policy, until = _policy(), time.monotonic() + REMOTE_SECONDS

    def look_up() -> ResolvedPosition | PortalError | None:
        try:
            return resolve(
                name,
                others,
                open_session=lambda instant: open_session(policy, deadline=min(instant, until)),
            )
        except DeadlineError:
            return None
        except PortalError as error:
            return error

    guard: Guard = current_app.extensions.setdefault(EXTENSION, Guard(budget=REMOTE_SECONDS + 0.3))
    answer = guard.call("remote resolvers", look_up, otherwise=None)
    if isinstance(answer, ResolvedPosition):
        return Place(name=name, position=answer)
    message = answer.message if answer else "Nobody answered in time. A job asks again."
    status = HTTPStatus(answer.status) if answer else HTTPStatus.GATEWAY_TIMEOUT
    if status == HTTPStatus.BAD_REQUEST:
        status = HTTPStatus.NOT_FOUND
    return Place(name=name, status=status, message=message, suggested=_similar(name, local))


def _open_session(until: float) -> requests.Session:
    return open_session(HttpPolicy(), deadline=until)


def _policy() -> HttpPolicy:
    settings: Settings = current_app.config["SETTINGS"]
    return HttpPolicy(
        allow=frozenset(settings.remote_allow),
        connect_timeout=REMOTE_SECONDS,
        read_timeout=REMOTE_SECONDS,
        max_bytes=ANSWER_BYTES,
        user_agent=f"archive-portal/{current_app.config['VERSION']}",
    )


def _json(place: Place) -> Response:
    if place.position is None:
        found = problem(place.status, place.status.phrase, place.message)
        response = jsonify(
            {**found, "suggestions": list(place.suggested), "not_asked": list(place.others)}
        )
        response.status_code = place.status
        response.mimetype = "application/problem+json"
    else:
        response = jsonify(
            name=place.name,
            ra=place.position.ra,
            dec=place.position.dec,
            sexagesimal=place.sexagesimal,
            resolver=place.position.resolver,
            known_as=place.position.name,
        )
    response.vary.add("Accept")
    return response
