"""URL rules that are compiled once for all apps: else it is most of what making an app takes."""

from typing import Any
from typing import ClassVar

from werkzeug.routing import Rule

COMPILED = ("arguments", "_parts", "_trace", "_converters")
BUILDERS = ("_build", "_build_unknown")  # methods that the rule makes for itself


class RememberedRule(Rule):
    """A rule that takes what an equal rule before it was compiled to.

    A builder gets its rule as an argument, so that it serves every rule of the same parts.
    """

    _compiled: ClassVar[dict[tuple[object, ...], dict[str, Any]]] = {}

    def compile(self) -> None:
        if self.defaults:
            super().compile()
            return
        converters = tuple(self.map.converters.values())
        key = (self.rule, self.subdomain, self.host, self.merge_slashes, converters)
        if key not in self._compiled:
            super().compile()
            builders = {name: getattr(self, name).__func__ for name in BUILDERS}
            self._compiled[key] = {name: getattr(self, name) for name in COMPILED} | builders
        for name, value in self._compiled[key].items():
            setattr(self, name, value.__get__(self, None) if name in BUILDERS else value)
