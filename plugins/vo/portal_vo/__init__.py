"""The Virtual Observatory: find services in its registry, and ask them in ADQL."""

from collections.abc import Iterable

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal.plugins import Renderer
from portal.plugins import RowAction
from portal_vo.actions import QueryService
from portal_vo.archive import vo_archive
from portal_vo.renderers import ServiceCards
from portal_vo.settings import VoSettings


@hookimpl
def portal_register_settings() -> type[VoSettings]:
    """Return the settings in `[plugins.vo]`."""
    return VoSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return the Virtual Observatory as one archive."""
    return [vo_archive(VoSettings.model_validate(context.settings), context.data_dir)]


@hookimpl
def portal_register_renderers() -> Iterable[Renderer]:
    """Return the view of registry rows as cards."""
    return [ServiceCards()]


@hookimpl
def portal_register_row_actions() -> Iterable[RowAction]:
    """Return the way from a service in the registry to its query form."""
    return [QueryService()]
