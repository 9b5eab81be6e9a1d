"""A job service with job types made for tests: no plugin, no archive."""

from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from lxml import etree

from portal import config
from portal.credentials import RemoteCredential
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.uws.database import DatabaseGateway
from portal.uws.limits import Limits
from portal.uws.service import JobService
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.uploads import UploadStore
from tests.services import stilts
from tests.support.instances import settings_in

OWNER = "a" * 32


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def settings(request, tmp_path):
    """Run every test of this room on both databases."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url("portal")
    return settings_in(tmp_path, database_url=url)


class Greeting(Parameters):
    """What the test job takes."""

    name: str = parameter("world", title="Name")


def describe(parameters: Parameters) -> Description:
    """Say what a greeting does."""
    return Description(title=f"Greet {parameters.name}", text=f"hello {parameters.name}")  # type: ignore[attr-defined]


class Everybody(Parameters):
    """Who is greeted, by a job for each."""

    names: list[str] = parameter([], title="Names")


HELLO = JobType(name="hello", title="Greeting", parameters=Greeting, describe=describe)
HELLO_ALL = JobType(
    name="hello.all",
    title="Greetings",
    parameters=Everybody,
    describe=lambda _: Description(title="All", text=""),
    children=lambda asked: [("hello", Greeting(name=name)) for name in asked.names],  # type: ignore[attr-defined]
)


@pytest.fixture
def types() -> JobTypes:
    return JobTypes([HELLO])


@pytest.fixture
def hinted() -> list[str]:
    """Collect the ids that were hinted."""
    return []


@pytest.fixture
def deleted() -> list[str]:
    """Collect the ids whose results were deleted."""
    return []


@pytest.fixture
def shared() -> list[tuple[str, str, str]]:
    """Collect whose results were given to whom."""
    return []


@pytest.fixture
def forgotten() -> list[tuple[str, str]]:
    """Collect whose credentials for which service were deleted."""
    return []


@pytest.fixture
def service(
    app: Flask,
    settings: config.Settings,
    types: JobTypes,
    hinted: list[str],
    deleted: list[str],
    shared: list[tuple[str, str, str]],
) -> Iterator[JobService]:
    with app.app_context():
        yield JobService(
            types=types,
            limits=Limits(
                execution_duration=600,
                max_execution_duration=3600,
                retention=timedelta(days=1),
                max_active_jobs=5,
            ),
            hint=hinted.extend,
            delete_results=deleted.append,
            share_results=lambda *names: shared.append(names),
            uploads=UploadStore(settings.instance / "uploads", max_bytes=1000),
        )


@pytest.fixture
def gateway(
    app: Flask,
    settings: config.Settings,
    types: JobTypes,
    hinted: list[str],
    forgotten: list[tuple[str, str]],
) -> DatabaseGateway:
    return DatabaseGateway(
        app,
        types=types,
        lease=timedelta(seconds=3),
        find_credential=find_example,
        forget_credential=lambda owner, service, before: not forgotten.append((owner, service)),
        find_upload=UploadStore(settings.instance / "uploads", max_bytes=1000).find,
        hint=hinted.extend,
    )


def find_example(owner: str, service: str) -> RemoteCredential | None:
    """Return a credential that says whose it is and for what; none outside of .example."""
    if not service.endswith(".example"):
        return None
    return RemoteCredential(user_name=owner, secret=service)


@pytest.fixture
def queued(service: JobService) -> Callable[[], str]:
    """Return a function that queues a job and returns its id."""

    def queue(name: str = "world") -> str:
        return service.create_job("hello", Greeting(name=name), owner=OWNER, run=True)

    return queue


@pytest.fixture(scope="session")
def uws_schema() -> etree.XMLSchema:
    """Return the schema of UWS 1.1."""
    return stilts.schema("UWS-v1.1.xsd")
