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

from portal.links import safe_href
from portal.plugins.links import ExternalLink
from portal.plugins.links import QueryLink

Link = QueryLink | ExternalLink
HREF_OF = "_href_of"


def plugin_environment(loader: BaseLoader) -> Environment:
    """Return the environment of all plugin templates; everything in them is escaped."""
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["link_url"] = _link_url
    environment.filters["safe_href"] = safe_href
    return environment


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
