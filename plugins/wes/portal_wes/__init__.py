"""The plugin `wes`: batch runs at GA4GH Workflow Execution Services that an operator names."""

from collections.abc import Iterable

from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_wes.facility import ExecutionService
from portal_wes.settings import WesSettings


@hookimpl
def portal_register_settings() -> type[WesSettings]:
    """Return the settings in `[plugins.wes]`."""
    return WesSettings


@hookimpl
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return what the operator named."""
    settings = WesSettings.model_validate(context.settings)
    return [ExecutionService(one) for one in settings.all]
