"""URL maps that are compiled once for all apps: else it is much of what making an app takes."""

from collections.abc import Hashable
from collections.abc import Iterator
from copy import copy
from operator import attrgetter
from threading import Lock
from typing import Any
from typing import ClassVar

from werkzeug.routing import Map
from werkzeug.routing import Rule
from werkzeug.routing import RuleFactory

OPTIONS = (
    "default_subdomain",
    "host_matching",
    "merge_slashes",
    "redirect_defaults",
    "sort_key",
    "sort_parameters",
    "strict_slashes",
)
SCALARS = (
    "rule",
    "endpoint",
    "subdomain",
    "host",
    "alias",
    "build_only",
    "merge_slashes",
    "redirect_to",
    "strict_slashes",
    "websocket",
)
AUTOMATIC = "provide_automatic_options"  # Flask's own mark on a rule
_options_of = attrgetter(*OPTIONS)
_scalars_of = attrgetter(*SCALARS)


class RememberedMap(Map):
    """A map that takes what an equal map before it was compiled to, when it is first needed."""

    _compiled: ClassVar[dict[Hashable, Map]] = {}
    _lock: ClassVar[Lock] = Lock()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._added: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        self._added.extend(rulefactory.get_rules(self))
        self._remap = True

    def update(self) -> None:
        if not self._remap:
            return
        with self._lock:
            key = tuple(self._parts())
            if key not in self._compiled:
                self._compiled[key] = self._compile()
            self._matcher = self._compiled[key]._matcher
            self._rules_by_endpoint = self._compiled[key]._rules_by_endpoint
            self._remap = False

    def _parts(self) -> Iterator[Hashable]:
        """Yield all that the compiled rules depend on."""
        yield _options_of(self)
        yield tuple(self.converters.items())
        for rule in self._added:
            yield _scalars_of(rule)
            yield None if rule.methods is None else frozenset(rule.methods)
            yield None if rule.defaults is None else tuple(rule.defaults.items())
            yield getattr(rule, AUTOMATIC, None)

    def _compile(self) -> Map:
        options = {name: getattr(self, name) for name in OPTIONS}
        compiled = Map([copy(rule) for rule in self._added], converters=self.converters, **options)
        compiled.update()
        return compiled
