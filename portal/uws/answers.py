"""Errors for programs: as a problem document, or as the text that UWS clients show."""

from http import HTTPStatus
from typing import Any

from flask import jsonify
from flask import Response

PROBLEM = "application/problem+json"


def problem_answer(problem: dict[str, Any]) -> Response:
    """Answer a problem document (RFC 9457)."""
    response = jsonify(problem)
    response.mimetype = PROBLEM
    response.status_code = problem["status"]
    return response


def text_answer(problem: dict[str, Any]) -> Response:
    """Answer a problem as text; wrong parameters are 403 in UWS 1.1, section 2.2."""
    status = problem["status"]
    text = f"{problem['title']}: {problem['detail']} {problem.get('instance', '')}".rstrip()
    return Response(
        f"{text}\n",
        content_type="text/plain; charset=utf-8",
        status=HTTPStatus.FORBIDDEN if status == HTTPStatus.UNPROCESSABLE_ENTITY else status,
    )
