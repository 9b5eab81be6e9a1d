"""A plugin that knows one name."""

from types import ModuleType

from portal.plugins import hookimpl
from portal.plugins import NameResolver
from portal.plugins import ResolvedPosition


class OneName(NameResolver):
    """Knows where Andromeda is."""

    id = "one-name"
    title = "one name"
    local = True

    def resolve(self, name, http):
        known = name.casefold() == "andromeda"
        return (
            ResolvedPosition(ra=10.6847, dec=41.2688, resolver="one name", name="M 31")
            if known
            else None
        )


PLACES = ModuleType("places")


@hookimpl
def portal_register_resolvers():
    return [OneName()]


PLACES.portal_register_resolvers = portal_register_resolvers
