"""The workflow that comes along: a notebook that shows what is in the basket of its session."""

from collections.abc import Sequence

from portal.analysis.reach import is_here
from portal.analysis.repository.example import EXAMPLE
from portal.plugins.facilities import Facility
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowSource

NOTEBOOK = "first-look.ipynb"


class ExampleSource(WorkflowSource):
    """Offers the example where a facility can clone it from this portal."""

    id = "portal"
    title = "This portal"

    def __init__(self, address: str, facilities: Sequence[Facility]) -> None:
        """Take the portal's own address."""
        reached = not is_here(address) or any(is_here(one.url) for one in facilities)
        self._workflows = (_example(address),) if reached else ()

    def workflows(self) -> Sequence[Workflow]:
        """Return the one, or none."""
        return self._workflows


def _example(address: str) -> Workflow:
    return Workflow(
        id="first-look",
        title="A first look at a basket",
        repository=f"{address}/git/{EXAMPLE}.git",
        path=NOTEBOOK,
        description=(
            "Shows what came along from the basket: what became of each item, the basket as a "
            "table and on the sky, and what is in its FITS files. A beginning for your own."
        ),
        keywords=("jupyter-notebook", "basket", "example"),
        platforms=("Python", "Jupyter"),
        license="BSD-3-Clause",
        order=1,
    )
