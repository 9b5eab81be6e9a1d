"""The JSON API says what it takes and answers, and is documented by that (OpenAPI 3.1)."""

from portal.openapi.operations import Operation
from portal.openapi.operations import operation
from portal.openapi.operations import read_body
from portal.openapi.operations import read_either
from portal.openapi.operations import read_query

__all__ = ["Operation", "operation", "read_body", "read_either", "read_query"]
