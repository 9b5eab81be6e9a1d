"""Pages of an archive that are answered at once, from what the plugin keeps itself."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from portal.parameters import Choice
from portal.parameters import Parameters


class Page(ABC):
    """A page that needs no job: its answer is in the plugin's own files.

    The portal shows the form of `Parameters` and below it `template`, "<plugin>/<file>.html",
    one of the plugin's own, with what `context` returns. `live` pages are asked again while
    somebody types. Pages whose `linked` is false are reached from other pages only; these
    show no form. A field with the widget "hidden" goes along with the form unseen, but for one
    named `first`: the number of the first answer shown, which is nought for a new search.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    description: ClassVar[str] = ""
    Parameters: ClassVar[type[Parameters]]
    live: ClassVar[bool] = False
    linked: ClassVar[bool] = True

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return what a field offers, from local data only; empty: free input."""
        return ()

    @abstractmethod
    def context(self, parameters: Any) -> Mapping[str, Any]:
        """Return the template's variables, from local data and within a second.

        One named `summary`, such as "12 services", is shown above the answer as well, and
        told to those who cannot see it whenever it changes.

        Raises NotFoundError where the parameters name something that there is not.
        """
