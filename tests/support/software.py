"""A plugin that knows workflows: made up, hostile, and those of a source that fails."""

from dataclasses import replace
from datetime import datetime
from datetime import UTC

from portal.plugins import Workflow
from portal.plugins import WorkflowSource
from portal.plugins import WorkflowType

CURVE = Workflow(
    id="curve",
    title="Light curves",
    repository="https://git.example.org/stars/curve",
    ref="v1.2",
    path="curve.ipynb",
    description="Plots light curves of variable stars.\n\nNeeds a basket.",
    keywords=("photometry", "jupyter-notebook"),
    authors=("Ada Lovelace", "Čeněk Šťastný"),
    platforms=("Python", "Jupyter"),
    documentation_url="https://curve.example.org/docs",
    tutorial_url="https://curve.example.org/tutorial",
    doi="10.5281/zenodo.1",
    license="MIT",
    version="1.2",
    cores=2,
    memory=4_000_000_000,
    updated=datetime(2026, 3, 1, tzinfo=UTC),
    order=1,
)
VIEWER = Workflow(
    id="viewer",
    title="Viewer <b>of</b> cubes",
    repository="https://git.example.org/cubes/viewer",
    type=WorkflowType.DESKTOP,
    description="<script>alert(1)</script> Spectral cubes.",
    keywords=("radio",),
    authors=("Grace Hopper",),
    platforms=("Java",),
    documentation_url="javascript:alert(1)",
    citation="Hopper 2025",
    order=2,
)
HARVESTED = datetime(2026, 1, 1, tzinfo=UTC)


class Known(WorkflowSource):
    """Says what it was given."""

    id = "known"
    title = "Known software"
    url = "https://software.example.org/"

    def __init__(self, workflows=(CURVE, VIEWER)):
        self._workflows = tuple(workflows)

    def workflows(self):
        return self._workflows

    def harvested(self):
        return HARVESTED


class Broken(WorkflowSource):
    """Fails whenever it is asked."""

    id = "broken"
    title = "Broken software"

    def workflows(self):
        raise RuntimeError("no disk")


def many(count):
    """Return workflows that differ by their number."""
    return [
        replace(CURVE, id=f"w{number}", title=f"Workflow {number:04}", order=100)
        for number in range(count)
    ]
