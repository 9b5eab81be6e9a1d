"""The plugin `binderhub`: sessions at BinderHubs, public ones and one's own."""

from collections.abc import Iterable

from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_binderhub.facility import BinderHub
from portal_binderhub.settings import BinderHubSettings


@hookimpl
def portal_register_settings() -> type[BinderHubSettings]:
    """Return the settings in `[plugins.binderhub]`."""
    return BinderHubSettings


@hookimpl
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return MyBinder, and what the operator named."""
    settings = BinderHubSettings.model_validate(context.settings)
    return [BinderHub(one) for one in settings.all]
