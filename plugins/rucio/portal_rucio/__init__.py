"""Rucio data lakes as archives of the portal."""

from collections.abc import Iterable

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal.plugins import RowAction
from portal_rucio.actions import CopyOfDid
from portal_rucio.actions import DidsOfScope
from portal_rucio.actions import FilesOfDid
from portal_rucio.actions import ReplicasOfDid
from portal_rucio.archive import lake_archive
from portal_rucio.settings import RucioSettings


@hookimpl
def portal_register_settings() -> type[RucioSettings]:
    """Return the settings in `[plugins.rucio]`."""
    return RucioSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return an archive for each data lake that the operator named."""
    settings = RucioSettings.model_validate(context.settings)
    return [lake_archive(lake) for lake in settings.lakes]


@hookimpl
def portal_register_row_actions(context: PluginContext) -> Iterable[RowAction]:
    """Return the ways from a scope to its data, and from these to files, replicas and copies."""
    lakes = RucioSettings.model_validate(context.settings).lakes
    return [action(lakes) for action in (DidsOfScope, FilesOfDid, ReplicasOfDid, CopyOfDid)]
