"""Pages and fragments from one URL: the only module that knows htmx-flask."""

from typing import Any

from flask import Flask
from flask import make_response
from flask import render_template
from flask import Response
from htmx_flask import Htmx
from htmx_flask import request
from htmx_flask.requests import HtmxAwareRequest

VARY = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")

# What the browser's side of htmx may do: no code in attributes or answers, no copies of pages
# in the browser's storage, requests to this site only.
CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    # A refused form (422) is swapped where it was; of any other error only the notice is taken,
    # and shown above the content that stays.
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {
            "code": "[45]..",
            "swap": True,
            "error": True,
            "ignoreTitle": True,
            "target": "#notices",
            "select": "#error",
            "swapOverride": "innerHTML",
        },
    ],
}


def init_app(app: Flask) -> None:
    """Give requests their `htmx` attribute, and templates `htmx_config` for the page's head.

    htmx-flask replaces the app's request class; the one that was there is kept as a base,
    so that its limits and methods live on.
    """
    previous = app.request_class
    Htmx(app)
    app.request_class = type("PortalRequest", (HtmxAwareRequest, previous), {})
    app.jinja_env.globals["htmx_config"] = CONFIG


def wants_fragment() -> bool:
    """Say whether the browser swaps a part of its page.

    A boosted link and a page restored from the history replace the whole page.
    """
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page_template: str, fragment_template: str, **variables: Any) -> Response:
    """Answer the page, or only the fragment that it includes, with the same variables."""
    template = fragment_template if wants_fragment() else page_template
    response = make_response(render_template(template, **variables))
    response.vary.update(VARY)
    return response


def trigger(response: Response, event: str) -> Response:
    """Have the browser fire `event`, which bubbles to the body; earlier events are kept."""
    events = [*response.headers.get_all("HX-Trigger"), event]
    response.headers["HX-Trigger"] = ", ".join(events)
    return response
