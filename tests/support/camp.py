"""A facility without a place: it writes down what it is asked, and does what a test tells it."""

from dataclasses import dataclass
from dataclasses import field
from types import ModuleType

from portal.parameters import parameter
from portal.parameters import Parameters
from portal.plugins.facilities import Answer
from portal.plugins.facilities import Facility
from portal.plugins.facilities import FacilityHealth
from portal.plugins.facilities import Mode
from portal.plugins.facilities import RunOutput
from portal.plugins.facilities import Session
from portal.plugins.facilities import SessionState
from portal.plugins.facilities import SessionStatus
from portal.plugins.facilities import Staging
from portal.plugins.hookspecs import hookimpl
from portal.plugins.workflows import WorkflowType

SECRET = "the-word-that-opens-the-tent"


class CampOptions(Parameters):
    """How large the tent is."""

    beds: int = parameter(2, title="Beds", ge=1, le=8)


@dataclass
class Camp(Facility):
    """Starts what it is given by the name of the session; `trouble` is raised once instead."""

    id: str = "camp"
    title: str = "Camp"
    description: str = "Tents by the lake."
    url: str = "http://127.0.0.1:9/camp/"
    mode: Mode = Mode.LAUNCH
    staging: Staging = Staging.SESSION
    prepared: list = field(default_factory=list)
    running: set = field(default_factory=set)
    stopped: list = field(default_factory=list)
    trouble: dict = field(default_factory=dict)
    tents: int = 3
    Options = CampOptions

    def accepts(self, workflow, basket):
        if workflow.type is WorkflowType.DESKTOP:
            return Answer(accepts=False, reason="There are no desks in tents.")
        return Answer(accepts=True, mode=self.mode, staging=self.staging)

    def link(self, repository, ref, path):
        return f"{self.url}v2/git/{ref}" if self.mode is Mode.REDIRECT else None

    def launch(self, prepared, context):
        self.prepared.append(prepared)
        self._fail("before")
        context.save({"tent": prepared.id})
        if context.handle is None:
            self.running.add(prepared.id)
        self._fail("after")
        context.log("The tent stands.")
        return Session(url=f"{self.url}{prepared.id}?token={SECRET}", notice="Mind the bears.")

    def run(self, prepared, context):
        self.prepared.append(prepared)
        self._fail("before")
        context.save({"tent": prepared.id})
        if context.handle is None:
            self.running.add(prepared.id)
        self._fail("after")
        self.running.discard(prepared.id)
        return [
            RunOutput(name="map", url="https://example.org/map.fits", size=1_500),
            RunOutput(name="bears", value="3"),
        ]

    def status(self, handle, context):
        self._fail("status")
        is_there = handle["tent"] in self.running
        return SessionStatus(state=SessionState.RUNNING if is_there else SessionState.GONE)

    def stop(self, handle, context):
        self._fail("stop")
        self.stopped.append(handle["tent"])
        self.running.discard(handle["tent"])

    def health(self, context):
        self._fail("health")
        capacity = {"Free tents": str(self.tents)}
        return FacilityHealth(message="The sun shines.", capacity=capacity, is_full=not self.tents)

    def _fail(self, when):
        error = self.trouble.pop(when, None)
        if error is not None:
            raise error


def camp_plugin(camp):
    """Return the plugin that has this facility."""
    module = ModuleType("camp")

    @hookimpl
    def portal_register_facilities():
        return [camp]

    module.portal_register_facilities = portal_register_facilities
    return module
