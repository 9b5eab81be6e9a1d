"""Errors as a portal writes them: problem documents (RFC 9457), or a line of text."""

from http import HTTPStatus
from typing import Any

import requests

from portal_client.errors import InvalidParametersError
from portal_client.errors import ParameterError
from portal_client.errors import PortalError
from portal_client.errors import UnavailableError

PARAMETERS = "/parameters"
LONGEST_TEXT = 500
TEMPORARY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


def read_problem(response: requests.Response) -> PortalError:
    """Return the error that an answer tells of."""
    status = response.status_code
    if response.is_redirect:
        address = response.headers["Location"]
        return PortalError(f"The portal is at another address: {address}", status=status)
    problem = _problem(response)
    if errors := _parameter_errors(problem):
        return InvalidParametersError(str(problem.get("title")), errors=errors, status=status)
    message = str(problem.get("detail") or problem.get("title") or _text(response))
    if reference := problem.get("instance"):
        message = f"{message} (reference {reference})"
    kind = UnavailableError if status in TEMPORARY else PortalError
    return kind(message, status=status)


def _problem(response: requests.Response) -> dict[str, Any]:
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _text(response: requests.Response) -> str:
    """Return what an answer says that is no problem; a page of a proxy says nothing."""
    if response.headers.get("Content-Type", "").startswith("text/plain") and response.text:
        return response.text.strip()[:LONGEST_TEXT]
    return f"The portal answered {response.status_code} {response.reason}."


def _parameter_errors(problem: dict[str, Any]) -> list[ParameterError]:
    listed = problem.get("errors")
    found = listed if isinstance(listed, list) else []
    return [
        ParameterError(
            name=str(one.get("name") or _name(one)),
            message=str(one.get("detail", "")),
            pointer=str(one.get("pointer", "")),
        )
        for one in found
        if isinstance(one, dict)
    ]


def _name(error: dict[str, Any]) -> str:
    """Return the parameter in which a JSON pointer (RFC 6901) points somewhere."""
    first = str(error.get("pointer", "")).removeprefix(PARAMETERS).lstrip("/").split("/")[0]
    return first.replace("~1", "/").replace("~0", "~")
