"""Panoptes, the API of the Zooniverse, in a thread: as strict as its documentation, or stricter.

It refuses parameters that the real one ignores, and forgets what the real one forgets.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from math import ceil

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback
from tests.support.loopback import Route

MEDIA_TYPE = "application/vnd.api+json; version=1"
PAGING = {"page", "page_size", "sort"}
FILTERS = {
    "projects": {"search", "tags", "state", "launch_approved", "slug"},
    "workflows": {"project_id", "active", "fields"},
}
SORTABLE = {
    "projects": {
        "launch_date", "activity", "completeness", "classifiers_count", "updated_at",
        "display_name",
    },
    "workflows": {"completeness", "id"},
}  # fmt: skip
FORGOTTEN = {"search", "tags", "fields"}  # by the addresses of other pages
MOST_PER_PAGE = {"projects": 100, "workflows": 25}
NUMBERS_OF_PROJECTS = range(1, 1_000)


class RefusalError(Exception):
    """What is wrong with a request, and the status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def project(number: int, **values: object) -> dict[str, object]:
    """Return a project as the API describes it, with what a test wants to be different."""
    return {
        "id": str(number),
        "display_name": f"Project {number}",
        "title": f"Project {number}",
        "slug": f"somebody/project-{number}",
        "description": f"What project {number} is about",
        "introduction": "",
        "state": "live",
        "live": True,
        "private": False,
        "launch_approved": True,
        "launch_date": f"2024-01-{number % 28 + 1:02}T10:00:00.000Z",
        "created_at": "2023-03-24T10:42:21.123Z",
        "updated_at": "2024-03-24T10:42:21.123Z",
        "tags": ["astronomy"],
        "available_languages": ["en"],
        "primary_language": "en",
        "classifications_count": 1_000 * number,
        "classifiers_count": 10 * number,
        "subjects_count": 100 * number,
        "retired_subjects_count": 50 * number,
        "completeness": 0.5,
        "activity": number,
        "configuration": {},
        "urls": [],
        "href": f"/projects/{number}",
        "links": {"owner": {"id": "2", "display_name": "Somebody", "type": "users"}},
        **values,
    }


def workflow(number: int, project_id: int, **values: object) -> dict[str, object]:
    """Return a workflow as the API describes it, its tasks included."""
    return {
        "id": str(number),
        "display_name": f"Workflow {number}",
        "tasks": {"T0": {"type": "single", "question": "Spiral or smooth?"}},
        "active": True,
        "version": "22.1",
        "content_language": "en",
        "primary_language": "en",
        "classifications_count": 7 * number,
        "subjects_count": 5 * number,
        "retired_set_member_subjects_count": 2 * number,
        "completeness": 0.4,
        "created_at": "2023-03-24T10:42:21.123Z",
        "updated_at": "2024-03-24T10:42:21.123Z",
        "finished_at": None,
        "href": f"/workflows/{number}",
        "links": {"project": str(project_id), "subject_sets": []},
        **values,
    }


@dataclass
class Panoptes:
    """The API at `<url>`; change what it has, or how it answers for a page."""

    server: Loopback
    projects: list[dict] = field(default_factory=list)
    workflows: list[dict] = field(default_factory=list)
    most_per_page: dict[str, int] = field(default_factory=lambda: dict(MOST_PER_PAGE))
    instead: dict[int, Route] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server.routes |= {
            "/api/projects": self._guarded(self._list),
            "/api/workflows": self._guarded(self._list),
        }
        for number in NUMBERS_OF_PROJECTS:
            self.server.routes[f"/api/projects/{number}"] = self._guarded(self._show)

    @property
    def url(self) -> str:
        return f"{self.server.url}/api"

    def asked(self, kind: str = "projects") -> list[dict[str, str]]:
        """Return the parameters of every request for a list."""
        return [one.form for one in self.server.requests if one.path == f"/api/{kind}"]

    def _guarded(self, route: Route) -> Route:
        def answer(exchange: Exchange) -> None:
            try:
                _check_accept(exchange)
                route(exchange)
            except RefusalError as error:
                refuse(exchange, error.status, str(error))

        return answer

    def _show(self, exchange: Exchange) -> None:
        _check_names(exchange.form, set())
        number = exchange.path.rpartition("/")[2]
        found = [one for one in self.projects if one["id"] == number and not one["private"]]
        if not found:
            raise RefusalError(404, f"Could not find project with id='{number}'")
        send(exchange, {"projects": found, "links": {}})

    def _list(self, exchange: Exchange) -> None:
        kind = exchange.path.rpartition("/")[2]
        form = exchange.form
        _check_names(form, PAGING | FILTERS[kind])
        page, size = _number(form, "page", 1), _number(form, "page_size", 20)
        size = min(size, self.most_per_page[kind])
        if page in self.instead:
            self.instead[page](exchange)
            return
        found = _ordered(kind, form, self._matching(kind, form))
        part = [_chosen(form, one) for one in found[(page - 1) * size : page * size]]
        meta = _meta(kind, form, page, size, len(found))
        send(exchange, {kind: part, "links": {}, "meta": {kind: meta}})

    def _matching(self, kind: str, form: dict[str, str]) -> list[dict]:
        if kind == "workflows":
            return list(_workflows(form, self.workflows))
        return [one for one in self.projects if not one["private"] and _is_wanted(form, one)]


