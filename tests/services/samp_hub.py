"""A hub as desktop programs bring it (SAMP 1.3, both profiles), and a program at it."""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from pyvo.samp import SAMPHubServer
from pyvo.samp import SAMPIntegratedClient
from pyvo.samp import WebProfileDialog
from pyvo.samp.lockfile_helpers import check_running_hub

LOCK = Path(tempfile.gettempdir()) / f"samp-hub-{os.getuid()}.lock"


class Consent(WebProfileDialog):
    """Answers for the user whether a page may join, and remembers the names that asked."""

    def __init__(self) -> None:
        self.says_yes = True
        self.names: list[str] = []

    def show_dialog(self, samp_name, details, client, origin):
        self.names.append(samp_name)
        (self.consent if self.says_yes else self.reject)()


@contextlib.contextmanager
def desktop_hub(folder: Path) -> Iterator[Path]:
    """Run a hub of the Standard Profile alone, on any port; yield its lock file."""
    server = SAMPHubServer(web_profile=False, lockfile=str(folder / ".samp"), mode="multiple")
    server.start()
    try:
        yield folder / ".samp"
    finally:
        server.stop()


@contextlib.contextmanager
def hub(folder: Path) -> Iterator[tuple[Path, Consent]]:
    """Run a hub on the Web Profile's fixed port, of which a machine has one; yield its lock file.

    Another run that wants it waits.
    """
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        consent = Consent()
        server = SAMPHubServer(
            web_profile=True,
            web_profile_dialog=consent,
            lockfile=str(folder / ".samp"),
            mode="multiple",
            pool_size=20,
        )
        server.start()
        stopped = threading.Event()
        asker = threading.Thread(target=_ask, args=(consent, stopped), daemon=True)
        asker.start()
        try:
            yield folder / ".samp", consent
        finally:
            stopped.set()
            asker.join()
            server.stop()


def _ask(consent: Consent, stopped: threading.Event) -> None:
    while not stopped.wait(0.05):
        consent.handle_queue()


class Program:
    """A desktop program: keeps what it is sent, and says that it has taken it."""

    def __init__(self, lockfile: Path, name: str, *mtypes: str, **metadata: str) -> None:
        _, hub_params = check_running_hub(str(lockfile))
        self.client = SAMPIntegratedClient(name=name, metadata=metadata or None)
        self.client.connect(hub_params=hub_params, pool_size=5)
        self._came = threading.Condition()
        self._messages: list[tuple[str, dict]] = []
        for mtype in mtypes:
            self.client.bind_receive_call(mtype, self._take_call)
            self.client.bind_receive_notification(mtype, self._take)

    def message(self, seconds: float = 30) -> tuple[str, dict]:
        """Wait for a message, and return its MType and its parameters."""
        with self._came:
            assert self._came.wait_for(lambda: self._messages, seconds), "no message came"
            return self._messages.pop(0)

    def notify(self, mtype: str, **params: object) -> None:
        """Send to everybody, and wait for no answer."""
        self.client.notify_all({"samp.mtype": mtype, "samp.params": _dashed(params)})

    def call(self, mtype: str, **params: object) -> dict:
        """Send to everybody who understands it, and return what the first of them answers."""
        (recipient, *_) = self.client.get_subscribed_clients(mtype)
        message = {"samp.mtype": mtype, "samp.params": _dashed(params)}
        return self.client.call_and_wait(recipient, message, "20")

    def close(self) -> None:
        """Leave the hub."""
        self.client.disconnect()

    def _take_call(self, key, sender, message_id, mtype, params, extra):
        self._take(key, sender, mtype, params, extra)
        self.client.reply(message_id, {"samp.status": "samp.ok", "samp.result": {}})

    def _take(self, _key, _sender, mtype, params, _extra):
        with self._came:
            self._messages.append((mtype, params))
            self._came.notify_all()


def _dashed(params: dict[str, object]) -> dict[str, object]:
    return {name.replace("_", "-"): value for name, value in params.items()}
