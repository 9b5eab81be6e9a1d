"""Pages of archives that a plugin answers at once, from what it keeps itself."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint
from flask import current_app
from flask import request
from flask import Response
from flask.globals import request_ctx
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.archives.forms import MOC_FILE
from portal.htmx import render
from portal.htmx import wants_fragment
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.page import Page
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.results.rendering import link_href
from portal.results.rendering import render_view

bp = Blueprint("archive_pages", __name__, url_prefix="/archives")
FIRST = "first"  # a new search begins with its first answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a plugin makes of a page, and one line about it."""

    markup: Markup
    summary: str


@bp.get("/<archive_id>/pages/<page_id>")
def show(archive_id: str, page_id: str) -> Response:
    """Answer a page from the address; a value that cannot be used is said at its field."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    archive, page = registry.archive(archive_id), registry.page(archive_id, page_id)
    sent = list(request.args.items(multi=True))
    fields = form_fields(page.Parameters, registry.page_choices(page))
    errors: Sequence[FieldError] = ()
    answer: Answer | None = None
    try:
        answer = _answer(registry, page, read_form(page.Parameters, sent))
    except InvalidParametersError as error:
        errors, status = error.errors, HTTPStatus.UNPROCESSABLE_ENTITY
    else:
        status = HTTPStatus.OK if answer is not None else HTTPStatus.BAD_GATEWAY
    names = {field.name.casefold(): field.name for field in fields}
    response = render(
        "archives/page.html",
        "archives/_page_answer.html",
        archive=archive,
        page=page,
        fields=[field for field in fields if field.name != FIRST],
        values=MultiDict((names.get(name.casefold(), name), value) for name, value in sent),
        errors=errors,
        answer=answer,
        swapped=wants_fragment(),
    )
    response.status_code = status
    if wants_fragment():  # what is not filled in makes no part of an address that one keeps
        filled = [(name, value) for name, value in sent if value and not name.endswith(MOC_FILE)]
        response.headers["HX-Replace-Url"] = (
            f"{request.script_root}{request.path}?{urlencode(filled)}"
        )
    return response


def _answer(registry: PluginRegistry, page: Page, parameters: Any) -> Answer | None:
    """Return the plugin's part of the page; None when the plugin fails."""
    if (urls := request_ctx.url_adapter) is None:
        raise NotFoundError("This address has no name.")
    environment = current_app.extensions["plugin_templates"]

    def answer() -> Answer | NotFoundError:
        try:
            variables: Mapping[str, Any] = page.context(parameters)
        except NotFoundError as error:
            return error
        markup = render_view(
            environment, page.template, variables, lambda link: link_href(link, registry, urls)
        )
        return Answer(markup=markup, summary=str(variables.get("summary", "")))

    found = registry.call(page, answer, otherwise=None)
    if isinstance(found, NotFoundError):
        raise found
    return found