def send(exchange: Exchange, document: object, status: int = 200, **headers: str) -> None:
    """Answer with JSON."""
    exchange.answer(json.dumps(document), status=status, content_type=MEDIA_TYPE, **headers)


def refuse(exchange: Exchange, status: int, message: str, **headers: str) -> None:
    """Answer with an error of the API's form."""
    send(exchange, {"errors": [{"message": message}]}, status, **headers)


def _check_accept(exchange: Exchange) -> None:
    if exchange.headers.get("accept") != MEDIA_TYPE:
        raise RefusalError(404, "Not Found")


def _check_names(form: dict[str, str], known: set[str]) -> None:
    for name in form.keys() - known:
        raise RefusalError(422, f"found unpermitted parameter: :{name}")


def _number(form: dict[str, str], name: str, default: int) -> int:
    text = form.get(name, str(default))
    if not text.isdecimal() or text == "0":
        raise RefusalError(422, f"{name} is not a number of a page: {text}")
    return int(text)


def _truth(form: dict[str, str], name: str) -> bool | None:
    if form.get(name) not in (None, "true", "false"):
        raise RefusalError(422, f"{name} is neither true nor false: {form[name]}")
    return None if name not in form else form[name] == "true"


def _is_wanted(form: dict[str, str], one: dict) -> bool:
    approved = _truth(form, "launch_approved")
    words = form.get("search", "").casefold().split()
    if any(":" in word for word in words):
        raise RefusalError(422, "search criteria are no words")
    if form.get("state") not in (None, "live", "paused", "finished"):
        raise RefusalError(422, f"'{form['state']}' is not a valid state")
    return (
        approved in (None, one["launch_approved"])
        and form.get("state") in (None, one["state"])
        and form.get("slug", one["slug"]).lower() == one["slug"]
        and ("tags" not in form or bool({*form["tags"].split(",")} & {*one["tags"]}))
        and all(word in one["display_name"].casefold() for word in words)
    )


def _workflows(form: dict[str, str], workflows: list[dict]) -> Iterator[dict]:
    active = _truth(form, "active")
    for one in workflows:
        if active not in (None, one["active"]):
            continue
        if form.get("project_id") in (None, one["links"]["project"]):
            yield one


def _ordered(kind: str, form: dict[str, str], found: list[dict]) -> list[dict]:
    key = form.get("sort", "").removeprefix("-")
    if not key:
        return found
    if key not in SORTABLE[kind]:
        raise RefusalError(422, f"cannot sort by {key}")
    return sorted(found, key=lambda one: one[key] or "", reverse=form["sort"].startswith("-"))


def _chosen(form: dict[str, str], one: dict) -> dict:
    if "fields" not in form:
        return one
    names = form["fields"].split(",")
    for name in names:
        if name not in one:
            raise RefusalError(422, f"there is no attribute {name}")
    return {name: one[name] for name in {*names, "id", "links"}}


def _meta(kind: str, form: dict[str, str], page: int, size: int, count: int) -> dict:
    pages = ceil(count / size)
    following = page + 1 if page < pages else None
    kept = {name: text for name, text in form.items() if name not in FORGOTTEN | {"page"}}
    query = "&".join(f"{name}={text}" for name, text in kept.items())
    return {
        "page": page,
        "page_size": size,
        "count": count,
        "include": [],
        "page_count": pages,
        "previous_page": page - 1 if page > 1 else None,
        "next_page": following,
        "first_href": f"/{kind}?{query}",
        "next_href": following and f"/{kind}?page={following}&{query}",
    }
