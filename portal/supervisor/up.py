"""What `portal up` runs, and how its parts find one another."""

import asyncio
import socket
import sys
from collections.abc import Mapping
from functools import partial

from portal import valkey
from portal.config import Settings
from portal.problems import PortalError
from portal.supervisor.child import Patience
from portal.supervisor.child import Program
from portal.supervisor.child import say
from portal.supervisor.claims import claim_address
from portal.supervisor.claims import claim_folder
from portal.supervisor.plan import carry_out
from portal.supervisor.plan import Plan

CANNOT_START = 2
PORTAL_COMMAND = "from portal.cli import main; main(prog_name='portal')"
LOOK_EVERY = 0.1
VALKEY_READY = 5.0
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to reach what listens everywhere


def run(settings: Settings) -> int:
    """Run the portal until a signal; returns 0 stopped, 1 failed, 2 folder or address taken."""
    try:
        lock = claim_folder(settings.instance)
        listener = claim_address(settings.host, settings.port)
        return carry_out(plan_for(settings, lock=lock, listener=listener), Patience())
    except PortalError as error:
        sys.stderr.write(f"{error.title}: {error}\n")
        return CANNOT_START


def plan_for(settings: Settings, *, lock: int, listener: socket.socket) -> Plan:
    """Return what runs; the folder's lock and the listening socket go to those who need them."""
    server = _embedded_valkey(settings)
    redis_url = settings.redis_url if server is None else server.url
    environment = {
        "PORTAL_INSTANCE": str(settings.instance),
        "PORTAL_HOST": settings.host,
        "PORTAL_PORT": str(settings.port),
    }
    if redis_url is not None:  # by environment: everybody may read a command line
        environment["PORTAL_REDIS_URL"] = redis_url
    return Plan(
        broker=None if server is None else Program("valkey", server.command, inherits=(lock,)),
        broker_ready=partial(_valkey_ready, server),
        preparation=Program("schema", _portal("db", "upgrade"), environment),
        services=(
            _web_server(environment, lock, listener),
            Program("worker", _portal("worker", "-n", str(settings.workers)), environment),
        ),
        announce=partial(_announce, settings, listener),
    )


def _embedded_valkey(settings: Settings) -> valkey.Server | None:
    if settings.redis_url is not None:
        return None
    server = valkey.embed(settings.instance)
    if server is None:
        say("portal", "no Valkey or Redis is installed: jobs start about a second later")
    return server


async def _valkey_ready(server: valkey.Server | None) -> None:
    if server is not None and not await server.answers_within(VALKEY_READY):
        say("portal", "valkey does not answer; jobs start about a second later until it does")


def _web_server(environment: Mapping[str, str], lock: int, listener: socket.socket) -> Program:
    descriptor = listener.fileno()
    command = (
        *(sys.executable, "-m", "gunicorn"),
        *("--config", "python:portal.supervisor.webserver"),
        *("--bind", f"fd://{descriptor}", "portal:create_app()"),
    )
    return Program("web", command, environment, inherits=(lock, descriptor))


def _portal(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", PORTAL_COMMAND, *arguments)


async def _announce(settings: Settings, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    host = HERE.get(host, host)
    while not await _answers(host, port):  # noqa: ASYNC110 - another process decides
        await asyncio.sleep(LOOK_EVERY)
    here = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    say("portal", f"ready at {settings.public_url or here}/ (Ctrl-C stops it)")


async def _answers(host: str, port: int) -> bool:
    """Ask /health; the kernel keeps the request until the web server is there to take it."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/")
    except ConnectionError:
        return False
    finally:
        writer.close()
