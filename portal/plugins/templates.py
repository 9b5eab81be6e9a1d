"""Templates of plugins: below the plugin's name, never in place of one of the core's."""

from jinja2 import BaseLoader
from jinja2 import PackageLoader
from jinja2 import PrefixLoader

from portal.plugins.registry import PluginRegistry


def template_loader(registry: PluginRegistry) -> BaseLoader:
    """Return the loader of "<plugin>/<file>.html" for the plugins that have templates."""
    loaders: dict[str, BaseLoader] = {}
    for plugin in registry.active:
        has_templates = plugin.renderers or any(one.pages for one in plugin.archives)
        if plugin.module is None or not has_templates:
            continue
        loaders[plugin.name] = PackageLoader(plugin.module.__name__)
    return PrefixLoader(loaders)
