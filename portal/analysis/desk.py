"""What every launch works with, joined once for each app."""

from flask import Flask

from portal.analysis.book import SessionBook
from portal.analysis.ending import SessionEnder
from portal.analysis.launching import LaunchDesk
from portal.analysis.preparation import Preparation
from portal.analysis.repository.publishing import FOLDER
from portal.config import Settings
from portal.plugins.registry import PluginRegistry


def open_desk(app: Flask, settings: Settings, registry: PluginRegistry) -> LaunchDesk:
    """Join it; nothing is opened yet."""
    book = SessionBook(app)
    publications = settings.instance / FOLDER
    return LaunchDesk(
        book=book,
        preparation=Preparation(app, settings, book, publications),
        ender=SessionEnder(registry, book, publications),
        publications=publications,
        address=settings.address,
        session_hours=settings.session_hours,
        sessions_per_owner=settings.sessions_per_owner,
    )
