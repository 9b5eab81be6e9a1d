"""Facilities of a test that are asked whether they run something, and how they answer."""

from types import ModuleType

from portal.plugins import Answer
from portal.plugins import binder_link
from portal.plugins import Facility
from portal.plugins import hookimpl
from portal.plugins import Mode

GIBIBYTE = 1 << 30
REPOSITORY = "https://git.example.org/stars/curve"


class Hub(Facility):
    """Runs what needs little; `asked` are the workflows it was asked about."""

    def __init__(self, id="hub", title="The hub", *, cores=4, warning="", order=1):
        self.id = id
        self.title = title
        self.url = f"https://{id}.example.org/"
        self.order = order
        self.asked = []
        self._cores = cores
        self._warning = warning

    def accepts(self, workflow, basket):
        self.asked.append(workflow)
        if (workflow.cores or 0) > self._cores:
            return Answer(accepts=False, reason=f"Sessions have {self._cores} cores.")
        return Answer(accepts=True, warning=self._warning)


class Binder(Facility):
    """Is only linked to."""

    id = "binder"
    title = "The Binder"
    url = "https://binder.example.org/"
    order = 2

    def accepts(self, workflow, basket):
        return Answer(accepts=True, mode=Mode.REDIRECT)

    def link(self, repository, ref, path):
        return binder_link(self.url, repository, ref, path)


class Broken(Facility):
    """Fails whatever it is asked."""

    id = "broken"
    title = "The broken one"
    url = "https://broken.example.org/"
    order = 3

    def accepts(self, workflow, basket):
        raise RuntimeError("no room")


def plugin(*facilities):
    """Return a plugin with these facilities."""
    made = ModuleType("planned")
    made.portal_register_facilities = hookimpl(lambda: list(facilities))
    return made
