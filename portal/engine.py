"""The job engine of one app, joined with the rooms that it works for."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask

from portal.accounts import credentials
from portal.analysis.watching import watch_job
from portal.archives.health import health_checks
from portal.basket.completion import BasketCompletions
from portal.config import Settings
from portal.execution import query_job_type
from portal.notifications.telling import tell_end
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry
from portal.results.store import ResultStore
from portal.uws.database import DatabaseGateway
from portal.uws.limits import Limits
from portal.uws.moves import ON_END
from portal.uws.queue import Hints
from portal.uws.schedules import RecurringJob
from portal.uws.schedules import Timetable
from portal.uws.service import EXTENSION
from portal.uws.service import JobService
from portal.uws.types import JobTypes
from portal.uws.uploads import UploadStore
from portal.uws.wait import Watcher


def init_app(app: Flask, settings: Settings) -> None:
    """Give an app its jobs: their types, where they are kept, and what hands them out."""
    store = ResultStore(settings.results_dir)
    uploads = UploadStore(settings.instance / "uploads", max_bytes=settings.max_upload_bytes)
    hints = Hints(settings.redis_url)
    completions = BasketCompletions()
    app.extensions["results"] = store
    app.extensions["hints"] = hints
    registry = app.extensions["plugins"]
    types = JobTypes(
        query_job_type(query, registry, jobs_per_host=settings.jobs_per_host)
        for query in registry.queries
    )
    app.extensions["gateway"] = DatabaseGateway(
        app,
        types=types,
        lease=timedelta(seconds=settings.job_lease),
        find_credential=credentials.resolve,
        forget_credential=credentials.forget,
        find_upload=uploads.find,
        hint=hints.send,
        completions=completions,
    )
    app.extensions[EXTENSION] = JobService(
        types=types,
        limits=Limits(
            execution_duration=settings.default_execution_duration,
            max_execution_duration=settings.max_execution_duration,
            retention=timedelta(days=settings.retention_days),
            max_retention=timedelta(days=settings.max_retention_days),
            archive=timedelta(days=settings.archive_days),
            max_active_jobs=settings.max_active_jobs,
        ),
        hint=hints.send,
        delete_results=store.delete,
        share_results=store.share,
        uploads=uploads,
        completions=completions,
    )
    app.extensions[ON_END] = tell_end
    app.extensions["timetable"] = Timetable(
        app.extensions[EXTENSION], _recurring_jobs(settings, app.extensions["plugins"])
    )
    app.extensions["watcher"] = Watcher(
        app, budget=settings.wait_budget, budget_per_owner=settings.wait_budget_per_owner
    )


def _recurring_jobs(settings: Settings, registry: PluginRegistry) -> Iterator[RecurringJob]:
    if not settings.schedules:
        return
    yield from health_checks(registry)
    if registry.facilities:
        yield watch_job()
    for schedule in registry.schedules:
        query = registry.query(schedule.query)
        yield RecurringJob(
            id=schedule.id,
            title=schedule.title,
            type=query.id,
            parameters=read_form(query.Parameters, schedule.parameters.items()),
            every=schedule.every,
        )
