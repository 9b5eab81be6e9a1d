"""Notices: people hear that a job has ended or a session is ready, here, by e-mail, by webhook."""

from portal.notifications.models import Event
from portal.notifications.telling import tell

__all__ = ["Event", "tell"]
