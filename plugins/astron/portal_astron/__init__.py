"""ASTRON's archives: Apertif by its API, and others as they are described beside this file."""

from collections.abc import Iterable
from pathlib import Path

from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_astron.apertif.archive import apertif_archive
from portal_astron.settings import AstronSettings


@hookimpl
def portal_register_settings() -> type[AstronSettings]:
    """Return the settings in `[plugins.astron]`."""
    return AstronSettings


@hookimpl
def portal_register_archives(context: PluginContext) -> Iterable[Archive]:
    """Return Apertif, whose API is no standard's."""
    return [apertif_archive(AstronSettings.model_validate(context.settings))]


@hookimpl
def portal_register_archive_files() -> Iterable[Path]:
    """Return the descriptions of the ASTRON VO and of LOFAR's surveys."""
    return sorted(Path(__file__).parent.glob("*.toml"))
