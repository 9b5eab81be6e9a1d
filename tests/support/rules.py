"""URL rules that are compiled once for all apps: else it is most of what making an app takes."""

from collections.abc import Callable
from typing import ClassVar

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class RememberedRule(Rule):
    """A rule whose URL builder is that of an equal rule before it.

    The builder gets its rule as an argument, so that it serves every rule of the same parts.
    """

    _builders: ClassVar[dict[tuple[object, ...], Builder]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        parts = (self.rule, tuple(self._trace), append_unknown)
        if parts not in self._builders:
            self._builders[parts] = super()._compile_builder(append_unknown)
        return self._builders[parts]
