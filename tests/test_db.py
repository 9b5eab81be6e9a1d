from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import UTC

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Dialect
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal import MIGRATIONS
from portal.db import db
from portal.db import init_migrations
from portal.db import UtcDateTime

SUMMER_TIME = timezone(timedelta(hours=2))


@pytest.fixture
def empty_app(settings):
    """Return an app whose database has no tables."""
    app = create_app(settings, plugins=[])
    init_migrations(app, directory=str(MIGRATIONS))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_the_migrations_make_the_tables_that_the_models_want(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), db.metadata)

    assert differences == []


def test_the_migrations_can_be_taken_back(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="base")
        with db.engine.connect() as connection:
            tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type='table'"))
            assert [name for (name,) in tables] == ["alembic_version"]


def test_an_upgrade_keeps_what_hangs_on_the_jobs(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0001")
        with db.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO job (id, type, owner, phase, title, text, creation_time,"
                    " execution_duration, message, version, attempt)"
                    " VALUES ('a', 't', 'o', 'PENDING', '', '', '2026-01-01', 0, '', 0, 0)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO parameter (job_id, position, name, value, by_reference)"
                    " VALUES ('a', 0, 'query', 'SELECT 1', 0)"
                )
            )
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            kept = connection.execute(text("SELECT value FROM parameter")).scalars().all()

    assert kept == ["SELECT 1"]


def test_sqlite_waits_for_locks_and_keeps_its_commits(empty_app):
    with empty_app.app_context(), db.engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }

    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 10_000,
        "foreign_keys": 1,
    }


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_instants_come_back_as_they_went_whatever_their_zone(dialect: Dialect):
    kind = UtcDateTime()
    noon = datetime(2026, 7, 1, 12, tzinfo=SUMMER_TIME)

    stored = kind.process_bind_param(noon, dialect)

    assert kind.process_result_value(stored, dialect) == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 7, 1), sqlite.dialect())  # noqa: DTZ001


def test_an_error_of_the_database_does_not_say_what_was_asked(app):
    with app.app_context(), pytest.raises(OperationalError) as error:
        db.session.execute(text("SELECT :secret FROM nowhere"), {"secret": "canary"})

    assert "canary" not in str(error.value)
