"""The command `portal-samp`: results go to desktop programs, and their tables come, by SAMP.

For those whose browser reaches no hub. It speaks the Standard Profile, so it runs on the
machine where TOPCAT, Aladin or DS9 run.
"""

import argparse
import queue
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal_client.errors import PortalError
from portal_client.portal import Portal

NAME = "Archive portal (command line)"
FORMATS = {"votable": ("vot", "table.load.votable"), "fits": ("fits", "table.load.fits")}
TABLES = [mtype for _, mtype in FORMATS.values()]
SCHEMES = frozenset({"file", "http", "https"})
ANSWER_SECONDS = "120"
FETCH_SECONDS = 60
CHUNK = 1 << 20


class BridgeError(Exception):
    """Something on this machine is not as it has to be; the message says what to do."""


class Bridge:
    """A portal on one side, and on the other the hub of this machine."""

    def __init__(self, portal: Portal, hub: Any) -> None:
        """Take a portal and a connected client of pyvo's."""
        self._portal = portal
        self._hub = hub

    def send_result(
        self,
        job_id: str,
        *,
        result: str = "result",
        rows: str = "",
        form: str = "votable",
        to: str | None = None,
    ) -> list[str]:
        """Send a result, or some of its rows, and return what each program answered.

        The programs fetch it from the portal themselves, by an address that ends soon.
        """
        job = self._portal.job(job_id)
        extension, mtype = FORMATS[form]
        url = self._portal.signed_url(job.id, result, extension=extension, rows=rows)
        return self._send(mtype, {"url": url, "name": f"{job.type} {job.id[:8]}"}, to)

    def send_basket(self, *, to: str | None = None) -> list[str]:
        """Send the items of the basket as one table, and return what each program answered."""
        table = self._portal.basket.table()
        if not len(table):
            raise BridgeError("The basket is empty.")
        with tempfile.TemporaryDirectory(prefix="portal-samp-") as folder:
            path = Path(folder) / "basket.vot"
            table.write(path, format="votable")
            return self._send(TABLES[0], {"url": path.as_uri(), "name": "Basket"}, to)

    def receive(self, *, once: bool = False) -> Iterator[str]:
        """Take every table that a program sends to the portal; yield what became of each."""
        messages: queue.SimpleQueue[tuple[str, Mapping[str, Any]]] = queue.SimpleQueue()

        def take(
            _key: str, sender: str, _mtype: str, params: Mapping[str, Any], _extra: object
        ) -> None:
            messages.put((sender, params))

        def answer(
            key: str, sender: str, message_id: str, mtype: str, params: Any, extra: object
        ) -> None:
            self._hub.reply(message_id, {"samp.status": "samp.ok", "samp.result": {}})
            take(key, sender, mtype, params, extra)

        for mtype in TABLES:
            self._hub.bind_receive_notification(mtype, take)
            self._hub.bind_receive_call(mtype, answer)
        while True:
            sender, params = messages.get()
            yield self._keep(self._name_of(sender), params)
            if once:
                return

    def _send(self, mtype: str, params: Mapping[str, str], to: str | None) -> list[str]:
        names = {one: self._name_of(one) for one in self._hub.get_subscribed_clients(mtype)}
        chosen = [one for one, name in names.items() if to is None or name == to]
        if not chosen:
            known = ", ".join(sorted(names.values())) or "nobody"
            raise BridgeError(f"No such program understands {mtype}; these do: {known}.")
        message = {"samp.mtype": mtype, "samp.params": dict(params)}
        answers = [
            (names[one], self._hub.call_and_wait(one, message, ANSWER_SECONDS)) for one in chosen
        ]
        return [_said(name, answer) for name, answer in answers]

    def _keep(self, sender: str, params: Mapping[str, Any]) -> str:
        name = str(params.get("name") or "Table")[:200]
        try:
            with _fetched(str(params.get("url", ""))) as path:
                job = self._portal.submit(
                    "samp.table", {"name": name, "sender": sender}, files={"table": path}
                )
        except (BridgeError, OSError, PortalError) as error:
            return f"{name} from {sender} was not kept: {error}"
        return f"{name} from {sender} is kept: {self._portal.url}jobs/{job.id}"

    def _name_of(self, client_id: str) -> str:
        name = str(self._hub.get_metadata(client_id).get("samp.name", client_id))
        return "".join(one for one in name if one.isprintable())[:100]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    asked = _parser().parse_args(arguments)
    try:
        with _connected() as hub:
            for line in _run(asked, Bridge(Portal(asked.portal), hub)):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    except (BridgeError, PortalError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _run(asked: argparse.Namespace, bridge: Bridge) -> Iterator[str]:
    if asked.what == "receive":
        yield from bridge.receive(once=asked.once)
    elif asked.job == "basket":
        yield from bridge.send_basket(to=asked.to)
    else:
        yield from bridge.send_result(
            asked.job, result=asked.result, rows=asked.rows, form=asked.format, to=asked.to
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="portal-samp",
        description="Bring tables from a portal to programs on this machine, and back. "
        "The address of the portal is PORTAL_URL, and your API token PORTAL_TOKEN.",
    )
    parser.add_argument("--portal", help="the address of the portal, instead of PORTAL_URL")
    commands = parser.add_subparsers(dest="what", required=True)
    send = commands.add_parser("send", help="send a result, or the basket")
    send.add_argument("job", help="the id or address of a job, or the word basket")
    send.add_argument("--result", default="result", help="the name of the result")
    send.add_argument("--rows", default="", help="some rows only, from 0, such as 0-4,9")
    send.add_argument("--format", choices=FORMATS, default="votable")
    send.add_argument("--to", help="the name of one program; otherwise all that understand it")
    receive = commands.add_parser("receive", help="keep the tables that programs send as results")
    receive.add_argument("--once", action="store_true", help="end after the first table")
    return parser


@contextmanager
def _connected() -> Iterator[Any]:
    try:
        from pyvo.samp import SAMPHubError
        from pyvo.samp import SAMPIntegratedClient
    except ImportError as error:
        raise BridgeError("Install pyvo 1.9 or later first: pip install 'pyvo>=1.9'") from error
    client = SAMPIntegratedClient(
        name=NAME, description="Brings tables from an archive portal, and back."
    )
    try:
        client.connect()
    except SAMPHubError as error:
        raise BridgeError("No hub runs here. Start TOPCAT or Aladin, and try again.") from error
    try:
        yield client
    finally:
        client.disconnect()


@contextmanager
def _fetched(url: str) -> Iterator[Path]:
    """Fetch a table that a program of this machine offers; such addresses are its files, too."""
    if urlsplit(url).scheme not in SCHEMES:
        raise BridgeError("it has no address that could be fetched")
    with tempfile.TemporaryDirectory(prefix="portal-samp-") as folder:
        path = Path(folder) / "table"
        source = urllib.request.urlopen(url, timeout=FETCH_SECONDS)  # noqa: S310 - checked
        with source, path.open("wb") as file:
            shutil.copyfileobj(source, file, CHUNK)
        yield path


def _said(name: str, answer: Mapping[str, Any]) -> str:
    if answer.get("samp.status") == "samp.ok":
        return f"{name} has taken it"
    reason = answer.get("samp.error", {}).get("samp.errortxt", "it gave no reason")
    return f"{name} did not take it: {reason}"
