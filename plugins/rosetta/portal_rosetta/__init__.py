"""The plugin `rosetta`: sessions at Rosetta science platforms, to which browsers are sent."""

from collections.abc import Iterable

from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_rosetta.facility import Rosetta
from portal_rosetta.settings import RosettaSettings


@hookimpl
def portal_register_settings() -> type[RosettaSettings]:
    """Return the settings in `[plugins.rosetta]`."""
    return RosettaSettings


@hookimpl
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return what the operator named."""
    settings = RosettaSettings.model_validate(context.settings)
    return [Rosetta(one) for one in settings.facilities]
