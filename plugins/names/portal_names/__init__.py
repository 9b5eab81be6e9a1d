"""Names of celestial objects: lists that work offline, and Sesame of the CDS."""

from collections.abc import Iterable

from portal.plugins import hookimpl
from portal.plugins import NameResolver
from portal.plugins import PluginContext
from portal_names.catalogue import BrightStars
from portal_names.catalogue import DeepSkyObjects
from portal_names.sesame import Sesame
from portal_names.settings import NamesSettings


@hookimpl
def portal_register_settings() -> type[NamesSettings]:
    """Return the settings in `[plugins.names]`."""
    return NamesSettings


@hookimpl
def portal_register_resolvers(context: PluginContext) -> Iterable[NameResolver]:
    """Return the lists, and Sesame unless it is turned off."""
    settings = NamesSettings.model_validate(context.settings)
    lists: tuple[NameResolver, ...] = (DeepSkyObjects(), BrightStars())
    return (*lists, Sesame(settings, context.data_dir)) if settings.sesame else lists
