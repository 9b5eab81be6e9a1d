"""The API as a whole: lists and single resources, for whoever asks."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from math import ceil

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback
from tests.support.loopback import Route
from tests.support.panoptes.accounts import Accounts
from tests.support.panoptes.answers import check_accept
from tests.support.panoptes.answers import check_names
from tests.support.panoptes.answers import query_of
from tests.support.panoptes.answers import RefusalError
from tests.support.panoptes.answers import refuse
from tests.support.panoptes.answers import send
from tests.support.panoptes.exports import Exports
from tests.support.panoptes.exports import STORE

PAGING = {"page", "page_size", "sort"}
FILTERS = {
    "projects": {"search", "tags", "state", "launch_approved", "slug", "id", "owner"},
    "workflows": {"project_id", "active", "fields"},
    "users": {"login"},
    "project_roles": {"user_id"},
}
SORTABLE = {
    "projects": {
        "launch_date", "activity", "completeness", "classifiers_count", "updated_at",
        "display_name",
    },
    "workflows": {"completeness", "id"},
    "users": set(),
    "project_roles": set(),
}  # fmt: skip
FORGOTTEN = {"search", "tags", "fields"}  # by the addresses of other pages
MOST_PER_PAGE = {"projects": 100, "workflows": 25, "users": 100, "project_roles": 100}
SINGLE = re.compile(r"/api/(projects|workflows)/([0-9]+)")
EXPORT = re.compile(
    r"/api/((projects)/([0-9]+)/(?:classifications|subjects)_export"
    r"|(workflows)/([0-9]+)/classifications_export)"
)


class Routes(dict[str, Route]):
    """Routes by their paths, and by patterns of them."""

    def __init__(self, patterns: dict[re.Pattern[str], Route]) -> None:
        super().__init__()
        self._patterns = patterns

    def get(self, path: str, default: Route | None = None) -> Route | None:
        matching = (route for pattern, route in self._patterns.items() if pattern.fullmatch(path))
        return super().get(path) or next(matching, default)


@dataclass
class Panoptes:
    """The API at `<url>`; change what it has, or how it answers for a page."""

    server: Loopback
    scheme: str = "http"
    projects: list[dict] = field(default_factory=list)
    workflows: list[dict] = field(default_factory=list)
    accounts: Accounts = field(default_factory=Accounts)
    most_per_page: dict[str, int] = field(default_factory=lambda: dict(MOST_PER_PAGE))
    instead: dict[int, Route] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.exports = Exports(f"{self.scheme}://{self.server.host}")
        routes = Routes(
            {
                SINGLE: self._guarded(self._show),
                EXPORT: self._guarded(self._export),
                re.compile(STORE + ".*"): self.exports.download,
            }
        )
        for kind in FILTERS:
            routes[f"/api/{kind}"] = self._guarded(self._list)
        routes["/api/me"] = self._guarded(self._show_me)
        routes["/oauth/token"] = self.accounts.grant
        self.server.routes = routes

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.server.host}/api"

    def asked(self, kind: str = "projects") -> list[dict[str, str]]:
        """Return the parameters of every request for a list."""
        return [one.form for one in self.server.requests if one.path == f"/api/{kind}"]

    def _guarded(self, route: Callable[[Exchange], None]) -> Route:
        def answer(exchange: Exchange) -> None:
            try:
                check_accept(exchange)
                route(exchange)
            except RefusalError as error:
                refuse(exchange, error.status, str(error))

        return answer

    def _show(self, exchange: Exchange) -> None:
        check_names(query_of(exchange), set())
        kind, number = SINGLE.fullmatch(exchange.path).groups()
        found = [one for one in self._visible(exchange, kind) if one["id"] == number]
        if not found:
            raise RefusalError(404, f"Could not find {kind[:-1]} with id='{number}'")
        send(exchange, {kind: found, "links": {}})

    def _show_me(self, exchange: Exchange) -> None:
        user = self.accounts.who_asks(exchange)
        if user is None:
            raise RefusalError(401, "You must be logged in to access this resource.")
        send(exchange, {"users": [user], "links": {}})

    def _export(self, exchange: Exchange) -> None:
        check_names(query_of(exchange), set())
        path, *names = EXPORT.fullmatch(exchange.path).groups()
        kind, number = (name for name in names if name)
        user = self.accounts.who_asks(exchange)
        if exchange.method == "POST" and user is None:
            raise RefusalError(401, "You must be logged in to access this resource.")
        if not any(self.accounts.may_write(user, one) for one in self._project_of(kind, number)):
            raise RefusalError(404, f"Could not find {kind[:-1]} with id='{number}'")
        if exchange.method == "POST":
            send(exchange, self.exports.make(path, exchange), 201)
        else:
            send(exchange, self.exports.show(path))

    def _project_of(self, kind: str, number: str) -> list[dict]:
        if kind == "workflows":
            numbers = [one["links"]["project"] for one in self.workflows if one["id"] == number]
        else:
            numbers = [number]
        return [one for one in self.projects if one["id"] in numbers]

    def _list(self, exchange: Exchange) -> None:
        kind = exchange.path.rpartition("/")[2]
        form = exchange.form
        check_names(form, PAGING | FILTERS[kind])
        page, size = _number(form, "page", 1), _number(form, "page_size", 20)
        size = min(size, self.most_per_page[kind])
        if page in self.instead:
            self.instead[page](exchange)
            return
        found = _ordered(kind, form, self._matching(exchange, kind))
        part = [_chosen(form, one) for one in found[(page - 1) * size : page * size]]
        meta = _meta(kind, form, page, size, len(found))
        send(exchange, {kind: part, "links": {}, "meta": {kind: meta}})

    def _matching(self, exchange: Exchange, kind: str) -> list[dict]:
        form = exchange.form
        visible = self._visible(exchange, kind)
        if kind == "workflows":
            return list(_workflows(form, visible))
        if kind == "users":
            wanted = form.get("login", "").casefold().split(",")
            return [one for one in visible if one["login"].casefold() in wanted]
        if kind == "project_roles":
            return [one for one in visible if one["links"]["owner"]["id"] == form["user_id"]]
        if "id" in form and not any(one["id"] in form["id"].split(",") for one in visible):
            raise RefusalError(404, f"Could not find project with ids='{form['id']}'")
        return [one for one in visible if _is_wanted(form, one)]

    def _visible(self, exchange: Exchange, kind: str) -> list[dict]:
        user = self.accounts.who_asks(exchange)
        projects = [one for one in self.projects if self.accounts.may_see(user, one)]
        numbers = {one["id"] for one in projects}
        if kind == "projects":
            return projects
        if kind == "users":
            return self.accounts.users
        parts = self.workflows if kind == "workflows" else self.accounts.roles
        gone = numbers | ({"404"} if kind == "project_roles" else set())
        return [one for one in parts if one["links"]["project"] in gone]


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
    owner = one["slug"].partition("/")[0]
    words = form.get("search", "").casefold().split()
    if any(":" in word for word in words):
        raise RefusalError(422, "search criteria are no words")
    if form.get("state") not in (None, "live", "paused", "finished"):
        raise RefusalError(422, f"'{form['state']}' is not a valid state")
    return (
        approved in (None, one["launch_approved"])
        and form.get("state") in (None, one["state"])
        and form.get("slug", one["slug"]).lower() == one["slug"]
        and one["id"] in form.get("id", one["id"]).split(",")
        and form.get("owner", owner).lower() == owner
        and ("tags" not in form or bool({*form["tags"].split(",")} & {*one["tags"]}))
        and all(word in one["display_name"].casefold() for word in words)
    )


def _workflows(form: dict[str, str], workflows: list[dict]) -> Iterator[dict]:
    active = _truth(form, "active")
    for one in workflows:
        if active not in (None, one["active"]):
            continue
        if one["links"]["project"] in form.get("project_id", one["links"]["project"]).split(","):
            yield one


def _ordered(kind: str, form: dict[str, str], found: list[dict]) -> list[dict]:
    key = form.get("sort", "").removeprefix("-")
    if not key:
        return found
    if key not in SORTABLE[kind]:
        raise RefusalError(422, f"cannot sort by {key}")

    def place(one: dict) -> object:
        return int(one["id"]) if key == "id" else one[key] or ""

    return sorted(found, key=place, reverse=form["sort"].startswith("-"))


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
