"""What only one portal may hold: an instance folder and an address to listen on."""

import errno
import fcntl
import os
import socket
import time
from pathlib import Path

from portal.problems import PortalError

LOCK_FILE = "portal.lock"
LEFTOVERS = 10.0
LOOK_EVERY = 0.1
BACKLOG = 2048


class CannotStartError(PortalError):
    """The folder or the address cannot be had; the message says who has it or why."""

    title = "The portal cannot start"


def claim_folder(instance: Path) -> int:
    """Make the folder if need be and lock it; returns the descriptor that holds the lock.

    Children that must not exist twice inherit the descriptor: a portal started right after
    another was killed waits until they are gone. Raises CannotStartError.
    """
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(instance / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        _wait_for_lock(descriptor, instance)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError as error:
        message = f"The instance folder {instance} cannot be used: {error.strerror}."
        raise CannotStartError(message) from error
    return descriptor


def _wait_for_lock(descriptor: int, instance: Path) -> None:
    deadline = time.monotonic() + LEFTOVERS
    while not _lock(descriptor):
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        if _is_alive(holder) or time.monotonic() > deadline:
            os.close(descriptor)
            raise CannotStartError(
                f"Another portal (process {holder}) is running in {instance}."
                " Stop it, or choose another folder with PORTAL_INSTANCE."
            )
        time.sleep(LOOK_EVERY)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(holder: str) -> bool:
    try:
        os.kill(int(holder), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError):
        return False
    return not _has_ended(holder)


def _has_ended(pid: str) -> bool:
    """Say whether the process only waits for its parent to collect it (Linux)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] == "Z"


def claim_address(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; the web server inherits it.

    It outlives a restart of the web server, so that browsers wait instead of being refused.
    Raises CannotStartError.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotStartError(f"{host} is no address to listen on: {error.strerror}.") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotStartError(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use by another program."
            " Stop it, or choose another port with PORTAL_PORT."
        )
    return f"Cannot listen on port {port} of {host}: {error.strerror}."
