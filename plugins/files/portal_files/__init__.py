"""A folder of tables as an archive of the portal."""

from collections.abc import Iterable

from pydantic import BaseModel

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_files.archive import build_archive
from portal_files.settings import FilesSettings


@hookimpl
def portal_register_settings() -> type[BaseModel]:
    """Name the model of `[plugins.files]`."""
    return FilesSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Add the folder as an archive."""
    settings = FilesSettings.model_validate(context.settings.model_dump())
    return [build_archive(settings, context.data_dir)]
