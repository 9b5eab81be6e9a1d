"""The `portal` command."""

import os
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from typing import TYPE_CHECKING

import click

from portal import config
from portal import create_app
from portal import create_database_app
from portal import logs
from portal.config import Settings
from portal.problems import PortalError

if TYPE_CHECKING:
    from portal.plugins.loading import Plugin


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
@click.option("--remote", metavar="URL", help="Run jobs of the portal at this address.")
@click.option(
    "--token-file",
    type=click.File(),
    help="Holds the token of a remote worker; else it is in PORTAL_WORKER_TOKEN.",
)
def worker(number: int | None, remote: str | None, token_file: IO[str] | None) -> None:
    """Run jobs until told to stop."""
    settings = _settings()
    size = number or settings.workers
    if remote is not None:
        return _work_afar(settings, remote, token_file, size)
    from portal.rehearsal import rehearse_work
    from portal.runtime import create_runtime
    from portal.upkeep import Upkeep
    from portal.uws.crew import start_crew
    from portal.uws.service import EXTENSION

    app = create_app(settings)
    runtime = create_runtime(app)
    rehearse_work()
    return start_crew(
        app,
        service=app.extensions[EXTENSION],
        timetable=app.extensions["timetable"],
        runtime=runtime,
        redis_url=settings.redis_url,
        size=size,
        beside=[Upkeep(app, runtime.forget).run],
    )


def _work_afar(settings: Settings, url: str, token_file: IO[str] | None, size: int) -> None:
    from portal.rehearsal import rehearse_work
    from portal.runtime import create_outpost
    from portal.uws.remote_crew import start_remote_crew

    token = token_file.read() if token_file else os.environ.get("PORTAL_WORKER_TOKEN", "")
    if not token.strip():
        raise click.UsageError("A remote worker needs --token-file or PORTAL_WORKER_TOKEN.")
    with TemporaryDirectory(prefix="portal-worker-") as scratch:
        folder = Path(scratch)
        outpost = create_outpost(settings, url=url, token=token.strip(), scratch=folder)
        rehearse_work()
        try:
            start_remote_crew(outpost, scratch=folder, size=size)
        except PortalError as error:
            raise click.ClickException(error.message) from None


