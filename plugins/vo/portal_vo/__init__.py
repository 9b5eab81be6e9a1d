"""The Virtual Observatory: find services in its registry, and ask them in ADQL."""

from collections.abc import Iterable
from datetime import timedelta

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal.plugins import Protocol
from portal.plugins import Renderer
from portal.plugins import RowAction
from portal.plugins import Schedule
from portal_vo.actions import AboutService
from portal_vo.actions import QueryService
from portal_vo.archive import vo_archive
from portal_vo.datalink.actions import ROW_ACTIONS
from portal_vo.datalink.renderer import LinkList
from portal_vo.described.positional import positional_protocols
from portal_vo.described.tap import TapProtocol
from portal_vo.mirror.job import QUERY_ID as MIRROR
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
    return [ServiceCards(), LinkList()]


@hookimpl
def portal_register_row_actions() -> Iterable[RowAction]:
    """Return the ways from a service in the registry: to its query form, and to its page."""
    return [QueryService(), AboutService(), *(action() for action in ROW_ACTIONS)]


@hookimpl
def portal_register_schedules(context: PluginContext) -> Iterable[Schedule]:
    """Return how often the copy of the registry is brought up to date."""
    settings = VoSettings.model_validate(context.settings)
    if not settings.registry_mirror:
        return []
    every = timedelta(hours=settings.registry_mirror_hours)
    return [
        Schedule(id="vo-registry-mirror", title="Copy of the registry", every=every, query=MIRROR)
    ]


@hookimpl
def portal_register_protocols(context: PluginContext) -> Iterable[Protocol]:
    """Return the protocols that archives described in TOML may speak."""
    settings = VoSettings.model_validate(context.settings)
    return [TapProtocol(), *positional_protocols(settings.max_positions)]
