"""The portal as an Execution Broker: offers of its facilities, and the sessions they become."""

from uuid import UUID

from flask import Blueprint
from flask import current_app
from flask import Response
from flask import url_for

from portal.accounts.owner import uws_caller
from portal.analysis.planning.asking import ask
from portal.analysis.planning.documents import answer
from portal.analysis.planning.documents import check_accepted
from portal.analysis.planning.documents import read_sent
from portal.analysis.planning.fields import Fields
from portal.analysis.planning.offers import decide
from portal.analysis.planning.offers import get_offer
from portal.analysis.planning.offers import get_set
from portal.analysis.planning.offers import make_offers
from portal.analysis.planning.requests import read_decision
from portal.analysis.planning.requests import read_request
from portal.analysis.planning.shapes import write_session
from portal.analysis.planning.shapes import write_set
from portal.analysis.planning.states import STARTING
from portal.plugins.registry import PluginRegistry
from portal.problems import PortalError
from portal.uws.answers import problem_answer
from portal.uws.callers import NOBODY
from portal.uws.callers import UnauthorizedError

RETRY_SECONDS = "2"

bp = Blueprint("broker", __name__, url_prefix="/eb")


@bp.errorhandler(PortalError)
def show_problem(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


@bp.post("/offersets")
@bp.post("/requests")
def offer() -> Response:
    """Ask the facilities, and answer what they offer; nobody is kept from asking twice."""
    check_accepted()
    owner = _owner()
    task = read_request(Fields(read_sent()))
    registry: PluginRegistry = current_app.extensions["plugins"]
    made = make_offers(owner, task, ask(registry, task, registry.facilities))
    response = answer(write_set(*get_set(made.id, owner=owner)))
    response.headers["Location"] = url_for("broker.show_set", offer_set_id=UUID(made.id))
    return response


@bp.get("/offersets/<uuid:offer_set_id>")
def show_set(offer_set_id: UUID) -> Response:
    """Show a set of offers as it is now."""
    check_accepted()
    return answer(write_set(*get_set(offer_set_id.hex, owner=_owner())))


@bp.get("/sessions/<uuid:offer_id>")
def show_session(offer_id: UUID) -> Response:
    """Show an offer or a session as it is now."""
    check_accepted()
    return _show(offer_id, _owner())


@bp.post("/sessions/<uuid:offer_id>")
def update_session(offer_id: UUID) -> Response:
    """Accept, reject or cancel, and answer what has become of it."""
    check_accepted()
    owner = _owner()
    get_offer(offer_id.hex, owner=owner)  # a stranger learns nothing from what is wrong inside
    decide(offer_id.hex, read_decision(Fields(read_sent())), owner=owner)
    return _show(offer_id, owner)


def _show(offer_id: UUID, owner: str) -> Response:
    whole, state = get_offer(offer_id.hex, owner=owner)
    response = answer(write_session(whole, state))
    if state.phase in STARTING:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _owner() -> str:
    """Return who asks; offers are made to somebody, not to whoever knows their ids."""
    owner = uws_caller().owner
    if owner == NOBODY:
        raise UnauthorizedError("The broker makes offers to callers with an API token.")
    return owner
