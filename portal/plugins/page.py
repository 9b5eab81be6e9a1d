"""Pages of an archive that are answered at once, from what the plugin keeps itself."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from portal.parameters import Parameters


class Page(ABC):
    """A page that needs no job: its answer is in the plugin's own files.

    The portal shows the form of `Parameters` and below it `template`, "<plugin>/<file>.html",
    one of the plugin's own, with what `context` returns. `live` pages are asked again while
    somebody types. Pages whose `linked` is false are reached from other pages only; these
    show no form.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    description: ClassVar[str] = ""
    Parameters: ClassVar[type[Parameters]]
    live: ClassVar[bool] = False
    linked: ClassVar[bool] = True

    @abstractmethod
    def context(self, parameters: Any) -> Mapping[str, Any]:
        """Return the template's variables, from local data and within a second.

        Raises NotFoundError where the parameters name something that there is not.
        """
