"""The projects that somebody has a part in, as far as whoever asks may see them."""

from collections.abc import Iterator
from typing import Annotated
from typing import Any

from pydantic import AfterValidator

from portal.plugins import parameter
from portal.plugins import UsageError
from portal_zooniverse.answers import NotThereError
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.login import SERVICE
from portal_zooniverse.login import WHERE
from portal_zooniverse.resources import Project
from portal_zooniverse.resources import ProjectRole
from portal_zooniverse.resources import User
from portal_zooniverse.settings import ZooniverseSettings

AT_ONCE = 50  # projects; their numbers go into an address
PER_PAGE = "100"  # the most that Panoptes gives
ME = "me"
USER_ID = "{users.id}"  # as the links of the API write it
PROJECT_IDS = "{project_roles.project}"

Members = list[tuple[Project, str | None]]


def _check_user(text: str) -> str:
    if "," in text or "/" in text or not text.isprintable():
        raise ValueError("give the login name of one user, as in the address of their page")
    return text


UserName = Annotated[str, AfterValidator(_check_user)]


def user_field() -> Any:
    """Declare whose projects are meant."""
    return parameter(
        None,
        title="User",
        description=(
            "Login name of a user or of an organisation. Without one these are your own "
            f"projects: store your login for {SERVICE} {WHERE}"
        ),
        placeholder="zookeeper",
        max_length=100,
    )


def member_addresses(settings: ZooniverseSettings, user: str | None) -> list[str]:
    """Return what is asked to find the projects of a user, for people to read."""
    return [
        _user_address(settings, user),
        _roles_address(settings, USER_ID),
        _projects_address(settings, PROJECT_IDS),
    ]


def find_projects(
    panoptes: Panoptes, settings: ZooniverseSettings, name: str | None
) -> Iterator[Members]:
    """Yield the projects of a user, with what the user is in each, a few at a time.

    Raises UsageError where nobody has that name, or where it is not known who asks.
    """
    if name is None and panoptes.login is None:
        raise UsageError(
            "The Zooniverse is not told who you are: give the login name of a user, or store "
            f"your login for {SERVICE} {WHERE}."
        )
    user = panoptes.find(User, _user_address(settings, name))
    if user is not None:
        yield from _with_roles(panoptes, settings, user)
    elif name is not None:
        yield from _owned(panoptes, settings, name)


def _with_roles(panoptes: Panoptes, settings: ZooniverseSettings, user: User) -> Iterator[Members]:
    pages = panoptes.pages(ProjectRole, _roles_address(settings, str(user.id)))
    roles = {role.links.project: ", ".join(role.roles) for page in pages for role in page}
    numbers = sorted(roles)
    for start in range(0, len(numbers), AT_ONCE):
        some = ",".join(map(str, numbers[start : start + AT_ONCE]))
        try:
            for page in panoptes.pages(Project, _projects_address(settings, some)):
                yield [(project, roles.get(project.id)) for project in page]
        except NotThereError:
            continue  # projects that were deleted leave their roles behind


def _owned(panoptes: Panoptes, settings: ZooniverseSettings, name: str) -> Iterator[Members]:
    """Yield what an organisation owns, which is no user and has no roles."""
    address = settings.api_address("projects", {"owner": name, "page_size": PER_PAGE})
    is_known = False
    for page in panoptes.pages(Project, address):
        is_known = is_known or bool(page)
        yield [(project, None) for project in page]
    if not is_known:
        raise UsageError(f"The Zooniverse has no user {name}, and no projects of that name.")


def _user_address(settings: ZooniverseSettings, name: str | None) -> str:
    if name is None:
        return settings.api_address(ME)
    return settings.api_address("users", {"login": name})


def _roles_address(settings: ZooniverseSettings, user_id: str) -> str:
    return settings.api_address("project_roles", {"user_id": user_id, "page_size": PER_PAGE})


def _projects_address(settings: ZooniverseSettings, numbers: str) -> str:
    return settings.api_address("projects", {"id": numbers, "page_size": PER_PAGE})
