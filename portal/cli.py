"""The `portal` command."""

import sys

import click

from portal import config
from portal import create_app
from portal import create_runtime
from portal import logs
from portal.config import Settings
from portal.problems import PortalError


@click.group()
def main() -> None:
    """Run and look after an archive portal."""


@main.command()
def up() -> None:
    """Start everything: web server, workers and, where none is given, Valkey."""
    from portal import supervisor

    sys.exit(supervisor.run(_settings()))


@main.command()
@click.option("-n", "--number", type=click.IntRange(1), help="Jobs that run at the same time.")
def worker(number: int | None) -> None:
    """Run jobs until told to stop."""
    from portal.uws.crew import start_crew
    from portal.uws.service import EXTENSION

    settings = _settings()
    app = create_app(settings)
    _preload()
    start_crew(
        app,
        service=app.extensions[EXTENSION],
        runtime=create_runtime(app),
        redis_url=settings.redis_url,
        size=number or settings.workers,
    )


@main.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables of the database up to date."""
    from flask_migrate import upgrade

    app = create_app(_settings())
    with app.app_context():
        upgrade()


@main.command()
def plugins() -> None:
    """List the plugins, and why some are set aside."""
    registry = create_app(_settings()).extensions["plugins"]
    for plugin in registry.plugins:
        state = f"set aside: {plugin.reason}" if plugin.reason else "in use"
        click.echo(f"{plugin.name}\t{plugin.version}\t{state}")
    if any(plugin.reason for plugin in registry.plugins):
        sys.exit(1)


def _settings() -> Settings:
    try:
        settings = config.load()
    except PortalError as error:
        sys.exit(f"{error.title}:\n{error.message}")
    logs.set_up(settings.log_level)
    return settings


def _preload() -> None:
    """Import before forking what every job needs, so that no job waits for it."""
    import pyvo.dal  # noqa: F401
