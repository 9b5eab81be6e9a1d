"""Where a plugin leads its users: to a form, to a page, or out of the portal."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLink:
    """A link to the form of another query, filled in; a list repeats its name."""

    query_id: str
    parameters: Mapping[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalLink:
    """A link out of the portal; the portal checks the scheme before it shows it."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A link to a page of an archive, with its parameters; a list repeats its name."""

    archive_id: str
    page_id: str
    parameters: Mapping[str, str | list[str]] = field(default_factory=dict)


def pairs_of(parameters: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    """Return the parameters of a link as its form would send them."""
    return [
        (name, one)
        for name, value in parameters.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
