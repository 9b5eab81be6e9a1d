"""The plugin `jupyterhub`: sessions at JupyterHubs that an operator names."""

from collections.abc import Iterable

from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_jupyterhub.facility import JupyterHub
from portal_jupyterhub.settings import JupyterHubSettings


@hookimpl
def portal_register_settings() -> type[JupyterHubSettings]:
    """Return the settings in `[plugins.jupyterhub]`."""
    return JupyterHubSettings


@hookimpl
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return what the operator named."""
    settings = JupyterHubSettings.model_validate(context.settings)
    return [JupyterHub(one) for one in settings.all]
