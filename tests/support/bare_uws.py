"""The UWS engine alone: a small Flask app that is no portal, with one job type of its own."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from flask import Flask
from flask import request
from flask import Response

from portal.db import db
from portal.parameters import Example
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.uws.attempt import Attempt
from portal.uws.callers import Caller
from portal.uws.callers import NOBODY
from portal.uws.database import DatabaseGateway
from portal.uws.gateway import ResultRecord
from portal.uws.limits import Limits
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.routes import init_app
from portal.uws.routes import Surroundings
from portal.uws.service import EXTENSION
from portal.uws.service import JobService
from portal.uws.types import DeclaredResult
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.uploads import UploadStore
from portal.uws.wait import Watcher
from portal.uws.worker import execute_job
from portal.uws.worker import Runtime

PATH = "/service"


class Sum(Parameters):
    """What the type of this app takes."""

    numbers: list[float] = parameter(title="Numbers", unit="Jy", ucd="phot.flux", min_length=1)
    sign: Literal["plus", "minus"] = parameter("plus", title="Sign")
    times: int = parameter(1, title="Times", ge=1, le=9)


def describe(parameters: Parameters) -> Description:
    """Say what will be computed."""
    return Description(title="A sum", text=repr(parameters))


SUM = JobType(
    name="calc.sum",
    title="Sum",
    description="Adds numbers up.",
    parameters=Sum,
    describe=describe,
    version="3",
    aliases=("Calc.Total",),
    examples=(Example(title="Two", parameters={"numbers": "1 2"}),),
    results=(DeclaredResult(name="result", media_type="text/plain", description="The sum"),),
    documentation="https://example.org/sum",
)


@dataclass(frozen=True, kw_only=True)
class BareUws:
    """The app, and a function's worth of worker: `work` runs a job in this process."""

    app: Flask
    folder: Path

    def work(self, job_id: str) -> bool:
        """Run a queued job; False when there was nothing to claim."""
        return execute_job(
            job_id,
            Runtime(
                gateway=DatabaseGateway(
                    self.app, types=JobTypes([SUM]), lease=timedelta(seconds=3)
                ),
                executor=self._execute,
                lease_seconds=3,
            ),
        )

    def _execute(self, attempt: Attempt) -> list[ResultRecord]:
        asked = read_form(Sum, attempt.job.parameters)
        assert isinstance(asked, Sum)
        times = asked.times if asked.sign == "plus" else -asked.times
        text = str(sum(asked.numbers) * times)
        (self.folder / attempt.job.token).write_text(text, encoding="ascii")
        return [ResultRecord(name="result", mime_type="text/plain", size=len(text))]


def make_bare_uws(folder: Path) -> BareUws:
    """Return an app with its own database in `folder`; the user of Basic is the owner."""
    app = Flask("bare")
    app.testing = True
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'bare.sqlite'}"
    db.init_app(app)
    app.extensions[EXTENSION] = JobService(
        types=JobTypes([SUM]),
        limits=Limits(
            execution_duration=60,
            max_execution_duration=600,
            retention=timedelta(days=1),
            max_active_jobs=100,
        ),
        hint=lambda job_ids: None,
        delete_results=lambda job_id: None,
        uploads=UploadStore(folder / "uploads", max_bytes=1000),
    )
    app.extensions["watcher"] = Watcher(app, budget=10, budget_per_owner=5)

    def send_result(_job: Job, result: Result) -> Response:
        return Response((folder / result.token).read_bytes(), mimetype=result.mime_type)

    surroundings = Surroundings(
        caller=_caller,
        send_result=send_result,
        page_href=lambda job_id: f"/page/{job_id}",
        list_href=lambda *_asked: "/page/",
    )
    init_app(app, surroundings, path=PATH)
    with app.app_context():
        db.create_all()
    return BareUws(app=app, folder=folder)


def _caller() -> Caller:
    user = request.authorization.username if request.authorization else None
    return Caller(owner=user or NOBODY, name=user)
