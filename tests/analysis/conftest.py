import pytest
from sqlalchemy import select

from portal.analysis.models import AnalysisSession
from portal.db import db


@pytest.fixture
def the_session(app):
    """Return a function that reads the only session."""

    def read():
        with app.app_context():
            return db.session.scalars(select(AnalysisSession)).one()

    return read
