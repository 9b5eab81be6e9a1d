"""The views of results that plugins bring: their templates, in an environment of their own.

A plugin's template sees the variables that its renderer returned, the filters below, and
nothing of the request, the session or the application.
"""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from jinja2 import BaseLoader
from jinja2 import Environment
from jinja2 import pass_context
from jinja2 import StrictUndefined
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.routing import MapAdapter

from portal.display import ago
from portal.links import safe_href
from portal.links import with_query
from portal.plugins.links import ExternalLink
from portal.plugins.links import PageLink
from portal.plugins.links import QueryLink
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError

Link = QueryLink | PageLink | ExternalLink
HREF_OF = "_href_of"


def plugin_environment(loader: BaseLoader) -> Environment:
    """Return the environment of all plugin templates; everything in them is escaped."""
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["link_url"] = _link_url
    environment.filters["safe_href"] = safe_href
    environment.filters["ago"] = ago
    return environment


def link_href(link: Link, registry: PluginRegistry, urls: MapAdapter) -> str | None:
    """Return the address that a link of a plugin leads to, or None when there is nothing there."""
    if isinstance(link, ExternalLink):
        return safe_href(link.url)
    try:
        if isinstance(link, PageLink):
            registry.page(link.archive_id, link.page_id)
            endpoint = "archive_pages.show"
            address = {"archive_id": link.archive_id, "page_id": link.page_id}
        else:
            archive = registry.archive_of(link.query_id)
            endpoint = "archives.query_form"
            address = {"archive_id": archive.id, "query_id": link.query_id}
    except NotFoundError:
        return None
    return with_query(urls.build(endpoint, address), link.parameters)


def render_view(
    environment: Environment,
    template: str,
    variables: Mapping[str, Any],
    href_of: Callable[[Link], str | None],
) -> Markup:
    """Return the markup of a plugin's view; raises what the template raises."""
    text = environment.get_template(template).render({**variables, HREF_OF: href_of})
    return Markup(text)  # noqa: S704 - made by a template that escapes


@pass_context
def _link_url(context: Context, link: Link) -> str | None:
    href: str | None = context[HREF_OF](link)
    return href
