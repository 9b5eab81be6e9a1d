"""The plugin `broker`: sessions at IVOA Execution Brokers that an operator names."""

from collections.abc import Iterable

from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import PluginContext
from portal_broker.facility import ExecutionBroker
from portal_broker.settings import ExecutionBrokerSettings


@hookimpl
def portal_register_settings() -> type[ExecutionBrokerSettings]:
    """Return the settings in `[plugins.broker]`."""
    return ExecutionBrokerSettings


@hookimpl
def portal_register_facilities(context: PluginContext) -> Iterable[Facility]:
    """Return what the operator named."""
    settings = ExecutionBrokerSettings.model_validate(context.settings)
    return [ExecutionBroker(one) for one in settings.all]