@main.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables of the database up to date."""
    from flask_migrate import upgrade

    with create_database_app(_settings()).app_context():
        upgrade()


@main.command()
def plugins() -> None:
    """List the plugins, and why some are set aside."""
    registry = create_app(_settings()).extensions["plugins"]
    for plugin in registry.plugins:
        state = f"set aside: {_in_a_line(plugin.reason)}" if plugin.reason else "in use"
        click.echo(f"{plugin.name}\t{plugin.version}\t{state}")
    if any(plugin.reason for plugin in registry.plugins):
        sys.exit(1)


@main.command()
@click.option("--ask", is_flag=True, help="Ask described TAP services for tables and columns.")
@click.argument("files", nargs=-1, type=click.Path(), metavar="[FILE]...")
def doctor(files: tuple[str, ...], *, ask: bool) -> None:
    """Say what is wrong with the settings, the plugins, the archives and where people sign in.

    With FILEs, only these descriptions of archives or workflows are checked.
    """
    from portal.plugins.described.reading import find_files
    from portal.plugins.described.services import ask_services
    from portal.runtime import load_registry
    from portal.runtime import only_these

    settings = _settings()
    logs.set_up("CRITICAL")  # what is wrong is printed below
    if files:
        settings = settings.model_copy(update=only_these(files))
    with TemporaryDirectory(prefix="portal-doctor-") as scratch:
        registry = load_registry(settings, None, Path(scratch))
    plugins = registry.plugins
    named = set(find_files(files))
    shown = [plugin for plugin in plugins if plugin.file in named or not files]
    for plugin in shown:
        if ask and plugin.file and plugin.reason is None:
            found = ask_services(
                plugin.file, plugin.archives, allow=frozenset(settings.remote_allow)
            )
            plugin.reason = "\n".join(map(str, found)) or None
        _tell_state(plugin)
    if not files:
        tell_lost_sessions(settings, {one.id for one in registry.facilities})
    can_sign_in = bool(files) or _tell_sign_in(settings)
    if any(plugin.reason for plugin in shown) or not can_sign_in:
        sys.exit(1)


def tell_lost_sessions(settings: Settings, facilities: AbstractSet[str]) -> None:
    """Print which sessions the portal cannot end, as their facility is set up no more."""
    from sqlalchemy import create_engine
    from sqlalchemy import inspect
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import Session

    from portal.analysis.sessions import count_live

    url = make_url(settings.sqlalchemy_url())
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return  # a portal that was never started, and looking would make the file
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            is_there = inspect(engine).has_table("analysis_session")
            found = count_live(session) if is_there else {}
    except SQLAlchemyError:
        click.echo("database: it does not answer, so nobody knows which sessions there are")
        return
    finally:
        engine.dispose()
    for facility, count in found.items():
        if facility not in facilities:
            click.echo(
                f"sessions: {count} at {facility}, which is no facility of this portal any more: "
                "they cannot be ended from here"
            )


def _tell_sign_in(settings: Settings) -> bool:
    """Print whether each identity provider is what it should be; False when one is not."""
    from portal.accounts.identity.failures import told_in_our_words
    from portal.accounts.identity.metadata import load_metadata
    from portal.accounts.identity.transport import provider_policy

    if settings.has_development_login:
        click.echo("development_login: on, so anybody on this computer is let in under any name")
    are_right = True
    for provider in settings.identity_providers:
        name = f"identity_providers, {provider.id}"
        try:
            with told_in_our_words(provider.title):
                load_metadata(provider, provider_policy(provider, settings))
            click.echo(f"{name}: ok")
        except PortalError as error:
            are_right = False
            click.echo(f"{name}: {error.message}")
    return are_right


def _tell_state(plugin: "Plugin") -> None:
    """Print what a plugin or a file adds, or what is wrong, a line for each thing."""
    name = plugin.file or plugin.name
    if plugin.reason is None:
        kind, count = "archive", len(plugin.archives)
        if plugin.workflows:
            kind, count = "workflow", len(plugin.workflows)
        click.echo(f"{name}: ok, {count} {kind}{'' if count == 1 else 's'}")
    for line in (plugin.reason or "").splitlines():
        click.echo(f"{name}: {line}")


def _in_a_line(reason: str) -> str:
    return "; ".join(reason.splitlines())


@main.group()
def token() -> None:
    """Make, list and revoke the API tokens that programs call with."""


@token.command("create")
@click.argument("name")
@click.option("--label", default="", help="What it is for, to tell it from others.")
@click.option("--days", type=click.IntRange(1, 36_500), help="How long it lasts; else for ever.")
@click.option("--scope", type=click.Choice(["user", "worker"]), default="user", show_default=True)
def token_create(name: str, label: str, days: int | None, scope: str) -> None:
    """Make a token for NAME and print it; it cannot be shown again."""
    from portal.accounts import tokens

    lifetime = None if days is None else timedelta(days=days)
    with _database():
        owner = tokens.named_owner(name)
        made = tokens.make_token(owner, label=label, scope=tokens.Scope(scope), lifetime=lifetime)
    click.echo(made.secret)


@token.command("list")
def token_list() -> None:
    """List everybody's tokens, newest first; a dash is a token that a browser made."""
    from portal.accounts import tokens
    from portal.display import iso

    with _database():
        click.echo("id\tname\tscope\tcreated\tlast used\texpires\tlabel")
        for one in tokens.list_tokens(None):
            times = (one.creation_time, one.last_used, one.expires)
            shown = (iso(time) if time else "never" for time in times)
            name = tokens.shown_name(one.owner)
            click.echo("\t".join([one.id, name, one.scope, *shown, one.label]))


@token.command("revoke")
@click.argument("token_id", metavar="ID")
def token_revoke(token_id: str) -> None:
    """Revoke the token with this ID, whoever's it is."""
    from portal.accounts import tokens

    with _database():
        tokens.revoke_token(token_id, owner=None)


@contextmanager
def _database() -> Iterator[None]:
    """Work with the database; what the portal refuses becomes the command's error."""
    from sqlalchemy import inspect

    from portal.db import db

    with create_app(_settings()).app_context():
        if not inspect(db.engine).has_table("api_token"):
            raise click.ClickException("The database is not set up. Run: portal db upgrade")
        try:
            yield
        except PortalError as error:
            raise click.ClickException(error.message) from None


def _settings() -> Settings:
    try:
        settings = config.load()
    except PortalError as error:
        sys.exit(f"{error.title}:\n{error.message}")
    logs.set_up(settings.log_level)
    return settings
