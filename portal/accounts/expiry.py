"""What ends by itself: sign-ins under way, sessions of browsers, programs that wait, and tokens."""

from datetime import datetime

from sqlalchemy import delete

from portal.accounts.models import DeviceLogin
from portal.accounts.models import LoginSession
from portal.accounts.models import Ticket
from portal.accounts.tokens import delete_expired_sessions
from portal.db import db


def delete_expired(now: datetime) -> None:
    """Delete what has expired, whoever it belonged to; does not commit."""
    for table in (Ticket, LoginSession, DeviceLogin):
        statement = delete(table).where(table.expires <= now)
        db.session.execute(statement.execution_options(synchronize_session=False))
    delete_expired_sessions(now)
