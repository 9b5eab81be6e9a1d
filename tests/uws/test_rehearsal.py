"""What is rehearsed leaves no trace, and what jobs do later is compiled by then."""

import pytest
from sqlalchemy import event
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.engine.interfaces import CacheStats

from portal.db import db
from portal.uws.family import list_children
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job
from portal.uws.models import LogLine
from portal.uws.models import Result
from portal.uws.rehearsal import rehearse_family
from portal.uws.types import JobTypes
from tests.uws.conftest import Everybody
from tests.uws.conftest import HELLO
from tests.uws.conftest import HELLO_ALL
from tests.uws.conftest import OWNER


@pytest.fixture
def types():
    return JobTypes([HELLO, HELLO_ALL])


def test_of_a_rehearsed_family_nothing_stays(app, types):
    rehearse_family(app, types)

    with app.app_context():
        for model in (Job, LogLine, Result):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_a_job_compiles_nothing_that_was_rehearsed(app, types, service, gateway):
    with app.app_context():
        parent = service.create_job(
            "hello.all", Everybody(names=["Ada", "Bob"]), owner=OWNER, run=True
        )
        parts = list_children(parent)
        db.engine.clear_compiled_cache()
    rehearse_family(app, types)
    compiled = []

    def look(_connection, _cursor, statement, _values, context, _many):
        if context.cache_hit is CacheStats.CACHE_MISS:
            compiled.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", look)
    for job_id in (*parts, parent):
        job = gateway.claim(job_id)
        gateway.log(job, ["a line"])
        gateway.children(job)
        gateway.partial(job, ResultRecord(name="result", mime_type="x", info={"rows": 1}))
        gateway.finish(job, [ResultRecord(name="result", mime_type="x", info={"rows": 2})])

    assert compiled == []
