"""Baskets as JSON, for programs: all that the pages can do, documented as OpenAPI."""

from portal.basket.api import baskets
from portal.basket.api import history
from portal.basket.api import items
from portal.basket.api.answering import bp

__all__ = ["baskets", "bp", "history", "items"]
