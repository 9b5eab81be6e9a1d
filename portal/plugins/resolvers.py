"""How names of celestial objects become positions."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPosition:
    """An ICRS position in degrees, and who said so.

    `name` is the object as its source knows it, empty where coordinates were given;
    `resolver` is the title of the source.
    """

    ra: float
    dec: float
    resolver: str
    name: str = ""


class NameResolver(ABC):
    """Knows where objects are, by their names.

    Resolvers are asked by `order`, smallest first, and those that are `local` before the
    others: a local one reads the plugin's own data only, within milliseconds, and is asked
    while a page is built as well.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int] = 100
    local: ClassVar[bool] = False

    @abstractmethod
    def resolve(self, name: str, http: requests.Session) -> ResolvedPosition | None:
        """Return where the object is, or None when this resolver does not know it.

        `name` has no space around it and single spaces in it. Raises TransientError or
        ServiceError when the source cannot be asked: then the next resolver is.
        """

    def suggest(self, name: str) -> Sequence[str]:
        """Return names like this one that the resolver knows, the likeliest first.

        From the plugin's own data only, within milliseconds: for "did you mean".
        """
        return ()
